import fc from "fast-check";
import { hostClaim, serviceClaim } from "../../../../plugins/discovery/dns_sd/own_records.ts";
import type { ClaimSpec } from "../../../../plugins/discovery/dns_sd/link/claim.ts";
import { encode, type Question, type ResourceRecord } from "../../../../services/dns/dns_packet.ts";
import { assert, assertEquals } from "../../../assert.ts";
import { checkProperty } from "../../../property.ts";
import { told, Wire } from "./_wire.ts";

function web(port = 80, host = "here.local"): ClaimSpec {
  return serviceClaim({ label: "Web", type: "_http._tcp", port, txt: { path: "/" } }, () => host);
}

const query = (questions: Question[], answers: ResourceRecord[] = [], id = 0): Uint8Array =>
  encode({ type: "query", id, questions, answers });
const ptr: Question = { name: "_http._tcp.local", type: "PTR" };
const neighbour = { hostname: "10.0.0.9", port: 5353 };

/** A wire with a host that has announced `Web`. */
function established(): Wire & { receive(message: Uint8Array, from?: typeof neighbour): void } {
  const wire = new Wire();
  const { link } = wire.host("10.0.0.1");
  link.claim(hostClaim("here", ["10.0.0.1"]));
  link.claim(web());
  wire.clock.advance(10_000);
  wire.take();
  return Object.assign(wire, {
    receive: (message: Uint8Array, from = neighbour) => link.receive(message, from),
  });
}

Deno.test("a name is asked for three times, 250 ms apart, and then announced twice, a second apart", () => {
  const wire = new Wire();
  const { link, settled } = wire.host("10.0.0.1");
  const claim = link.claim(web());
  const times: string[] = [];
  for (let ms = 0; ms < 5_000; ms += 5) {
    wire.clock.advance(5);
    for (const { packet } of wire.take()) {
      times.push(`${wire.clock.now()} ${packet.type} ${packet.authorities.length}`);
    }
  }
  assertEquals(times, [
    "125 query 2",
    "375 query 2",
    "625 query 2",
    "875 response 0",
    "1875 response 0",
  ]);
  assertEquals(settled, [claim]);
});

Deno.test("announcements have all records, those of our own with the cache-flush bit", () => {
  const wire = new Wire();
  const { link } = wire.host("10.0.0.1");
  link.claim(web());
  wire.clock.advance(900);
  const { packet, to } = wire.take().at(-1)!;
  assertEquals(to, "all");
  assertEquals(packet.answers.map((record) => `${told(record)} ${record.flush}`), [
    "SRV Web._http._tcp.local 120 true",
    "TXT Web._http._tcp.local 120 true",
    "PTR _http._tcp.local 120 false",
    "PTR _services._dns-sd._udp.local 120 false",
  ]);
});

Deno.test("who comes second gets another name, and the first keeps its own", () => {
  const wire = new Wire();
  const first = wire.host("10.0.0.1");
  const one = first.link.claim(web(80, "one.local"));
  wire.clock.advance(10_000);
  const other = wire.host("10.0.0.2").link.claim(web(80, "two.local"));
  wire.clock.advance(10_000);
  assertEquals([one.name, other.name], ["Web._http._tcp.local", "Web #2._http._tcp.local"]);
  assert(one.isOurs && other.isOurs);
});

Deno.test("of two who ask at the same time one gets the name", () => {
  const wire = new Wire();
  const claims = [wire.host("10.0.0.1").link.claim(web(81)), wire.host("10.0.0.2").link.claim(web(80))];
  wire.clock.advance(20_000);
  assertEquals(claims.map(({ name }) => name), ["Web._http._tcp.local", "Web #2._http._tcp.local"]);
});

Deno.test("a restart of our own, with the same data, takes no second name", () => {
  const wire = new Wire();
  wire.host("10.0.0.1").link.claim(web());
  wire.clock.advance(10_000);
  const again = wire.host("10.0.0.2").link.claim(web());
  wire.clock.advance(10_000);
  assertEquals(again.name, "Web._http._tcp.local");
});

Deno.test("two who meet when both have the name settle it: networks were joined", () => {
  const wire = new Wire();
  const [one, other] = [wire.host("10.0.0.1"), wire.host("10.0.0.2")];
  const claims = [one.link.claim(web(80)), other.link.claim(web(81))];
  wire.clock.advance(60_000);
  const names = claims.map(({ name }) => name);
  assertEquals(new Set(names).size, 2);
  // The loser's name is said by somebody else after all.
  const [loser] = names.map((name, at) => ({ name, at })).filter(({ name }) => name.includes("#"));
  assert(loser !== undefined && claims.every(({ isOurs }) => isOurs));
});

Deno.test("what is withdrawn says goodbye, once it was known", () => {
  const wire = new Wire();
  const { link } = wire.host("10.0.0.1");
  const claim = link.claim(web());
  wire.clock.advance(10_000);
  wire.take();
  link.release(claim);
  assertEquals(wire.take().map(({ packet }) => packet.answers.map(told)), [[
    "SRV Web._http._tcp.local 0",
    "TXT Web._http._tcp.local 0",
    "PTR _http._tcp.local 0",
    "PTR _services._dns-sd._udp.local 0",
  ]]);
  const never = link.claim(web());
  link.release(never);
  assertEquals(wire.take(), []);
});

Deno.test("a shared answer waits a little, and brings what is asked next", () => {
  const wire = established();
  wire.receive(query([ptr]));
  wire.clock.advance(19);
  assertEquals(wire.take(), []);
  wire.clock.advance(101);
  const [{ packet, to }] = wire.take() as [ReturnType<typeof wire.take>[number]];
  assertEquals([to, packet.answers.map(told)], ["all", ["PTR _http._tcp.local 120"]]);
  assertEquals(packet.additionals.map(told), [
    "SRV Web._http._tcp.local 120",
    "A here.local 120",
    "TXT Web._http._tcp.local 120",
  ]);
});

Deno.test("what the asker knows is not said, but when it has half forgotten it", () => {
  const wire = established();
  const known = (ttl: number): ResourceRecord => ({ ...ptr, class: "IN", ttl, data: "Web._http._tcp.local" });
  wire.receive(query([ptr], [known(60)]));
  wire.clock.advance(1_000);
  assertEquals(wire.take(), []);
  wire.receive(query([ptr], [known(59)]));
  wire.clock.advance(1_000);
  assertEquals(wire.take().length, 1);
});

Deno.test("the known answers of a truncated question are awaited", () => {
  const wire = established();
  const known: ResourceRecord = { ...ptr, class: "IN", ttl: 100, data: "Web._http._tcp.local" };
  wire.receive(encode({ type: "query", flags: 0x0200, questions: [ptr] }));
  wire.clock.advance(300);
  wire.receive(query([], [known]));
  wire.clock.advance(2_000);
  assertEquals(wire.take(), []);
});

Deno.test("what somebody else says meanwhile is not said again, nor what was said within a second", () => {
  const wire = established();
  const answer: ResourceRecord = { ...ptr, class: "IN", ttl: 120, data: "Web._http._tcp.local" };
  wire.receive(query([ptr]));
  wire.receive(encode({ type: "response", answers: [answer] }));
  wire.clock.advance(1_000);
  assertEquals(wire.take(), []);
  for (let i = 0; i < 5; i++) {
    wire.receive(query([ptr]));
    wire.clock.advance(150);
  }
  assertEquals(wire.take().length, 1);
});

Deno.test("our own name is answered at once; a type that it has not is denied", () => {
  const wire = established();
  wire.receive(query([{ name: "WEB._http._tcp.local", type: "SRV" }]));
  assertEquals(wire.take().map(({ packet }) => packet.answers.map(told)), [["SRV Web._http._tcp.local 120"]]);
  wire.receive(query([{ name: "here.local", type: "AAAA" }]));
  const [{ packet }] = wire.take() as [ReturnType<typeof wire.take>[number]];
  const nsec = packet.answers[0]!;
  assertEquals([nsec.type, nsec.data], ["NSEC", { nextDomain: "here.local", rrtypes: ["A"] }]);
});

Deno.test("a name is defended at once, also a moment after it was said", () => {
  const wire = established();
  wire.receive(query([{ name: "here.local", type: "A" }]));
  wire.clock.advance(300);
  wire.take();
  const theirs: ResourceRecord = { name: "here.local", type: "A", class: "IN", ttl: 120, data: "10.0.0.9" };
  wire.receive(
    encode({ type: "query", questions: [{ name: "here.local", type: "ANY" }], authorities: [theirs] }),
  );
  assertEquals(wire.take().map(({ packet }) => packet.answers.map(told)), [["A here.local 120"]]);
});

Deno.test("who asks from another port gets a plain answer for itself", () => {
  const wire = established();
  const asker = { hostname: "10.0.0.9", port: 40_000 };
  wire.receive(query([{ name: "here.local", type: "A" }], [], 77), asker);
  const [{ to, packet }] = wire.take() as [ReturnType<typeof wire.take>[number]];
  assertEquals([to, packet.id, packet.questions.length], [asker, 77, 1]);
  assertEquals(packet.answers.map((record) => `${told(record)} ${record.flush}`), ["A here.local 10 false"]);
});

Deno.test("an answer may be asked for oneself alone", () => {
  const wire = established();
  const message = query([{ name: "here.local", type: "A" }]);
  message[message.length - 2] = 0x80;
  wire.receive(message);
  assertEquals(wire.take().map(({ to }) => to), [neighbour]);
});

Deno.test("whatever comes, there is no exception, and little is sent", () => {
  const wire = established();
  const response = encode({
    type: "response",
    answers: [{ ...ptr, class: "IN", ttl: 120, data: "Web._http._tcp.local" }],
    additionals: [{
      name: "Web._http._tcp.local",
      type: "SRV",
      ttl: 120,
      data: { port: 1, target: "x.local" },
    }],
  });
  const valid = [query([ptr]), query([{ name: "here.local", type: "ANY" }]), response];
  const mangled = fc.tuple(
    fc.constantFrom(...valid),
    fc.array(fc.tuple(fc.nat(200), fc.nat(255)), { maxLength: 6 }),
    fc.nat(200),
  )
    .map(([whole, changes, length]) => {
      const message = whole.slice(0, Math.max(length, 1));
      for (const [at, byte] of changes) message[at % message.length] = byte;
      return message;
    });
  checkProperty(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 300 }), mangled), (message) => {
      wire.receive(message);
      wire.clock.advance(50);
      assert(wire.take().length <= 4);
    }),
    { numRuns: 2_000 },
  );
});
