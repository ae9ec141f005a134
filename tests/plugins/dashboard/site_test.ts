import dashboard from "../../../plugins/dashboard/mod.ts";
import { loadApplication } from "../../../runner/app/load_application.ts";
import { assert, assertEquals, assertStringIncludes } from "../../assert.ts";
import { act, ask, FakeControl, service, startDashboard } from "./_scene.ts";

const token = "correct-horse-battery";
const read = async (given: unknown) => {
  const result = await dashboard.options["~standard"].validate(given);
  if (result.issues !== undefined) throw new Error(JSON.stringify(result.issues));
  return result.value;
};

Deno.test("the dashboard is on loopback where no interface is named, and needs a token elsewhere", async () => {
  assertEquals(
    (await read({ listen: "tcp:9000" })).listen,
    (await read({ listen: "tcp:127.0.0.1:9000" })).listen,
  );
  const open = await read({ listen: "tcp:0.0.0.0:9000" });
  assertEquals(dashboard.check!(open).map(({ path }) => path), [["token"]]);
  assertEquals(dashboard.check!({ ...open, token }), []);
  assertEquals(dashboard.check!(await read({})), []);
});

Deno.test("the dashboard must be granted control", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/app.yaml`, "services: { it: { plugin: dashboard } }");
    const error = await loadApplication(`${folder}/app.yaml`, { env: new Map() }).catch((error) => error);
    assertStringIncludes(error.message, "needs the grant");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("the page runs its own scripts and no others, and every one of them is there", async () => {
  await using app = await startDashboard(new FakeControl());
  const page = await ask(app, "/");
  assertEquals(page.status, 200);
  assertStringIncludes(page.headers["content-security-policy"]!, "default-src 'none'; script-src 'self'");
  assertStringIncludes(page.headers["content-security-policy"]!, "frame-ancestors 'none'");
  for (const [, file] of page.body.matchAll(/(?:src|href)="(\w+\.\w+)"/g)) {
    assertEquals((await ask(app, `/${file}`)).status, 200, file);
  }
  const seen = new Set<string>();
  const visit = async (script: string): Promise<void> => {
    if (seen.has(script)) return;
    seen.add(script);
    const { status, body } = await ask(app, `/${script}`);
    assertEquals(status, 200, script);
    for (const [, next] of body.matchAll(/from "\.\/(\w+\.js)"/g)) await visit(next!);
  };
  await visit("main.js");
  assert(seen.size > 5);
  for (const wrong of ["/html.js", "/constructor.js", "/nothing.js", "/../deno.json"]) {
    assertEquals((await ask(app, wrong)).status, 404, wrong);
  }
});

Deno.test("another name that leads here and another site's page get nothing", async () => {
  const control = new FakeControl();
  await using app = await startDashboard(control);
  for (const path of ["/", "/api/events", "/api/reload"]) {
    assertEquals((await ask(app, path, { host: "rebound.test" })).status, 403, path);
    assertEquals((await ask(app, path, { headers: { origin: "http://evil.test" } })).status, 403, path);
  }
  const headers = { "x-heddle-action": "1" };
  const post = (more: Record<string, string>, host = "localhost") =>
    ask(app, "/api/stop?unit=web", { method: "POST", host, headers: { ...headers, ...more } });
  assertEquals((await post({}, "rebound.test")).status, 403);
  assertEquals((await post({ origin: "http://evil.test" })).status, 403);
  assertEquals((await post({ origin: "null" })).status, 403);
  assertEquals((await post({ "sec-fetch-site": "cross-site" })).status, 403);
  // A form of a page on another port of this machine, and a GET.
  assertEquals((await ask(app, "/api/stop?unit=web", { method: "POST" })).status, 403);
  assertEquals((await ask(app, "/api/stop?unit=web", { headers })).status, 405);
  assertEquals(control.asked, []);
});

Deno.test("with a token nobody gets anything without it, by whatever name", async () => {
  const control = new FakeControl();
  await using app = await startDashboard(control, { token });
  const status = async (authorization?: string) =>
    (await ask(
      app,
      "/api/history?unit=web",
      authorization === undefined ? {} : { headers: { authorization } },
    ))
      .status;
  assertEquals(await status(), 401);
  assertEquals(await status("Bearer wrong-horse-battery"), 401);
  assertEquals(await status(`Basic ${btoa("me:wrong")}`), 401);
  assertEquals(await status(`Bearer ${token}`), 200);
  assertEquals(await status(`Basic ${btoa(`me:${token}`)}`), 200);
  const headers = { authorization: `Bearer ${token}`, origin: "http://evil.test", "x-heddle-action": "1" };
  assertEquals((await ask(app, "/api/stop?unit=web", { method: "POST", headers })).status, 403);
  assertEquals(control.asked, []);
});

Deno.test("start, stop and restart answer with what came of it", async () => {
  const control = new FakeControl();
  await using app = await startDashboard(control);
  for (const action of ["stop", "start", "restart"]) {
    assertEquals((await act(app, `/api/${action}?unit=web`)).status, 200, action);
  }
  control.answer = (_, path) => Promise.resolve({ path, state: "backoff", reason: "port in use" });
  const failed = await act(app, "/api/restart?unit=store");
  assertEquals([failed.status, JSON.parse(failed.body).outcome.reason], [409, "port in use"]);
  assertEquals(control.asked, ["stop web", "start web", "restart web", "restart store"]);
  assertEquals((await act(app, "/api/stop?unit=nope")).status, 404);
  assertEquals((await act(app, "/api/stop")).status, 400);
});

Deno.test("who restarts the dashboard itself is told that it is under way", async () => {
  const control = new FakeControl();
  control.units = [service("dashboard")];
  const app = await startDashboard(control);
  let stopped: Promise<string[]> | undefined;
  // The outcome comes when the old one has gone, which waits for its requests.
  control.answer = (_, path) => {
    stopped = app.stop();
    return stopped.then(() => ({ path, state: "ready" }));
  };
  const got = await act(app, "/api/restart?unit=dashboard");
  assertEquals([got.status, JSON.parse(got.body)], [202, { ok: true, underWay: true }]);
  assertEquals(await stopped, []);
  await app[Symbol.asyncDispose]();
});

Deno.test("a reload shows the difference, and does that and nothing else", async () => {
  const control = new FakeControl();
  await using app = await startDashboard(control);
  const steps = [{ path: "web", action: "reload" }, { path: "old", action: "remove" }] as const;
  control.preview = { ok: true, plan: { steps } };
  control.outcome = { ok: true, report: { results: steps.map((step) => ({ ...step, result: "done" })) } };
  assertEquals(JSON.parse((await ask(app, "/api/reload")).body), { ok: true, steps });

  // The file has changed since.
  const other = await act(app, "/api/reload", JSON.stringify(steps.slice(1)));
  assertEquals([other.status, JSON.parse(other.body)], [409, { ok: false, changed: true, steps }]);
  assertEquals(control.asked, []);

  const done = await act(app, "/api/reload", JSON.stringify(steps));
  assertEquals([done.status, JSON.parse(done.body).results.length], [200, 2]);
  assertEquals(control.asked, ["reload"]);
});

Deno.test("what is wrong with the file is told with its place, without its lines", async () => {
  const control = new FakeControl();
  await using app = await startDashboard(control);
  const problem = { file: "app.yaml", line: 3, column: 5, path: "services.web", message: "Unknown key" };
  control.preview = { ok: false, problems: [{ ...problem, sourceLine: "password: hunter2" }] };
  for (const got of [await ask(app, "/api/reload"), await act(app, "/api/reload", "[]")]) {
    assertEquals([got.status, JSON.parse(got.body)], [422, { ok: false, problems: [problem] }]);
  }
  assertEquals(control.asked, []);
});
