import { assertEquals } from "../../assert.ts";
import { Scene } from "./_scene.ts";
import { application, group, service } from "./_specs.ts";

Deno.test("stopUnit() stops the dependents first; startUnit() brings them back", async () => {
  const scene = await Scene.started(
    application([service("db"), service("web", { needs: ["db"] }), service("tail", { after: ["db"] })]),
    () => ({ stop: 10 }),
  );
  scene.host.takeTrace();
  const stopped = scene.supervisor.stopUnit("db");
  await scene.pass(20);
  assertEquals(await stopped, { path: "db", state: "stopped" });
  assertEquals(scene.host.takeTrace(), ["stop web", "stop db"]);
  scene.assertStates({ db: "stopped", web: "waiting", tail: "ready" });
  const refused = scene.supervisor.startUnit("web");
  assertEquals(await refused, { path: "web", state: "waiting", reason: 'it waits for "db"' });
  const started = scene.supervisor.startUnit("db");
  await scene.pass(0);
  assertEquals(await started, { path: "db", state: "ready" });
  scene.assertStates({ db: "ready", web: "ready" });
  await scene.end();
});

Deno.test("stopping one of a group stops what needs the group", async () => {
  const scene = await Scene.started(
    application([
      group("back", [group("deep", [service("a"), service("b")])]),
      service("web", { needs: ["back"] }),
    ]),
  );
  scene.host.takeTrace();
  scene.supervisor.stopUnit("back.deep.a");
  await scene.pass(0);
  assertEquals(scene.host.takeTrace(), ["stop web", "stop back.deep.a"]);
  scene.assertStates({ web: "waiting", "back.deep.b": "ready", back: "starting" });
  await scene.end();
});

Deno.test("a stopped group takes its parent's dependents along, and starts as a whole", async () => {
  const scene = await Scene.started(
    application([
      group("back", [group("deep", [service("a")]), service("b")]),
      service("web", { needs: ["back"] }),
    ]),
  );
  scene.host.takeTrace();
  scene.supervisor.stopUnit("back.deep");
  await scene.pass(0);
  assertEquals(scene.host.takeTrace(), ["stop web", "stop back.deep.a"]);
  scene.assertStates({ "back.deep": "stopped", "back.deep.a": "stopped", "back.b": "ready" });
  const refused = scene.supervisor.startUnit("back.deep.a");
  assertEquals(await refused, {
    path: "back.deep.a",
    state: "stopped",
    reason: 'its group "back.deep" does not run',
  });
  const started = scene.supervisor.startUnit("back");
  await scene.pass(0);
  assertEquals(await started, { path: "back", state: "ready" });
  scene.assertStates({ "back.deep.a": "ready", web: "ready" });
  await scene.end();
});

Deno.test("restartUnit() of a service restarts what is bound to it, and forgets its failures", async () => {
  const scene = await Scene.started(
    application([service("db"), service("web", { needs: ["db"] })]),
    (path, n) => path === "db" && n < 3 ? { startError: new Error("no") } : {},
    1_000,
  );
  scene.host.takeTrace();
  const restarted = scene.supervisor.restartUnit("db");
  await scene.pass(0);
  assertEquals(await restarted, { path: "db", state: "ready" });
  assertEquals(scene.host.takeTrace(), [
    ...["stop web", "stop db"],
    ...["start db", "ready db", "start web", "ready web"],
  ]);
  scene.host.last("db").crash();
  await scene.pass(100);
  scene.assertStates({ db: "ready" });
  await scene.end();
});

Deno.test("restartUnit() of a group stops all of it before any of it starts", async () => {
  const scene = await Scene.started(
    application([group("g", [service("a"), service("b", { restart: "temporary" })])]),
    (path) => ({ stop: path === "g.a" ? 100 : 10 }),
  );
  const restarted = scene.supervisor.restartUnit("g");
  await scene.pass(99);
  scene.assertStates({ g: "draining", "g.a": "draining", "g.b": "waiting" });
  await scene.pass(1);
  assertEquals(await restarted, { path: "g", state: "ready" });
  await scene.end();
});

Deno.test("startUnit() of a service in backoff tries at once; the outcome tells that it failed again", async () => {
  const scene = await Scene.started(
    application([service("web")]),
    () => ({ startError: new Error("no") }),
    10_000,
  );
  const outcome = scene.supervisor.startUnit("web");
  await scene.pass(0);
  assertEquals(await outcome, { path: "web", state: "backoff", reason: "no" });
  await scene.end();
});

Deno.test("a stop during a backoff ends the attempts, and lets the siblings of a strategy go on", async () => {
  const scene = await Scene.started(
    application([service("a"), service("b")], { strategy: "one-for-all" }),
  );
  scene.host.last("a").crash();
  await scene.pass(10);
  scene.assertStates({ a: "backoff", b: "waiting" });
  scene.supervisor.stopUnit("a");
  await scene.pass(0);
  scene.assertStates({ a: "stopped", b: "ready" });
  await scene.pass(1_000);
  assertEquals(scene.host.count("a"), 1);
  await scene.end();
});

Deno.test("requests for what does not exist, or after the end, are answered", async () => {
  const scene = await Scene.started(application([service("web")]));
  assertEquals(await scene.supervisor.stopUnit("wbe"), {
    path: "wbe",
    state: "stopped",
    reason: "there is no such unit",
  });
  await scene.end();
  assertEquals(await scene.supervisor.startUnit("web"), {
    path: "web",
    state: "stopped",
    reason: "the application is not running",
  });
});

Deno.test("a start that comes while the stop is under way wins", async () => {
  const scene = await Scene.started(application([service("web")]), () => ({ stop: 100 }));
  const stopped = scene.supervisor.stopUnit("web");
  await scene.pass(50);
  const started = scene.supervisor.startUnit("web");
  await scene.pass(50);
  assertEquals((await started).state, "ready");
  assertEquals((await stopped).path, "web");
  assertEquals(scene.host.count("web"), 2);
  await scene.end();
});

Deno.test("restartUnit() renews what can be renewed piece by piece; what depends on it is not touched", async () => {
  let renewed = 0;
  const scene = await Scene.started(
    application([service("db"), service("web", { needs: ["db"] })]),
    (path) => path === "db" ? { renew: () => Promise.resolve(void renewed++) } : {},
  );
  scene.host.takeTrace();
  assertEquals(await scene.supervisor.restartUnit("db"), { path: "db", state: "ready" });
  assertEquals([renewed, scene.host.takeTrace()], [1, []]);
  await scene.end();
});

Deno.test("restartUnit() of what could not be renewed says why, and what was before goes on", async () => {
  const scene = await Scene.started(
    application([service("web")]),
    () => ({ renew: () => Promise.reject(new Error("no successor")) }),
  );
  assertEquals(await scene.supervisor.restartUnit("web"), {
    path: "web",
    state: "ready",
    reason: "it goes on as it was: no successor",
  });
  await scene.end();
});

Deno.test("restartUnit() of what is not ready starts it, however it could be renewed", async () => {
  const scene = await Scene.started(
    application([service("web")]),
    () => ({ renew: () => Promise.reject(new Error("not asked for")) }),
  );
  const stopped = scene.supervisor.stopUnit("web");
  await scene.pass(0);
  await stopped;
  const restarted = scene.supervisor.restartUnit("web");
  await scene.pass(0);
  assertEquals(await restarted, { path: "web", state: "ready" });
  await scene.end();
});
