import type { RegistryInstance } from "../../../services/registry/registry.ts";
import { TestClient } from "../../../services/testing/mod.ts";
import { assertEquals, assertMatch, assertStringIncludes } from "../../assert.ts";
import { type DiscoveryInput, listening, Member } from "./_fleet_member.ts";

interface Answer {
  readonly status: number;
  readonly head: string;
  readonly body: string;
  // deno-lint-ignore no-explicit-any -- what a program outside sees
  readonly json: any;
}

/** A member with the HTTP API, and a program outside. */
class Caller {
  readonly member: Member;

  constructor(http: NonNullable<DiscoveryInput["http"]> = {}) {
    this.member = new Member({ http });
  }

  async connect(): Promise<TestClient> {
    const { reactor } = this.member;
    const client = await reactor.connect("tcp:127.0.0.1:7350", () => new TestClient(reactor));
    await reactor.settle();
    return client;
  }

  async ask(
    line: string,
    body: unknown = "",
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer> {
    const client = await this.connect();
    const text = typeof body === "string" ? body : JSON.stringify(body);
    const fields = {
      host: "localhost:7350",
      connection: "close",
      ...(text === "" ? {} : { "content-type": "application/json", "content-length": `${text.length}` }),
      ...headers,
    };
    const head = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`).join("");
    await client.send(`${line} HTTP/1.1\r\n${head}\r\n${text}`);
    await this.member.reactor.settle();
    const received = client.received();
    const [answered, ...rest] = received.split("\r\n\r\n");
    const told = rest.join("\r\n\r\n");
    const isJson = /content-type: application\/json/i.test(answered!);
    return {
      status: Number(answered!.split(" ")[1]),
      head: answered!,
      body: told,
      json: isJson ? JSON.parse(told) : null,
    };
  }
}

const BILLING = { service: "billing", endpoint: "tcp:10.0.0.9:9000", tags: ["v2"], ttl: "10s" };

Deno.test("the API lists what runs: everything, one service, one instance", async () => {
  const caller = new Caller();
  caller.member.application.addService("web", listening("tcp:10.0.0.5:80"));
  await using _ = await caller.member.start();
  const all = await caller.ask("GET /v1/services");
  assertEquals([all.status, all.json.stale, all.json.revision], [200, false, 1]);
  assertEquals(all.json.instances, [...caller.member.registry.list()]);
  const web = await caller.ask("GET /v1/services/web");
  assertEquals(web.json.instances.map(({ endpoint }: RegistryInstance) => endpoint), ["tcp:10.0.0.5:80"]);
  assertEquals((await caller.ask("GET /v1/services/mail")).json.instances, []);
  const id = encodeURIComponent(web.json.instances[0].id);
  assertEquals((await caller.ask(`GET /v1/instances/${id}`)).json, web.json.instances[0]);
});

Deno.test("a program outside registers with a lease, renews it, changes itself and leaves", async () => {
  const caller = new Caller();
  await using _ = await caller.member.start();
  const { registry, reactor } = caller.member;
  const put = await caller.ask("PUT /v1/instances/billing-1", BILLING);
  assertEquals([put.status, put.json.service, put.json.tags], [201, "billing", ["v2"]]);
  assertMatch(put.head, /^etag: "1"\r?$/im);
  assertEquals(registry.resolve("billing")?.id, "billing-1");
  await reactor.advance(9_000);
  assertEquals((await caller.ask("POST /v1/instances/billing-1/renew")).status, 204);
  await reactor.advance(9_000);
  assertEquals(registry.list("billing").length, 1);
  const changed = await caller.ask("PUT /v1/instances/billing-1", { ...BILLING, weight: 3 });
  assertEquals([changed.status, changed.json.weight, changed.json.created], [200, 3, 1]);
  assertEquals((await caller.ask("DELETE /v1/instances/billing-1")).status, 204);
  assertEquals(registry.list(), []);
  await caller.ask("PUT /v1/instances/billing-1", BILLING);
  await reactor.advance(10_000);
  assertEquals(registry.list(), []);
  const late = await caller.ask("POST /v1/instances/billing-1/renew");
  assertEquals(late.status, 404);
  assertStringIncludes(
    late.body,
    'No instance "billing-1" was registered here, or its lease ran out: PUT it',
  );
});

Deno.test("a change that was thought of before another one is refused", async () => {
  const caller = new Caller();
  await using _ = await caller.member.start();
  await caller.ask("PUT /v1/instances/b", BILLING);
  assertEquals((await caller.ask("PUT /v1/instances/b", BILLING, { "if-match": '"1"' })).status, 200);
  assertEquals((await caller.ask("PUT /v1/instances/b", BILLING, { "if-match": '"1"' })).status, 412);
  assertEquals((await caller.ask("PUT /v1/instances/c", BILLING, { "if-match": '"1"' })).status, 412);
});

Deno.test("what is wrong is said to be; what others have registered is theirs", async () => {
  const caller = new Caller();
  caller.member.application.addService("web", listening("tcp:10.0.0.5:80"));
  await using _ = await caller.member.start();
  const web = encodeURIComponent(caller.member.registry.list("web")[0]!.id);
  const cases: [line: string, body: unknown, status: number, told: string][] = [
    ["GET /v1/nothing", "", 404, "There are /v1/services"],
    ["POST /v1/services", {}, 405, "Use GET"],
    ["GET /v1/services/Web", "", 400, "DNS label"],
    ["GET /v1/services/%ff", "", 400, "percent-encoded"],
    ["PUT /v1/instances/b", "{", 400, "Body is no JSON"],
    ["PUT /v1/instances/b", { ...BILLING, wieght: 1 }, 400, "wieght"],
    ["PUT /v1/instances/b", { ...BILLING, ttl: "1ms" }, 400, "ttl: must be 1s to 1d"],
    ["PUT /v1/instances/b", { ...BILLING, endpoint: "discover:web" }, 400, "no socket"],
    ["PUT /v1/instances/b", { ...BILLING, weight: -1 }, 400, "its weight"],
    ["PUT /v1/instances/b", "x".repeat(20_000), 413, ""],
    [`PUT /v1/instances/${web}`, BILLING, 409, "is another's"],
    [`DELETE /v1/instances/${web}`, "", 404, "PUT it"],
    ["GET /v1/watch?after=x", "", 400, "after must be a revision"],
  ];
  for (const [line, body, status, told] of cases) {
    const answer = await caller.ask(line, body);
    assertEquals(answer.status, status, `${line}: ${answer.body}`);
    assertStringIncludes(answer.body, told);
  }
  assertEquals(
    (await caller.ask("PUT /v1/instances/b", BILLING, { "content-type": "text/plain" })).status,
    415,
  );
});

Deno.test("a watch is a stream of events, which resumes where it broke off", async () => {
  const caller = new Caller();
  const { member } = caller;
  await using _ = await member.start();
  const web = await member.registry.register({ service: "web", id: "web", endpoint: "tcp:10.0.0.5:80" });
  const watching = await caller.connect();
  await watching.send("GET /v1/watch?service=web HTTP/1.1\r\nhost: localhost\r\n\r\n");
  await member.registry.register({ service: "mail", endpoint: "tcp:10.0.0.5:25" });
  await web.update({ state: "draining" });
  await member.reactor.settle();
  const stream = watching.received();
  assertStringIncludes(stream, "content-type: text/event-stream");
  const events = [...stream.matchAll(/^event: (\w+)\nid: (\d+)\ndata: (.*)$/gm)];
  assertEquals(events.map(([, kind, id]) => `${kind} ${id}`), ["snapshot 1", "put 3"]);
  assertEquals(JSON.parse(events[1]![3]!).instance.state, "draining");
  const resumed = await caller.connect();
  await resumed.send("GET /v1/watch HTTP/1.1\r\nhost: localhost\r\nlast-event-id: 2\r\n\r\n");
  await member.reactor.settle();
  assertMatch(resumed.received(), /event: put\nid: 3\n/);
});

Deno.test("a name that was made to lead here is refused, and so is who has no token", async () => {
  const open = new Caller();
  await using _ = await open.member.start();
  assertEquals((await open.ask("GET /v1/services", "", { host: "evil.example" })).status, 403);
  for (const host of ["127.0.0.1:7350", "[::1]", "LOCALHOST"]) {
    assertEquals((await open.ask("GET /v1/services", "", { host })).status, 200);
  }
  const token = "0123456789abcdef";
  const closed = new Caller({ token, hosts: ["registry.example"] });
  await using __ = await closed.member.start();
  const refused = await closed.ask("GET /v1/services", "", { authorization: "Bearer 0123456789abcdeX" });
  assertEquals(refused.status, 401);
  assertMatch(refused.head, /www-authenticate: Bearer/i);
  const headers = { authorization: `Bearer ${token}`, host: "registry.example" };
  assertEquals((await closed.ask("GET /v1/services", "", headers)).status, 200);
});
