import { assert, assertEquals } from "../../../assert.ts";
import { Asked, shown } from "./_ask.ts";

Deno.test("a service's ready instances are its addresses, SRV and TXT records", async () => {
  const dns = new Asked();
  await dns.register(
    { service: "web", endpoint: "tcp:10.0.0.5:8080", weight: 3, tags: ["blue"], metadata: { path: "/a" } },
    { service: "web", endpoint: "tls:[fd00::1]:443" },
    { service: "web", endpoint: "tcp:10.0.0.6:8080", state: "draining" },
    { service: "web", endpoint: "tcp:10.0.0.7:8080", weight: 0 },
    { service: "web", endpoint: "unix:/run/web.sock" },
  );
  assertEquals(dns.answers("web.heddle.test", "A"), ["A 10.0.0.5"]);
  assertEquals(dns.answers("web.heddle.test", "AAAA"), ["AAAA fd00::1"]);
  assertEquals(dns.answers("web.heddle.test", "TXT").toSorted(), ["TXT ", "TXT path=/a tags=blue"]);
  const srv = dns.ask("web.heddle.test", "SRV");
  assertEquals(srv.answers.map(shown).toSorted(), [
    "SRV 1 443 fd00-0-0-0-0-0-0-1.ip6.heddle.test",
    "SRV 3 8080 10-0-0-5.ip4.heddle.test",
  ]);
  const additional = srv.additionals.filter(({ type }) => type !== "OPT");
  assertEquals(additional.map(({ name, data }) => `${name} ${data}`).toSorted(), [
    "10-0-0-5.ip4.heddle.test 10.0.0.5",
    "fd00-0-0-0-0-0-0-1.ip6.heddle.test fd00::1",
  ]);
  assert(srv.flag_aa && srv.flag_qr && srv.flag_rd && !srv.flag_ra);
  assertEquals(srv.answers.map(({ name, ttl }) => `${name} ${ttl}`), Array(2).fill("web.heddle.test 5"));
});

Deno.test("the names that SRV records point at have addresses", async () => {
  const dns = new Asked();
  assertEquals(dns.answers("10-0-0-5.ip4.heddle.test", "A"), ["A 10.0.0.5"]);
  assertEquals(dns.answers("fd00-0-0-0-0-0-0-1.ip6.heddle.test", "AAAA"), ["AAAA fd00::1"]);
  assertEquals(dns.ask("10-0-0-5.ip4.heddle.test", "AAAA").rcode, "NOERROR");
  assertEquals(dns.ask("10-0-0-05.ip4.heddle.test", "A").rcode, "NXDOMAIN");
  await Promise.resolve();
});

Deno.test("by protocol, and to be browsed as RFC 6763 has it", async () => {
  const dns = new Asked();
  await dns.register(
    { service: "echo", endpoint: "tcp:10.0.0.5:7" },
    { service: "echo", endpoint: "udp:10.0.0.5:7" },
  );
  assertEquals(dns.answers("_echo._udp.heddle.test", "SRV"), ["SRV 1 7 10-0-0-5.ip4.heddle.test"]);
  assertEquals(dns.answers("_echo._tcp.heddle.test", "PTR"), ["PTR 10-0-0-5-7._echo._tcp.heddle.test"]);
  assertEquals(dns.answers("10-0-0-5-7._echo._tcp.heddle.test", "SRV"), ["SRV 1 7 10-0-0-5.ip4.heddle.test"]);
  assertEquals(dns.answers("_services._dns-sd._udp.heddle.test", "PTR"), [
    "PTR _echo._tcp.heddle.test",
    "PTR _echo._udp.heddle.test",
  ]);
  assertEquals(dns.answers("b._dns-sd._udp.heddle.test", "PTR"), ["PTR heddle.test"]);
});

Deno.test("the zone has SOA and NS; its serial is the registry's revision", async () => {
  const dns = new Asked();
  await dns.register({ service: "web", endpoint: "tcp:10.0.0.5:80" });
  const [soa] = dns.ask("heddle.test", "SOA").answers;
  assertEquals((soa!.data as { serial: number }).serial, dns.registry.revision);
  const ns = dns.ask("heddle.test", "NS");
  assertEquals(ns.answers.map(shown), ["NS ns.heddle.test"]);
  assertEquals(ns.additionals.filter(({ type }) => type === "A").map(shown), ["A 127.0.0.1"]);
});

Deno.test("what does not exist is NXDOMAIN, what has no such record is NOERROR, both with the SOA", async () => {
  const dns = new Asked();
  await dns.register(
    { service: "web", endpoint: "tcp:10.0.0.5:80" },
    { service: "sick", endpoint: "tcp:10.0.0.6:80", state: "failed" },
  );
  for (
    const [name, type, rcode] of [
      ["no.heddle.test", "A", "NXDOMAIN"],
      ["a.web.heddle.test", "A", "NXDOMAIN"],
      ["_no._tcp.heddle.test", "SRV", "NXDOMAIN"],
      ["web.heddle.test", "AAAA", "NOERROR"],
      ["sick.heddle.test", "A", "NOERROR"],
      ["_tcp.heddle.test", "SRV", "NOERROR"],
      ["_web._udp.heddle.test", "SRV", "NOERROR"],
      ["heddle.test", "A", "NOERROR"],
    ] as const
  ) {
    const reply = dns.ask(name, type);
    assertEquals([name, reply.rcode, reply.answers.length], [name, rcode, 0]);
    assertEquals(reply.authorities.map(({ name, type }) => `${name} ${type}`), ["heddle.test SOA"]);
  }
});

Deno.test("a name is found in whatever case, and comes back as it was written", async () => {
  const dns = new Asked();
  await dns.register({ service: "web", endpoint: "tcp:10.0.0.5:80" });
  const reply = dns.ask("WeB.hEdDle.TEST", "A");
  assertEquals(reply.questions[0]!.name, "WeB.hEdDle.TEST");
  assertEquals(reply.answers.map(shown), ["A 10.0.0.5"]);
});

Deno.test("answers take turns", async () => {
  const dns = new Asked();
  for (const host of [1, 2, 3]) await dns.register({ service: "web", endpoint: `tcp:10.0.0.${host}:80` });
  const firsts = [1, 2, 3, 4].map(() => dns.answers("web.heddle.test", "A")[0]);
  assertEquals(new Set(firsts.slice(0, 3)).size, 3);
  assertEquals(firsts[3], firsts[0]);
});

Deno.test("a change is seen in the next answer", async () => {
  const dns = new Asked();
  const registration = await dns.registry.register({ service: "web", endpoint: "tcp:10.0.0.5:80" });
  assertEquals(dns.answers("web.heddle.test", "A").length, 1);
  await registration.update({ state: "draining" });
  assertEquals(dns.answers("web.heddle.test", "A").length, 0);
  await registration.deregister();
  assertEquals(dns.ask("web.heddle.test", "A").rcode, "NXDOMAIN");
});
