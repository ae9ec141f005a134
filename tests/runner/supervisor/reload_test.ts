import type { ReloadReport } from "../../../services/supervision/reload.ts";
import { assertEquals, assertRejects } from "../../assert.ts";
import { Scene } from "./_scene.ts";
import { application, group, service } from "./_specs.ts";

function results(report: ReloadReport): string[] {
  return report.results.map(({ path, action, result }) => `${path} ${action} ${result}`);
}

Deno.test("apply() leaves alone what did not change", async () => {
  const scene = await Scene.started(application([service("a"), service("b"), group("g", [service("c")])]));
  scene.host.takeTrace();
  const report = scene.supervisor.apply(
    application([
      group("g", [service("c", { stopTimeout: 1 })]),
      service("new", { needs: ["a"] }),
      service("a"),
    ]),
  );
  await scene.pass(0);
  assertEquals(results(await report), ["b remove done", "new add done", "g.c settings done"]);
  assertEquals(scene.host.takeTrace(), ["stop b", "start new", "ready new"]);
  assertEquals(scene.supervisor.status().map(({ path }) => path), ["", "g", "g.c", "new", "a"]);
  scene.host.takeTrace();
  scene.supervisor.stopUnit("a");
  await scene.pass(0);
  assertEquals(scene.host.takeTrace(), ["stop new", "stop a"]);
  await scene.end();
});

Deno.test("apply() hands new options to a running service that takes them", async () => {
  const scene = await Scene.started(application([service("web")]));
  const report = scene.supervisor.apply(
    application([service("web", { fingerprint: "2", options: { n: 2 } })]),
  );
  await scene.pass(0);
  assertEquals(results(await report), ["web reload done"]);
  assertEquals(scene.host.last("web").reloads, [{ n: 2 }]);
  assertEquals(scene.host.count("web"), 1);
  scene.host.last("web").crash();
  await scene.pass(100);
  assertEquals(scene.host.last("web").launch.spec.options, { n: 2 });
  await scene.end();
});

for (const answer of ["false", "rejects", "never"] as const) {
  Deno.test(`a service whose reload() ${answer === "false" ? "returns false" : answer === "never" ? "never settles" : "rejects"} is replaced`, async () => {
    const reload = (): Promise<boolean> => {
      if (answer === "never") return new Promise(() => {});
      return answer === "false" ? Promise.resolve(false) : Promise.reject(new Error("no"));
    };
    const scene = await Scene.started(application([service("web")]), () => ({ reload }));
    scene.host.takeTrace();
    const report = scene.supervisor.apply(application([service("web", { fingerprint: "2" })]));
    await scene.pass(answer === "never" ? 10_000 : 0);
    assertEquals(results(await report), ["web reload done"]);
    assertEquals(scene.host.takeTrace(), ["stop web", "start web", "ready web"]);
    assertEquals(scene.host.last("web").launch.spec.fingerprint, "2");
    await scene.end();
  });
}

Deno.test("replace: exclusive stops the old, with what is bound to it, before it starts the new", async () => {
  const db = (fingerprint: string) => service("db", { fingerprint, plugin: `db${fingerprint}` });
  const scene = await Scene.started(application([db("1"), service("web", { needs: ["db"] })]));
  scene.host.takeTrace();
  const report = scene.supervisor.apply(application([db("2"), service("web", { needs: ["db"] })]));
  await scene.pass(0);
  assertEquals(results(await report), ["db replace done"]);
  assertEquals(scene.host.takeTrace(), [
    ...["stop web", "stop db"],
    ...["start db", "ready db", "start web", "ready web"],
  ]);
  assertEquals(scene.host.instances.get("db")![0]!.orders, [{ within: 10_000, hold: 5_000 }]);
  await scene.end();
});

Deno.test("replace: exclusive goes back to the old options when the new ones do not start", async () => {
  const web = (fingerprint: string) => service("web", { fingerprint, plugin: fingerprint });
  const scene = await Scene.started(
    application([web("1")]),
    (_, n) => n === 1 ? { start: 10, startError: new Error("bad option") } : {},
  );
  const report = scene.supervisor.apply(application([web("2")]));
  await scene.pass(10);
  assertEquals((await report).results, [
    { path: "web", action: "replace", replace: "exclusive", result: "rolled back", reason: "bad option" },
  ]);
  scene.assertStates({ web: "ready" });
  assertEquals(scene.host.instances.get("web")!.map(({ launch }) => launch.spec.fingerprint), [
    "1",
    "2",
    "1",
  ]);
  // The same file again is a change again.
  assertEquals(scene.supervisor.plan(application([web("2")])).steps.length, 1);
  assertEquals(scene.events.filter((event) => event.kind === "state" && event.to === "backoff"), []);
  await scene.end();
});

Deno.test("replace: overlap starts the new staged, switches when it is ready, then drains the old", async () => {
  const web = (fingerprint: string) =>
    service("web", { fingerprint, plugin: fingerprint, replace: "overlap" });
  const scene = await Scene.started(
    application([web("1"), service("front", { needs: ["web"] })]),
    (_, n) => n === 1 ? { start: 50 } : { stop: 500 },
  );
  scene.host.takeTrace();
  const report = scene.supervisor.apply(application([web("2"), service("front", { needs: ["web"] })]));
  await scene.pass(49);
  scene.assertStates({ web: "ready" });
  const [old, successor] = scene.host.instances.get("web")!;
  assertEquals([successor!.launch.staged, successor!.activated, old!.orders.length], [true, false, 0]);
  await scene.pass(1);
  assertEquals(results(await report), ["web replace done"]);
  assertEquals([successor!.activated, old!.orders], [true, [{ within: 10_000, hold: 0 }]]);
  assertEquals(scene.host.takeTrace(), ["start web", "ready web", "stop web"]);
  assertEquals(old!.alive, true);
  scene.assertStates({ web: "ready", front: "ready" });
  // Shutdown waits for the old one too.
  scene.supervisor.stop();
  await scene.pass(500);
  assertEquals((await scene.supervisor.ended).status, 0);
  assertEquals(old!.alive, false);
});

Deno.test("replace: overlap keeps the old one when the new does not start", async () => {
  const web = (fingerprint: string) =>
    service("web", { fingerprint, plugin: fingerprint, replace: "overlap" });
  const scene = await Scene.started(
    application([web("1")]),
    (_, n) => n === 1 ? { startError: new Error("bad option") } : {},
  );
  const report = scene.supervisor.apply(application([web("2")]));
  await scene.pass(0);
  assertEquals(results(await report), ["web replace rolled back"]);
  assertEquals(scene.host.instances.get("web")!.map(({ alive }) => alive), [true, false]);
  scene.assertStates({ web: "ready" });
  await scene.end();
});

Deno.test("a crash while a successor starts leaves the new options to the next attempt", async () => {
  const web = (fingerprint: string) =>
    service("web", { fingerprint, plugin: fingerprint, replace: "overlap" });
  const scene = await Scene.started(application([web("1")]), (_, n) => n === 1 ? { start: 50 } : {});
  const report = scene.supervisor.apply(application([web("2")]));
  await scene.pass(10);
  scene.host.instances.get("web")![0]!.crash();
  await scene.pass(100);
  await report;
  assertEquals(scene.host.instances.get("web")!.map(({ launch }) => launch.spec.fingerprint), [
    "1",
    "2",
    "2",
  ]);
  assertEquals(scene.host.instances.get("web")!.map(({ alive }) => alive), [false, false, true]);
  scene.assertStates({ web: "ready" });
  await scene.end();
});

Deno.test("nothing new starts before what makes room for it has stopped", async () => {
  const scene = await Scene.started(application([service("old")]), () => ({ stop: 100 }));
  const report = scene.supervisor.apply(application([service("renamed")]));
  await scene.pass(99);
  assertEquals(scene.host.count("renamed"), 0);
  await scene.pass(1);
  assertEquals(results(await report), ["old remove done", "renamed add done"]);
  await scene.end();
});

Deno.test("new options revive a service that had failed", async () => {
  const scene = await Scene.started(
    application([service("web", { giveUp: { failures: 0, within: 1 } }), service("b")]),
    (path, n) => path === "web" && n === 0 ? { startError: new Error("no") } : {},
  );
  scene.assertStates({ web: "failed" });
  const report = scene.supervisor.apply(application([service("web", { fingerprint: "2" }), service("b")]));
  await scene.pass(0);
  assertEquals(results(await report), ["web reload done"]);
  scene.assertStates({ web: "ready" });
  await scene.end();
});

Deno.test("apply() refuses an application with unsound dependencies, and changes nothing", async () => {
  const scene = await Scene.started(application([service("web")]));
  await assertRejects(
    () => scene.supervisor.apply(application([service("a", { needs: ["nowhere"] })])),
    Error,
    'Cannot let "a" depend on "nowhere": there is no such unit',
  );
  scene.assertStates({ web: "ready" });
  await scene.end();
});

Deno.test("apply() calls wait for one another, and a shutdown interrupts them", async () => {
  const scene = await Scene.started(application([service("a")]), () => ({ stop: 1_000 }));
  const first = scene.supervisor.apply(application([service("b")]));
  const second = scene.supervisor.apply(application([service("c")]));
  await scene.pass(1_000);
  assertEquals(results(await first), ["a remove done", "b add done"]);
  await scene.pass(10);
  scene.supervisor.stop();
  await scene.pass(1_000);
  assertEquals(results(await second), ["b remove interrupted", "c add interrupted"]);
  assertEquals((await scene.supervisor.ended).status, 0);
  assertEquals(scene.host.count("c"), 0);
});

Deno.test("a reload that waits for a need in backoff ends, and says what is waited for", async () => {
  const scene = await Scene.started(
    application([service("db")]),
    (path) => path === "db" ? { startError: new Error("no") } : {},
    100_000,
  );
  const report = scene.supervisor.apply(application([service("db"), service("web", { needs: ["db"] })]));
  await scene.pass(0);
  assertEquals((await report).results, [
    { path: "web", action: "add", result: "waiting", reason: 'it waits for "db"' },
  ]);
  await scene.end();
});

Deno.test("a fallback that waits has the settings of the last reload", async () => {
  const web = (fingerprint: string, needs: string[]) =>
    service("web", { fingerprint, plugin: fingerprint, needs });
  const scene = await Scene.started(
    application([service("db"), web("1", [])]),
    (path, n) => path === "db" || n === 1 ? { startError: new Error("no") } : {},
    100_000,
  );
  const first = scene.supervisor.apply(application([service("db"), web("2", ["db"])]));
  await scene.pass(0);
  assertEquals(results(await first), ["web replace waiting"]);
  scene.supervisor.apply(application([service("db"), web("2", [])]));
  await scene.pass(0);
  scene.assertStates({ web: "ready" });
  const { fingerprint, needs } = scene.host.last("web").launch.spec;
  assertEquals([fingerprint, needs], ["1", []]);
  await scene.end();
});

Deno.test("a replacement that could not begin is given up by a reload that no longer wants it", async () => {
  const web = (fingerprint: string, needs: string[]) =>
    service("web", { fingerprint, plugin: fingerprint, needs, replace: "overlap" });
  const scene = await Scene.started(
    application([service("db"), web("1", [])]),
    (path) => path === "db" ? { startError: new Error("no") } : {},
    100_000,
  );
  const first = scene.supervisor.apply(application([service("db"), web("2", ["db"])]));
  await scene.pass(0);
  assertEquals(results(await first), ["web replace waiting"]);
  scene.supervisor.apply(application([service("db"), web("1", [])]));
  await scene.pass(10_000);
  scene.assertStates({ web: "ready" });
  assertEquals(scene.host.count("web"), 1);
  await scene.end();
});
