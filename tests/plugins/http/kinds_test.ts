import http from "../../../plugins/http/mod.ts";
import { type ApplicationView, applicationView } from "../../../services/control/application_view.ts";
import { MetricSet } from "../../../services/metrics/metric_set.ts";
import { parsePrometheus } from "../../support/prometheus.ts";
import { provision, startPlugin } from "../../../services/testing/mod.ts";
import type { UnitState } from "../../../services/supervision/unit_state.ts";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "../../assert.ts";
import { ask, requestText, type Running, startHttp } from "./_scene.ts";

const fixture = (name: string) => new URL(`./fixtures/${name}`, import.meta.url).pathname;

// redirect

Deno.test("redirect leads elsewhere, with the query and what is below the route", async () => {
  await using app = await startHttp({
    routes: [
      { path: "/old", redirect: "/new" },
      { path: "/docs/*", redirect: { to: "https://docs.example/v2/*", status: 308 } },
      { path: "/up/*", redirect: "/*" },
      { path: "/fixed/*", redirect: { to: "/search?q=1", status: 301 } },
    ],
  });
  const cases: [target: string, status: number, location: string][] = [
    ["/old", 302, "/new"],
    ["/old?x=1", 302, "/new?x=1"],
    ["/docs/a/b%20c?x=%41", 308, "https://docs.example/v2/a/b%20c?x=%41"],
    ["/docs", 308, "https://docs.example/v2"],
    ["/up/a", 302, "/a"],
    ["/up", 302, "/"],
    ["/fixed/a?b=2", 301, "/search?q=1"],
  ];
  for (const [target, status, location] of cases) {
    const got = await ask(app, target);
    assertEquals([got.status, got.headers.location], [status, location], target);
  }
});

Deno.test("redirect does not lead to another host, whatever the path looks like", async () => {
  await using app = await startHttp({ routes: [{ path: "/up/*", redirect: "/*" }] });
  for (
    const target of ["/up//evil.example", "/up/%2Fevil.example", "/up///evil.example", "/up/\\evil.example"]
  ) {
    assertEquals((await ask(app, target)).headers.location, "/evil.example", target);
  }
  assertEquals((await ask(app, "/up/%5Cevil.example")).headers.location, "/%5Cevil.example");
  assertEquals((await ask(app, "/up/a%0d%0aset-cookie:x")).headers.location, "/a%0D%0Aset-cookie%3Ax");
});

// handler

Deno.test("handler calls a module's function", async () => {
  await using app = await startHttp({ routes: [{ handler: fixture("plain.ts") }] });
  assertEquals((await ask(app, "/a/b?c")).body, '{"path":"/a/b","method":"GET"}');
  assertEquals((await ask(app, "/upload", { method: "POST", body: "12345" })).body, "5");
  assertEquals((await ask(app, "/refuse")).status, 418);
});

Deno.test("handler mounts a Hono application as it is", async () => {
  await using app = await startHttp({ routes: [{ path: "/hono/*", handler: fixture("hono_app.ts") }] });
  assertEquals((await ask(app, "/hono/world")).body, "Hello world");
  assertEquals((await ask(app, "/hono/sum", { method: "POST", body: '{"a":1}' })).body, '{"sum":2}');
  assertEquals((await ask(app, "/hono/x/y")).status, 404);
});

Deno.test("handler that throws: 500 without the reason, which is in the log with its place", async () => {
  await using app = await startHttp({ routes: [{ handler: fixture("plain.ts") }] });
  for (const path of ["/throw", "/reject"]) {
    const { status, body } = await ask(app, path);
    assertEquals([status, body], [500, "Internal Server Error\n"]);
  }
  const [record] = app.log.records;
  assertStringIncludes(String(record?.fields.at), "fixtures/plain.ts:9");
  assertEquals(record?.fields.path, "/throw");
});

Deno.test("handler streams events", async () => {
  await using app = await startHttp({ routes: [{ handler: fixture("plain.ts"), compress: true }] });
  const { headers, body } = await ask(app, "/events", { headers: { "accept-encoding": "br" } });
  assertEquals(headers["content-type"], "text/event-stream");
  assertEquals(body, "event: count\ndata: 1\n\ndata: 2\n\n");
});

const handshake = {
  connection: "upgrade",
  upgrade: "websocket",
  "sec-websocket-version": "13",
  "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
};

/** A masked text frame, with a mask of zeros. */
function textFrame(text: string): Uint8Array {
  const bytes = new TextEncoder().encode(text);
  return Uint8Array.from([0x81, 0x80 | bytes.length, 0, 0, 0, 0, ...bytes]);
}

Deno.test("handler opens a WebSocket, around which everything may stand, and which outlives a reload", async () => {
  const routes = [{
    handler: fixture("plain.ts"),
    compress: true,
    headers: { "x-a": "b" },
    timeout: "5s",
    rateLimit: { requests: 10 },
  }];
  await using app = await startHttp({ routes });
  const client = await app.connect();
  await client.send(requestText("/socket", { headers: handshake }));
  assert(client.received().startsWith("HTTP/1.1 101 "));
  assertEquals(await app.reload({ routes: [{ path: "/new", respond: "new" }, ...routes] }), true);
  await client.send(textFrame("hi"));
  assertStringIncludes(client.received(), "echo hi");
  assertEquals((await ask(app, "/new")).body, "new");
});

Deno.test("a Hono application opens a WebSocket by its env", async () => {
  await using app = await startHttp({ routes: [{ path: "/hono/*", handler: fixture("hono_app.ts") }] });
  const client = await app.connect();
  await client.send(requestText("/hono/socket", { headers: handshake }));
  assert(client.received().startsWith("HTTP/1.1 101 "));
  await client.send(textFrame("hi"));
  assertStringIncludes(client.received(), "hono hi");
});

Deno.test("handler that cannot be used fails the start with its name and the reason", async () => {
  const start = (handler: string) => startHttp({ routes: [{ handler }] });
  await assertRejects(() => start("./gone.ts"), Error, 'Cannot load handler "./gone.ts": no such file: ');
  await assertRejects(() => start(fixture("broken.ts")), Error, "Error: no database");
  await assertRejects(() => start(fixture("no_handler.ts")), Error, "it must default-export a function, or");
});

// health

async function withStates(
  health: "live" | "ready" | string[],
  states: Record<string, UnitState>,
  test: (app: Running) => Promise<void>,
): Promise<void> {
  const view = {
    statusOf: (path: string) => path in states ? { path, state: states[path] } : undefined,
  } as unknown as typeof applicationView["_type"];
  await using app = await startPlugin(http, { routes: [{ path: "/z", health }] }, {
    provisions: [provision(applicationView, view!)],
  });
  await test(app);
}

Deno.test("health tells that the service lives, or that the application is ready", async () => {
  const states: Record<string, UnitState> = { "": "starting", store: "ready" };
  await withStates("live", states, async (app) => {
    const { status, body, headers } = await ask(app, "/z");
    assertEquals([status, body, headers["cache-control"]], [200, "live\n", "no-store"]);
    const refused = await ask(app, "/z", { method: "POST" });
    assertEquals([refused.status, refused.headers.allow], [405, "GET, HEAD, OPTIONS"]);
  });
  await withStates("ready", states, async (app) => {
    assertEquals((await ask(app, "/z")).status, 503);
    states[""] = "ready";
    assertEquals((await ask(app, "/z")).status, 200);
  });
  await withStates(["store"], states, async (app) => {
    assertEquals((await ask(app, "/z")).status, 200);
    states.store = "backoff";
    const { status, body } = await ask(app, "/z");
    assertEquals([status, body], [503, "not ready\n"]);
  });
});

Deno.test("health of a service that does not exist fails the start", async () => {
  await assertRejects(
    () => withStates(["stroe"], { "": "ready" }, () => Promise.resolve()),
    Error,
    'Cannot tell the health of "stroe" at /z: the application has no such service',
  );
});

// respond

Deno.test("OPTIONS * is answered for the whole server", async () => {
  await using app = await startHttp({ routes: [{ respond: "x" }] });
  assertEquals((await ask(app, "*", { method: "OPTIONS" })).status, 204);
});

// metrics

Deno.test("metrics tells all metrics of the application, as Prometheus scrapes them", async () => {
  const set = new MetricSet();
  set.counter("jobs_total", { help: "Jobs", labels: ["queue"] }).with('a "b"').inc(2);
  const view = { metrics: () => set.collect() } as unknown as ApplicationView;
  await using app = await startPlugin(http, { routes: [{ path: "/metrics", metrics: true }] }, {
    provisions: [provision(applicationView, view)],
  });
  const { status, headers, body } = await ask(app, "/metrics");
  assertEquals([status, headers["content-type"]], [200, "text/plain; version=0.0.4; charset=utf-8"]);
  const [sample] = parsePrometheus(body).get("jobs_total")!.samples;
  assertEquals(sample, { name: "jobs_total", labels: { queue: 'a "b"' }, value: 2 });
  assertEquals((await ask(app, "/metrics", { method: "POST" })).status, 405);
  assertEquals((await ask(app, "/metrics", { method: "OPTIONS" })).headers.allow, "GET, HEAD, OPTIONS");
});
