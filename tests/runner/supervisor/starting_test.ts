import { assertEquals, assertRejects, assertStringIncludes } from "../../assert.ts";
import { Scene } from "./_scene.ts";
import { application, group, service } from "./_specs.ts";

Deno.test("start() starts independent services together, and dependents when their needs are ready", async () => {
  const scene = await Scene.started(
    application([
      service("web", { needs: ["db"] }),
      service("db"),
      service("log"),
      service("report", { after: ["log"] }),
    ]),
    (path) => ({ start: path === "db" ? 300 : 200 }),
  );
  assertEquals(scene.host.takeTrace(), ["start db", "start log"]);
  await scene.pass(200);
  assertEquals(scene.host.takeTrace(), ["ready log", "start report"]);
  await scene.pass(100);
  assertEquals(scene.host.takeTrace(), ["ready db", "start web"]);
  assertEquals(scene.unit("web").state, "starting");
  await scene.pass(200);
  await scene.supervisor.firstReady;
  scene.assertStates({ "": "ready", web: "ready", db: "ready", log: "ready", report: "ready" });
  await scene.end();
});

Deno.test("a dependency on a group waits for all that is in it, and what a group depends on, all in it do", async () => {
  const scene = await Scene.started(
    application([
      group("front", [service("a"), service("b", { after: ["front.a"] })], { needs: ["back"] }),
      group("back", [service("x"), group("deep", [service("y")])]),
    ]),
    (path) => ({ start: path === "back.deep.y" ? 50 : 0 }),
  );
  scene.assertStates({ back: "starting", "back.x": "ready", front: "waiting", "front.a": "waiting" });
  assertEquals(scene.unit("front.a").waitsFor, ["back"]);
  await scene.pass(50);
  assertEquals(scene.host.takeTrace().slice(-4), [
    "start front.a",
    "ready front.a",
    "start front.b",
    "ready front.b",
  ]);
  await scene.end();
});

Deno.test("a temporary service that failed does not keep its group from being ready", async () => {
  const scene = await Scene.started(
    application([
      group("jobs", [service("once", { restart: "temporary" }), service("queue")]),
      service("web", { needs: ["jobs"] }),
    ]),
    (path) => path === "jobs.once" ? { startError: new Error("no") } : {},
  );
  scene.assertStates({ "jobs.once": "failed", jobs: "ready", web: "ready" });
  await scene.end();
});

Deno.test("firstReady counts a finished service, and waits for one in backoff", async () => {
  const scene = await Scene.started(
    application([service("job", { restart: "transient" }), service("web")]),
    (path, n) =>
      path === "job"
        ? { endsAfter: 10, ending: { kind: "finished" } }
        : n === 0
        ? { startError: new Error("port in use") }
        : {},
  );
  await scene.pass(50);
  scene.assertStates({ job: "finished", web: "backoff" });
  assertEquals(scene.events.some((event) => event.kind === "ready"), false);
  await scene.pass(50);
  assertEquals(scene.events.filter((event) => event.kind === "ready"), [{ kind: "ready", at: 100 }]);
  await scene.end();
});

Deno.test("a start that takes longer than startTimeout has failed", async () => {
  const scene = await Scene.started(
    application([service("web", { startTimeout: 1_000 })]),
    (_, n) => n === 0 ? { start: "hang" } : {},
    999,
  );
  scene.assertStates({ web: "starting" });
  await scene.pass(1);
  scene.assertStates({ web: "backoff" });
  assertStringIncludes(scene.unit("web").lastError!, "longer than 1000 ms");
  await scene.pass(100);
  scene.assertStates({ web: "ready" });
  assertEquals(scene.unit("web").restarts, 1);
  await scene.end();
});

Deno.test("a host that throws is a failed start", async () => {
  const scene = await Scene.started(
    application([service("web", { restart: "temporary" })]),
    () => ({ launchError: new Error("no such module") }),
  );
  assertEquals(await scene.supervisor.ended, {
    status: 69,
    reason: 'every service failed, "web" last: no such module',
  });
  await assertRejects(() => scene.supervisor.firstReady, Error, "ended first");
  assertEquals(scene.clock.pending, []);
});

Deno.test("an application without services is ready at once, and runs until it is stopped", async () => {
  const scene = await Scene.started(application([]));
  await scene.supervisor.firstReady;
  scene.assertStates({ "": "ready" });
  await scene.end();
});
