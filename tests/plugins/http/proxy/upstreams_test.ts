import { balancer } from "../../../../plugins/http/proxy/balance.ts";
import { CheckVerdict, FailureWindow } from "../../../../plugins/http/proxy/health.ts";
import { EmbeddedRegistry } from "../../../../services/registry/embedded_registry.ts";
import { registry } from "../../../../services/registry/registry.ts";
import { provision } from "../../../../services/testing/mod.ts";
import { Clock } from "../../../../services/async/clock.ts";
import { assert, assertEquals } from "../../../assert.ts";
import { ask } from "../_scene.ts";
import { at, begin, logged, ok, records, startProxy } from "./_scene.ts";

const both = [at(3001), at(3002)];

Deno.test("balancers take turns, prefer the less busy, or the less busy of two", () => {
  const candidates = [2, 0, 1].map((inFlight) => ({ inFlight, weight: 1 }));
  const indexes = (choose: ReturnType<typeof balancer>, times: number) =>
    Array.from({ length: times }, () => candidates.indexOf(choose(candidates)));
  assertEquals(indexes(balancer("round-robin", Math.random), 4), [0, 1, 2, 0]);
  assertEquals(indexes(balancer("least-connections", Math.random), 3), [1, 1, 1]);
  const equals = [{ inFlight: 1, weight: 1 }, { inFlight: 1, weight: 1 }];
  const fair = balancer("least-connections", Math.random);
  assertEquals([fair(equals), fair(equals)].map((one) => equals.indexOf(one)), [0, 1]);
  const values = [0, 0.99, 0.5, 0];
  const random = balancer("random-two", () => values.shift()!);
  // The first and the last; then the middle one and the one after it.
  assertEquals(indexes(random, 2), [2, 1]);
});

Deno.test("balancers heed weights, and spread the turns of the heavy", () => {
  const [heavy, one, two] = [3, 1, 1].map((weight) => ({ inFlight: 0, weight }));
  const all = [heavy!, one!, two!];
  const turns = (choose: ReturnType<typeof balancer>, times: number) =>
    Array.from({ length: times }, () => all.indexOf(choose(all))).join("");
  assertEquals(turns(balancer("round-robin", Math.random), 10), "0102001020");
  assertEquals(turns(balancer("least-connections", Math.random), 5), "01020", "while all are idle");
  const busy = [{ inFlight: 4, weight: 3 }, { inFlight: 2, weight: 1 }];
  assertEquals(busy.indexOf(balancer("least-connections", Math.random)(busy)), 0);
  const values = [0.59, 0, 0.6, 0, 0.99, 0.99];
  assertEquals(turns(balancer("random-two", () => values.shift()!), 3), "012");
});

Deno.test("failures within the window take an upstream out for a while", () => {
  const window = new FailureWindow({ count: 3, within: 1_000, pause: 5_000 });
  assertEquals([window.failed(0), window.failed(500), window.failed(1_501)], [false, false, false]);
  assert(window.isFit(1_501));
  assertEquals(window.failed(1_502), false);
  assertEquals(window.failed(1_503), true);
  assertEquals([window.isFit(1_503), window.isFit(6_502), window.isFit(6_503)], [false, false, true]);
});

Deno.test("checks in a row change the verdict, single ones do not", () => {
  const verdict = new CheckVerdict({ unhealthyAfter: 2, healthyAfter: 3 });
  assertEquals([false, true, false, false].map((good) => verdict.checked(good)), [false, false, false, true]);
  assertEquals(verdict.healthy, false);
  assertEquals([true, true, false, true, true, true].map((good) => verdict.checked(good)), [
    ...[false, false, false, false, false],
    true,
  ]);
});

Deno.test("an idempotent request that nobody answered goes to the next upstream, others do not", async () => {
  const { app, fakes: [bad, good] } = await startProxy({ routes: [{ proxy: both }] }, 2);
  await using _app = app;
  bad!.respond = () => "drop";
  const statusOf = async (method: string, body?: string) =>
    (await ask(app, "/", { method, ...(body !== undefined && { body }) })).status;
  assertEquals(await statusOf("GET"), 200);
  assertEquals(good!.requests.length, 1);
  // Round robin: the next one is the good one's turn.
  assertEquals(await statusOf("GET"), 200);
  assertEquals(await statusOf("PUT", "once more"), 200);
  assert(good!.requests.at(-1)!.endsWith("once more"));
  assertEquals(await statusOf("GET"), 200);
  bad!.respond = good!.respond = () => "HTTP/1.1 2";
  const begun = await begin(app, "/");
  for (const end of [...bad!.connections, ...good!.connections]) end.transport.abortConnection();
  await app.reactor.settle();
  assert(begun.received().startsWith("HTTP/1.1 502"));
});

Deno.test("a POST is not sent twice, but goes elsewhere when it could not be sent", async () => {
  const { app, fakes: [bad] } = await startProxy({ routes: [{ proxy: both }] }, 2);
  await using _app = app;
  bad!.respond = () => "drop";
  assertEquals((await ask(app, "/", { method: "POST", body: "x" })).status, 502);

  const away = await startProxy({ routes: [{ proxy: [at(4001), at(3001)] }] }, 1);
  await using _away = away.app;
  assertEquals((await ask(away.app, "/", { method: "POST", body: "x" })).status, 200);
});

Deno.test("a body that was sent as it came is not sent twice, but goes elsewhere when nothing of it was", async () => {
  const put = "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
  const statusOf = async (...to: string[]) => {
    const { app, fakes } = await startProxy({ routes: [{ proxy: to }] }, 2);
    await using _app = app;
    for (const fake of fakes) fake.respond = () => "drop";
    const client = await app.connect();
    await client.send(put);
    await app.reactor.settle();
    return [client.received().slice(9, 12), fakes.map(({ requests }) => requests.length)];
  };
  assertEquals(await statusOf(at(3001), at(3002)), ["502", [1, 0]]);
  assertEquals(await statusOf(at(4001), at(3002)), ["502", [0, 1]]);
});

Deno.test("what is still answered while the service drains keeps no connection", async () => {
  const { app, fakes: [fake] } = await startProxy({ routes: [{ proxy: at(3001) }] }, 1);
  await using _app = app;
  const client = await app.connect();
  await client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nab");
  const stopped = app.stop();
  await app.reactor.settle();
  assertEquals(fake!.connections.length, 0);
  await client.send("cd");
  assert(client.received().startsWith("HTTP/1.1 200 "));
  await app.reactor.settle();
  assertEquals(await stopped, []);
});

Deno.test("a kept connection that the upstream had given up is no failure", async () => {
  const { app, fakes: [fake] } = await startProxy({ routes: [{ proxy: at(3001) }] }, 1);
  await using _app = app;
  assertEquals((await ask(app, "/")).status, 200);
  let drops = 1;
  fake!.respond = () => drops-- > 0 ? "drop" : ok("again");
  assertEquals((await ask(app, "/")).body, "again");
  assertEquals([fake!.connections.length, logged(app)], [2, []]);
  // Whether the upstream has seen a POST nobody knows.
  drops = 1;
  assertEquals((await ask(app, "/", { method: "POST", body: "x" })).status, 502);
});

Deno.test("who keeps failing is left out where others can serve", async () => {
  const { app, fakes: [bad, good] } = await startProxy({
    routes: [{ proxy: { to: both, failures: { count: 2, within: "10s", pause: "30s" } } }],
  }, 2);
  await using _app = app;
  bad!.respond = () => "drop";
  for (let n = 0; n < 10; n++) assertEquals((await ask(app, "/")).status, 200);
  assertEquals([bad!.requests.length, good!.requests.length], [2, 10]);
  assertEquals(logged(app).filter((line) => line.startsWith("warn")), [
    "warn Upstream has failed 2 times: it gets no requests for 30 s where others can",
  ]);
  bad!.respond = () => ok("back");
  await app.reactor.advance(30_000);
  for (let n = 0; n < 2; n++) await ask(app, "/");
  assertEquals(bad!.requests.length, 3);
});

Deno.test("checks take an upstream out and bring it back; with none left it is 503", async () => {
  const { app, fakes: [fake] } = await startProxy({
    routes: [{
      proxy: { to: at(3001), health: { path: "/up", interval: "1s", unhealthyAfter: 2, healthyAfter: 1 } },
    }],
  }, 1);
  await using _app = app;
  let well = false;
  fake!.respond = (request) =>
    request.startsWith("GET /up") && !well ? "HTTP/1.1 500 Ill\r\nContent-Length: 0\r\n\r\n" : ok("hello");
  await app.reactor.advance(10);
  assertEquals((await ask(app, "/")).status, 200);
  await app.reactor.advance(1_000);
  assertEquals((await ask(app, "/")).status, 503);
  assertEquals(logged(app), [
    "error Upstream is not healthy: it gets no requests",
    "error No upstream is healthy: the client gets 503",
  ]);
  assertEquals(records(app)[0]!.fields.reason, "status 500");
  well = true;
  await app.reactor.advance(1_000);
  assertEquals((await ask(app, "/")).status, 200);
  assertEquals(logged(app).at(-1), "info Upstream is healthy again");
});

Deno.test("where the others are not healthy, the failure of the one that was tried is told", async () => {
  const { app, fakes: [one, two] } = await startProxy({
    routes: [{ proxy: { to: both, health: { path: "/up", interval: "1s", unhealthyAfter: 1 } } }],
  }, 2);
  await using _app = app;
  one!.respond = (request) => request.startsWith("GET /up") ? ok("fine") : "drop";
  two!.respond = () => "drop";
  await app.reactor.advance(10);
  assertEquals((await ask(app, "/")).status, 502);
});

Deno.test("upstreams come and go as a registry says", async () => {
  const known = new EmbeddedRegistry({ time: new Clock() });
  using _known = known;
  const { app, fakes } = await startProxy({ routes: [{ proxy: "discover:api" }] }, 2, {
    provisions: [provision(registry, known)],
  });
  await using _app = app;
  assertEquals((await ask(app, "/")).status, 503);
  assertEquals(logged(app), ["error No instance of the upstream's service is ready: the client gets 503"]);
  assertEquals(records(app)[0]!.fields.upstreams, "discover:api");
  const one = await known.register({ service: "api", endpoint: at(3001) });
  await known.register({ service: "api", endpoint: at(3002) });
  await known.register({ service: "other", endpoint: at(3003) });
  await app.reactor.settle();
  for (let n = 0; n < 4; n++) assertEquals((await ask(app, "/")).status, 200);
  assertEquals(fakes.map(({ requests }) => requests.length), [2, 2]);
  await one.update({ state: "draining" });
  await app.reactor.settle();
  for (let n = 0; n < 2; n++) await ask(app, "/");
  assertEquals(fakes.map(({ requests }) => requests.length), [2, 4]);
});

Deno.test("instances get requests by their weight, and the registry is told of those that fail", async () => {
  const known = new EmbeddedRegistry({ time: new Clock() });
  using _known = known;
  const { app, fakes: [heavy, light] } = await startProxy({ routes: [{ proxy: "discover:api" }] }, 2, {
    provisions: [provision(registry, known)],
  });
  await using _app = app;
  await known.register({ service: "api", id: "heavy", endpoint: at(3001), weight: 3 });
  const second = await known.register({ service: "api", id: "light", endpoint: at(3002) });
  await app.reactor.settle();
  for (let n = 0; n < 8; n++) assertEquals((await ask(app, "/")).status, 200);
  assertEquals([heavy!.requests.length, light!.requests.length], [6, 2]);

  await second.update({ weight: 3 });
  await app.reactor.settle();
  for (let n = 0; n < 8; n++) await ask(app, "/");
  assertEquals([heavy!.requests.length, light!.requests.length], [10, 6]);

  heavy!.respond = () => "drop";
  const chosen = () => new Set(Array.from({ length: 50 }, () => known.resolve("api")!.id));
  assertEquals(chosen().size, 2);
  for (let n = 0; n < 2; n++) assertEquals((await ask(app, "/")).status, 200);
  assertEquals([...chosen()], ["light"]);
  heavy!.respond = () => ok("back");
  for (let n = 0; n < 2; n++) await ask(app, "/");
  assertEquals(chosen().size, 2);
});

Deno.test("requests, failures and what is under way are counted for each upstream", async () => {
  const { app, fakes: [bad, good] } = await startProxy({ routes: [{ proxy: both }] }, 2);
  await using _app = app;
  bad!.respond = () => "drop";
  good!.respond = () => null;
  await begin(app, "/");
  const value = (name: string, upstream: string) =>
    app.metrics.collect().find((family) => family.name === name)!.samples
      .find(({ labels }) => labels[1] === upstream);
  const [one, two] = both;
  assertEquals(value("http_upstream_failures_total", one!), { labels: ["/*", one!], value: 1 });
  assertEquals(value("http_upstream_requests_total", two!), { labels: ["/*", two!], value: 1 });
  assertEquals(value("http_upstream_requests_in_flight", two!), { labels: ["/*", two!], value: 1 });
  assertEquals(value("http_upstream_up", two!), { labels: ["/*", two!], value: 1 });
});

Deno.test("counts go on through a reload; those of an instance that is gone are dropped", async () => {
  const known = new EmbeddedRegistry({ time: new Clock() });
  using _known = known;
  const options = (retries: number) => ({
    routes: [{ path: "/a/*", proxy: { to: [at(3001)], retries } }, { path: "/b/*", proxy: "discover:b" }],
  });
  const { app } = await startProxy(options(1), 2, { provisions: [provision(registry, known)] });
  await using _app = app;
  const sums = () =>
    app.metrics.collect().find(({ name }) => name === "http_upstream_requests_total")!.samples
      .map(({ labels, value }) => [labels[1], value]);
  await ask(app, "/a/x");
  assertEquals(await app.reload(options(2)), true);
  await ask(app, "/a/x");
  assertEquals(sums(), [[at(3001), 2]]);
  const instance = await known.register({ service: "b", endpoint: at(3002) });
  await app.reactor.settle();
  await ask(app, "/b/x");
  assertEquals(sums(), [[at(3001), 2], [at(3002), 1]]);
  await instance.deregister();
  await app.reactor.settle();
  assertEquals(sums(), [[at(3001), 2]]);
});
