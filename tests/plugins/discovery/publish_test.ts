import { announcedEndpoints, realAddresses } from "../../../plugins/discovery/publish/announced_endpoints.ts";
import { DatagramProtocol } from "../../../services/protocol/datagram_protocol.ts";
import type { Service } from "../../../services/service.ts";
import type { RegistryChange } from "../../../services/registry/registry.ts";
import { assert, assertEquals } from "../../assert.ts";
import { listening, Member } from "./_fleet_member.ts";

Deno.test("every service that listens is published, by the last part of its path", async () => {
  const member = new Member();
  member.application.addService("Web_UI", listening("tcp:127.0.0.1:80", "unix:/run/web.sock"));
  member.application.addGroup("backend").addService("store", listening("tcp:10.0.0.5:5432"));
  member.application.addService("silent", () => ({ start() {} }));
  await using _ = await member.start();
  assertEquals(member.listed, [
    "store tcp:10.0.0.5:5432 ready",
    "web-ui tcp:127.0.0.1:80 ready",
    "web-ui unix:/run/web.sock ready",
  ]);
  const [store] = member.registry.list("store");
  assertEquals([store!.id, store!.node, store!.metadata], [
    "demo.backend.store@here/tcp:10.0.0.5:5432",
    "here",
    { application: "demo", unit: "backend.store" },
  ]);
});

Deno.test("the options say how a service is called, and what more is known of it; or that it is kept back", async () => {
  const member = new Member({
    services: {
      web: { name: "www", tags: ["public"], metadata: { path: "/start" }, weight: 7, tls: true },
      admin: false,
      absent: { name: "absent" },
    },
  });
  member.application.addService("web", listening("tcp:10.0.0.5:443"));
  member.application.addService("admin", listening("tcp:127.0.0.1:81"));
  await using _ = await member.start();
  const [web, ...others] = member.registry.list();
  assertEquals(others, []);
  assertEquals([web!.service, web!.endpoint, web!.tags, web!.weight], [
    "www",
    "tls:10.0.0.5:443",
    ["public"],
    7,
  ]);
  assertEquals(web!.metadata, { application: "demo", unit: "web", path: "/start" });
  assert(member.log.records.some(({ message }) => message.startsWith('There is no service "absent"')));
});

Deno.test("services of one name in two groups do not clash silently", async () => {
  const member = new Member();
  member.application.addGroup("one").addService("web", listening("tcp:10.0.0.5:80"));
  member.application.addGroup("two").addService("web", listening("tcp:10.0.0.5:81"));
  await using _ = await member.start();
  assertEquals(member.listed, ["two-web tcp:10.0.0.5:81 ready", "web tcp:10.0.0.5:80 ready"]);
  const warnings = member.log.records.filter(({ level }) => level === "warn").map(({ message }) => message);
  assertEquals(warnings, [
    'Service "two.web" is published as "two-web": "one.web" is "web" already. ' +
    'To choose a name, write services: { "two.web": { name: ... } } in the options',
  ]);
});

Deno.test("a service that crashes is failed until it is ready again, under the same id", async () => {
  const member = new Member();
  let fail: (reason: unknown) => void = () => {};
  member.application.addService("web", () => ({
    async start(ctx) {
      await listening("tcp:10.0.0.5:0")().start(ctx);
      fail = ctx.fail;
    },
  }));
  await using _ = await member.start();
  const [before] = member.registry.list("web");
  const watch = member.registry.watch({ after: member.registry.revision })[Symbol.asyncIterator]();
  fail(new Error("broken"));
  await member.reactor.advance(1000);
  const changes = [(await watch.next()).value, (await watch.next()).value] as RegistryChange[];
  assertEquals(changes.map(({ kind, instance }) => `${kind} ${instance.state} ${instance.id}`), [
    `put failed ${before!.id}`,
    `put ready ${before!.id}`,
  ]);
  assertEquals(member.registry.list("web")[0]!.created, before!.created);
  await watch.return?.();
});

Deno.test("a service is gone from the registry before its listener closes, also when its dependents go first", async () => {
  const member = new Member();
  const seen: string[] = [];
  const web: Service = {
    async start(ctx) {
      const port = await ctx.reactor.listen("tcp:10.0.0.5:80", () => null!);
      ctx.draining.addEventListener("abort", () => {
        seen.push(`drains: ${member.listed.join()}, listens: ${port.host.transport}`);
      });
    },
  };
  member.application.addService("web", () => web);
  member.application.addService("dependent", () => ({
    start() {},
    stop() {
      seen.push(`dependent stops: ${member.listed.join()}`);
    },
  }), { needs: ["web"] });
  await member.start();
  assertEquals(member.listed, ["web tcp:10.0.0.5:80 ready"]);
  await member[Symbol.asyncDispose]();
  assertEquals(member.log.records.filter(({ level }) => level === "warn" || level === "error"), []);
  assertEquals(seen, [
    "dependent stops: web tcp:10.0.0.5:80 draining",
    "drains: , listens: tcp",
  ]);
  assertEquals(member.log.records.filter(({ level }) => level === "warn"), [], "it was meant to go");
});

Deno.test("a listener that is opened or closed later is noticed", async () => {
  const member = new Member();
  let open: () => Promise<{ stopListening(): Promise<void> }>;
  member.application.addService("web", () => ({
    start(ctx) {
      open = () => ctx.reactor.listen("tcp:10.0.0.5:80", () => null!);
    },
  }));
  await using _ = await member.start();
  assertEquals(member.listed, []);
  const port = await open!();
  await member.reactor.advance(15_000);
  assertEquals(member.listed, ["web tcp:10.0.0.5:80 ready"]);
  const { revision } = member.registry;
  await member.reactor.advance(15_000);
  assertEquals(member.registry.revision, revision, "looking again changes nothing");
  await port.stopListening();
  await member.reactor.advance(15_000);
  assertEquals(member.listed, []);
});

const INTERFACES = [
  { name: "lo", address: "127.0.0.1" },
  { name: "lo", address: "::1" },
  { name: "eth0", address: "10.0.0.5" },
  { name: "eth0", address: "fe80::1" },
  { name: "eth0", address: "2001:db8::5" },
  { name: "wlan0", address: "192.168.1.5" },
  { name: "eth1", address: "169.254.7.7" },
  { name: "docker0", address: "172.17.0.1" },
  { name: "br-0123456789ab", address: "172.18.0.1" },
  { name: "veth1a2b", address: "172.19.0.1" },
];

Deno.test("0.0.0.0 and [::] are announced by addresses that others reach, not by those of bridges", () => {
  const real = realAddresses(INTERFACES);
  assertEquals(real, ["10.0.0.5", "2001:db8::5", "192.168.1.5"]);
  const announced = (hostname: string, addresses = real) =>
    announcedEndpoints({ transport: "tcp", hostname, port: 80 }, addresses, false);
  assertEquals(announced("0.0.0.0"), ["tcp:10.0.0.5:80", "tcp:192.168.1.5:80"]);
  assertEquals(announced("::"), ["tcp:10.0.0.5:80", "tcp:[2001:db8::5]:80", "tcp:192.168.1.5:80"]);
  assertEquals(announced("127.0.0.1"), ["tcp:127.0.0.1:80"]);
  assertEquals(announced("0.0.0.0", []), ["tcp:127.0.0.1:80"]);
  assertEquals(announcedEndpoints({ transport: "unix", path: "/run/a:b.sock" }, real, false), [
    "unix:/run/a\\:b.sock",
  ]);
});

Deno.test("a start that fails takes back what it had published, and warns of nothing else", async () => {
  const member = new Member({ dns: { listen: "127.0.0.1:5354" } });
  member.application.addService("web", listening("tcp:10.0.0.5:80"));
  const other = await member.reactor.listenDatagram("udp:127.0.0.1:5354", new DatagramProtocol());
  const started = member.start();
  await member.reactor.advance(50);
  const warnings = member.log.records.filter(({ level }) => level === "warn").map(({ message }) => message);
  assertEquals(warnings, ["Failed, will be started again"]);
  await other.stopListening();
  await member.reactor.advance(1_000);
  await using _ = await started;
  assertEquals(member.listed, ["web tcp:10.0.0.5:80 ready"]);
});
