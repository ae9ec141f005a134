import fc from "fast-check";
import { decode } from "../../../../services/dns/dns_packet.ts";
import { assert, assertEquals } from "../../../assert.ts";
import { checkProperty } from "../../../property.ts";
import { Asked, query } from "./_ask.ts";

async function withMany(count: number): Promise<Asked> {
  const dns = new Asked();
  for (let host = 1; host <= count; host++) {
    await dns.register({ service: "web", endpoint: `tcp:10.0.${host >> 8}.${host & 255}:80` });
  }
  return dns;
}

Deno.test("what does not fit a datagram is truncated, and comes whole over TCP", async () => {
  const dns = await withMany(100);
  const plain = dns.ask("web.heddle.test", "A", { plain: true });
  assertEquals([plain.flag_tc, plain.answers.length], [true, 0]);
  const whole = dns.ask("web.heddle.test", "A", { tcp: true });
  assertEquals([whole.flag_tc, whole.answers.length], [false, 100]);
});

Deno.test("without EDNS a reply has 512 bytes at most, with it what the client takes, and never more than 1232", async () => {
  const dns = await withMany(40);
  assertEquals(dns.ask("web.heddle.test", "A", { plain: true }).flag_tc, true);
  assertEquals(dns.ask("web.heddle.test", "A", { size: 700 }).answers.length, 40);
  const many = await withMany(100);
  assertEquals(many.ask("web.heddle.test", "A", { size: 60_000 }).flag_tc, true);
});

Deno.test("addresses of SRV targets are left out before anything is truncated", async () => {
  const dns = await withMany(15);
  const reply = dns.ask("web.heddle.test", "SRV", { size: 900 });
  assertEquals([reply.flag_tc, reply.answers.length], [false, 15]);
  assertEquals(reply.additionals.map(({ type }) => type), ["OPT"]);
});

Deno.test("other zones are refused, and so are transfers; odd messages get their codes", async () => {
  const dns = await withMany(1);
  const rcode = (message: Uint8Array): number | null => {
    const reply = dns.raw(message);
    return reply === null ? null : reply[3]! & 0x0f;
  };
  assertEquals(rcode(query("example.org", "A")), 5);
  assertEquals(rcode(query("notheddle.test", "A")), 5);
  assertEquals(rcode(query("heddle.test", "AXFR")), 5);
  const odd = (change: (message: Uint8Array) => void): number | null => {
    const message = query("web.heddle.test", "A", { plain: true });
    change(message);
    return rcode(message);
  };
  assertEquals(odd((message) => message[2] = 0x28), 4, "an opcode that is not QUERY");
  assertEquals(odd((message) => message[5] = 2), 1, "two questions");
  assertEquals(odd((message) => message[5] = 0), 1, "none");
  assertEquals(odd((message) => message[12] = 0xc0), 1, "a pointer in the question");
  assertEquals(odd((message) => message[2]! |= 0x80), null, "a response is never answered");
  assertEquals(rcode(new Uint8Array(11)), null);
  const version = query("web.heddle.test", "A");
  version[version.length - 5] = 1;
  assertEquals(decode(dns.raw(version)!).additionals[0]!.extendedRcode, 1, "BADVERS");
});

Deno.test("ANY is answered by one small record (RFC 8482)", async () => {
  const dns = await withMany(30);
  const reply = dns.ask("web.heddle.test", "ANY");
  assertEquals(reply.answers.map(({ type }) => type), ["HINFO"]);
  assertEquals(dns.ask("no.heddle.test", "ANY").rcode, "NXDOMAIN");
});

Deno.test("a label with a dot in it is not two", async () => {
  const dns = await withMany(1);
  const message = query("web.heddle.test", "A", { plain: true });
  // web.heddle.test as the labels "web.heddle" and "test".
  message[12] = 10;
  message[16] = 0x2e;
  assertEquals(dns.raw(message)![3]! & 0x0f, 5);
});

Deno.test("whatever comes, there is no exception, and a reply is bounded and repeats the id", async () => {
  const dns = await withMany(50);
  const valid = query("web.heddle.test", "SRV");
  const mangled = fc.array(fc.tuple(fc.nat(valid.length - 1), fc.nat(255)), { maxLength: 8 }).map(
    (changes) => {
      const message = valid.slice();
      for (const [at, byte] of changes) message[at] = byte;
      return message;
    },
  );
  const message = fc.oneof(
    fc.uint8Array({ maxLength: 600 }),
    mangled,
    mangled.chain((whole) => fc.nat(whole.length).map((length) => whole.subarray(0, length))),
  );
  checkProperty(
    fc.property(message, (bytes) => {
      const reply = dns.raw(bytes);
      if (reply === null) return;
      assert(reply.length <= 1232);
      assertEquals([reply[0], reply[1]], [bytes[0], bytes[1]]);
      assert((reply[2]! & 0x80) !== 0);
      decode(reply);
    }),
    { numRuns: 2_000 },
  );
});
