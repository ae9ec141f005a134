import { assert, assertEquals } from "../../assert.ts";
import { Scene } from "./_scene.ts";
import { application, service } from "./_specs.ts";

const jobs = (settings = {}) => service("jobs", { singleton: true, stopTimeout: 3_000, ...settings });

Deno.test("a singleton waits to be elected, and says so; the application is ready meanwhile", async () => {
  const scene = await Scene.started(
    application([service("web"), jobs({ startTimeout: 1_000 })]),
    undefined,
    5_000,
  );
  scene.assertStates({ web: "ready", jobs: "waiting" });
  assertEquals(scene.unit("jobs").waitsFor, ["another runner, which runs it now"]);
  assert(scene.events.some(({ kind }) => kind === "ready"));
  const leadership = scene.elections.elect("jobs");
  await scene.pass(0);
  scene.assertStates({ jobs: "ready" });
  assertEquals(scene.host.last("jobs").launch.leadership, leadership);
  await scene.end();
  assertEquals(scene.elections.trace, ["stand jobs", "leave jobs"]);
});

Deno.test("a singleton stands only when what it needs is there, and leaves when that goes", async () => {
  const spec = application([service("store"), jobs({ needs: ["store"] })]);
  const scene = await Scene.started(spec, (path) => path === "store" ? { start: 100 } : {});
  assertEquals(scene.elections.trace, []);
  assertEquals(scene.unit("jobs").waitsFor, ["store"]);
  await scene.pass(100);
  assertEquals(scene.elections.trace, ["stand jobs"]);
  await scene.supervisor.stopUnit("store");
  assertEquals(scene.elections.trace, ["stand jobs", "leave jobs"]);
  assertEquals(scene.elections.standing.size, 0);
  await scene.end();
});

Deno.test("a singleton that is deposed stops at once, beside what depends on it, and stands again", async () => {
  const spec = application([jobs(), service("user", { needs: ["jobs"] })]);
  const scene = await Scene.started(spec, (path) => ({ stop: path === "user" ? 2_000 : 1_000 }));
  scene.elections.elect("jobs");
  await scene.pass(0);
  scene.assertStates({ jobs: "ready", user: "ready" });
  scene.elections.depose("jobs");
  await scene.pass(0);
  scene.assertStates({ jobs: "draining", user: "draining" });
  assertEquals(scene.host.last("jobs").orders, [{ within: 3_000, hold: 0 }]);
  await scene.pass(1_000);
  scene.assertStates({ jobs: "waiting", user: "draining" });
  assertEquals(scene.elections.trace, ["stand jobs", "abandon jobs", "stand jobs"]);
  const change = scene.events.find((event) => event.kind === "state" && event.to === "draining");
  assertEquals(change?.kind === "state" ? change.reason : "", "somebody else");
  await scene.pass(1_000);
  scene.elections.elect("jobs");
  await scene.pass(0);
  scene.assertStates({ jobs: "ready", user: "ready" });
  await scene.end();
});

Deno.test("a singleton that is deposed while it starts does not go on to", async () => {
  const scene = await Scene.started(application([jobs()]), () => ({ start: 500 }));
  scene.elections.elect("jobs");
  await scene.pass(100);
  scene.assertStates({ jobs: "starting" });
  scene.elections.depose("jobs");
  await scene.pass(0);
  scene.assertStates({ jobs: "waiting" });
  assertEquals(scene.host.count("jobs"), 1);
  await scene.end();
});

Deno.test("a crash hands over; what an operator restarts stays", async () => {
  const scene = await Scene.started(application([jobs()]));
  scene.elections.elect("jobs");
  await scene.pass(0);
  void scene.supervisor.restartUnit("jobs");
  await scene.pass(0);
  scene.assertStates({ jobs: "ready" });
  assertEquals(scene.elections.trace, ["stand jobs"]);
  scene.host.last("jobs").crash();
  await scene.pass(0);
  scene.assertStates({ jobs: "backoff" });
  assertEquals(scene.elections.trace, ["stand jobs", "leave jobs"]);
  await scene.pass(100);
  scene.assertStates({ jobs: "waiting" });
  assertEquals(scene.elections.trace, ["stand jobs", "leave jobs", "stand jobs"]);
  await scene.end();
});

Deno.test("a singleton whose stop does not end is not handed over before its time is over", async () => {
  const scene = await Scene.started(application([jobs()]), () => ({ stop: "hang" }));
  scene.elections.elect("jobs");
  await scene.pass(0);
  void scene.supervisor.stopUnit("jobs");
  await scene.pass(3_999);
  assertEquals(scene.elections.trace, ["stand jobs"]);
  await scene.pass(1);
  assertEquals(scene.elections.trace, ["stand jobs", "abandon jobs"]);
  await scene.end();
});

Deno.test("a reload that takes a singleton away ends its candidacy", async () => {
  const scene = await Scene.started(application([service("web"), jobs()]));
  await scene.supervisor.apply(application([service("web")]));
  assertEquals(scene.elections.trace, ["stand jobs", "leave jobs"]);
  await scene.supervisor.apply(application([service("web"), jobs()]));
  assertEquals(scene.elections.trace.at(-1), "stand jobs");
  await scene.end();
});
