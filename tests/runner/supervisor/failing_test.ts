import type { StateChange } from "../../../services/supervision/events.ts";
import { assert, assertEquals, assertStringIncludes } from "../../assert.ts";
import type { Script } from "./_fake_host.ts";
import { Scene } from "./_scene.ts";
import { application, group, service } from "./_specs.ts";

const finishes: Script = { endsAfter: 10, ending: { kind: "finished" } };
const crashes: Script = { endsAfter: 10 };

function backoffs(scene: Scene, path: string): StateChange[] {
  return scene.events.filter((event): event is StateChange =>
    event.kind === "state" && event.path === path && event.to === "backoff"
  );
}

Deno.test("a crashed service is started again, after 100 ms x 2 up to 30 s", async () => {
  const scene = await Scene.started(application([service("web")]), () => ({ startError: new Error("no") }));
  await scene.pass(200_000);
  assertEquals(backoffs(scene, "web").slice(0, 11).map(({ delay }) => delay), [
    ...[100, 200, 400, 800, 1_600, 3_200, 6_400, 12_800, 25_600],
    ...[30_000, 30_000],
  ]);
  assertEquals(backoffs(scene, "web").slice(0, 3).map(({ attempt }) => attempt), [1, 2, 3]);
  const { state, nextAttemptAt, lastError } = scene.unit("web");
  assertEquals([state, lastError], ["backoff", "no"]);
  assert(nextAttemptAt! > 200_000);
  await scene.end();
});

Deno.test("60 s ready, and the next failure is the first again", async () => {
  const scene = await Scene.started(
    application([service("web")]),
    (_, n) => ({ endsAfter: n < 2 ? 59_999 : 60_000 }),
  );
  await scene.pass(60_000 * 4);
  assertEquals(backoffs(scene, "web").map(({ delay }) => delay), [100, 200, 100]);
  await scene.end();
});

Deno.test("restart: what comes back after which ending", async () => {
  const restarts = ["permanent", "transient", "temporary"] as const;
  const spec = application(restarts.flatMap((restart) => [
    service(`${restart}-crashes`, { restart }),
    service(`${restart}-finishes`, { restart }),
  ]));
  const scene = await Scene.started(
    spec,
    (path, n) => n > 0 ? {} : path.endsWith("crashes") ? crashes : finishes,
    1_000,
  );
  scene.assertStates({
    "permanent-crashes": "ready",
    "permanent-finishes": "ready",
    "transient-crashes": "ready",
    "transient-finishes": "finished",
    "temporary-crashes": "failed",
    "temporary-finishes": "finished",
  });
  await scene.end();
});

Deno.test("giveUp: as many failures as it allows are borne, one more within its time ends it failed", async () => {
  const giveUp = { failures: 2, within: 1_000 };
  const scene = await Scene.started(
    application([
      service("web", { giveUp, backoff: { initial: 10, factor: 1, max: 10, resetAfter: 60_000 } }),
      service("other"),
    ]),
    (path, n) => path === "web" && n < 2 ? crashes : {},
    5_000,
  );
  scene.assertStates({ web: "ready" });
  scene.host.last("web").crash();
  await scene.pass(500);
  scene.host.last("web").crash();
  await scene.pass(500);
  // The third within 1000 ms of the first of them.
  scene.host.last("web").crash();
  await scene.pass(0);
  scene.assertStates({ web: "failed", other: "ready" });
  await scene.pass(100_000);
  assertEquals(scene.host.count("web"), 5);
  const outcome = scene.supervisor.startUnit("web");
  await scene.pass(0);
  assertEquals(await outcome, { path: "web", state: "ready" });
  await scene.end();
});

Deno.test("the sockets of a crashed service are held through a short backoff, and closed for a longer one", async () => {
  const scene = await Scene.started(
    application([service("web", { holdFor: 300 }), service("gone", { restart: "temporary" })]),
    () => crashes,
  );
  await scene.pass(1_000);
  const holds = scene.host.instances.get("web")!.map(({ orders }) => orders[0]?.hold);
  assertEquals(holds.slice(0, 3), [300, 300, 0]);
  assertEquals(scene.host.last("gone").orders, [{ within: 0, hold: 0 }]);
  await scene.end();
});

Deno.test("a failed start is followed by a stop that says how long the sockets stay", async () => {
  const scene = await Scene.started(
    application([service("web")]),
    (_, n) => n > 0 ? {} : { startError: "no" },
  );
  assertEquals(scene.host.last("web").orders, [{ within: 0, hold: 5_000 }]);
  await scene.end();
});

Deno.test("health: a rejection, or no answer within the interval, is a failure", async () => {
  const scene = await Scene.started(
    application([
      service("sick", { healthInterval: 1_000 }),
      service("mute", { healthInterval: 1_000 }),
      service("well", { healthInterval: 1_000 }),
      service("unasked", { healthInterval: 0 }),
    ]),
    (path, n) => {
      if (n > 0 || path === "well") return {};
      return { health: () => path === "sick" ? Promise.reject(new Error("ill")) : new Promise(() => {}) };
    },
    999,
  );
  scene.assertStates({ sick: "ready", mute: "ready", well: "ready" });
  await scene.pass(1);
  scene.assertStates({ sick: "backoff", mute: "ready", well: "ready" });
  assertEquals(scene.unit("sick").lastError, "ill");
  await scene.pass(999);
  scene.assertStates({ mute: "ready" });
  await scene.pass(1);
  scene.assertStates({ sick: "ready", mute: "backoff", well: "ready" });
  assertStringIncludes(scene.unit("mute").lastError!, "not answered within 1000 ms");
  await scene.pass(1_000);
  assertEquals([scene.host.last("well").healthChecks, scene.host.last("unasked").healthChecks], [3, 0]);
  await scene.end();
});

Deno.test("a crashed need may come back within needsGrace; after that its dependents restart", async () => {
  const scene = await Scene.started(
    application([
      service("db", { backoff: { initial: 3_000, factor: 2, max: 6_000, resetAfter: 60_000 } }),
      service("web", { needs: ["db"] }),
      service("front", { needs: ["web"] }),
    ]),
  );
  scene.host.last("db").crash();
  await scene.pass(3_000);
  scene.assertStates({ db: "ready", web: "ready", front: "ready" });
  scene.host.takeTrace();
  scene.host.last("db").crash();
  await scene.pass(4_999);
  scene.assertStates({ db: "backoff", web: "ready", front: "ready" });
  await scene.pass(1);
  scene.assertStates({ db: "backoff", web: "waiting", front: "waiting" });
  assertEquals(scene.host.takeTrace(), ["stop db", "stop front", "stop web"]);
  await scene.pass(1_000);
  scene.assertStates({ db: "ready", web: "ready", front: "ready" });
  // It counted once, against the culprit.
  assertEquals(["db", "web", "front"].map((path) => backoffs(scene, path).length), [2, 0, 0]);
  await scene.end();
});

Deno.test("what needs a service that failed for good stops at once, and waits", async () => {
  const scene = await Scene.started(
    application([
      service("db", { restart: "temporary" }),
      service("web", { needs: ["db"] }),
      service("tail", { after: ["db"] }),
    ]),
  );
  scene.host.last("db").crash();
  await scene.pass(0);
  scene.assertStates({ db: "failed", web: "waiting", tail: "ready" });
  assertEquals(scene.unit("web").waitsFor, ["db"]);
  await scene.end();
});

Deno.test("a temporary dependent is not restarted", async () => {
  const scene = await Scene.started(
    application([service("db"), service("once", { needs: ["db"], restart: "temporary", needsGrace: 10 })]),
  );
  scene.host.last("db").crash();
  await scene.pass(1_000);
  scene.assertStates({ db: "ready", once: "stopped" });
  await scene.end();
});

Deno.test("strategies: who restarts with the failed one", async () => {
  const cases = {
    "one-for-one": ["b"],
    "rest-for-one": ["b", "c", "d.e"],
    "one-for-all": ["a", "b", "c", "d.e"],
  } as const;
  for (const [strategy, expected] of Object.entries(cases)) {
    const scene = await Scene.started(application(
      [service("a"), service("b"), service("c"), group("d", [service("e")])],
      { strategy: strategy as keyof typeof cases },
    ));
    scene.host.last("b").crash();
    await scene.pass(99);
    const down = ["a", "b", "c", "d.e"].filter((path) => scene.state(path) !== "ready");
    assertEquals(down, [...expected], strategy);
    await scene.pass(1);
    scene.assertStates({ a: "ready", b: "ready", c: "ready", "d.e": "ready", "": "ready" });
    assertEquals(backoffs(scene, "b").length, 1);
    assertEquals(["a", "c", "d", "d.e"].flatMap((path) => backoffs(scene, path)), []);
    await scene.end();
  }
});

Deno.test("siblings of a strategy start again when all of them have stopped and the backoff is over", async () => {
  const scene = await Scene.started(
    application([service("a"), service("b"), service("c")], { strategy: "one-for-all" }),
    (path) => path === "c" ? { stop: 250 } : {},
  );
  scene.host.takeTrace();
  scene.host.last("a").crash();
  await scene.pass(249);
  scene.assertStates({ a: "waiting", b: "waiting", c: "draining" });
  await scene.pass(1);
  const starts = scene.host.takeTrace().filter((line) => line.startsWith("start"));
  assertEquals(starts.sort(), ["start a", "start b", "start c"]);
  await scene.end();
});

Deno.test("what is bound to a sibling that restarts, restarts with it, wherever it stands", async () => {
  const scene = await Scene.started(application([
    group("back", [service("store"), service("index")], { strategy: "rest-for-one" }),
    service("search", { needs: ["back.index"] }),
    service("read", { needs: ["back.store"] }),
  ]));
  scene.host.takeTrace();
  scene.host.last("back.store").crash();
  await scene.pass(100);
  assertEquals(scene.host.takeTrace().filter((line) => line.startsWith("sto")), [
    "stop back.store",
    "stop search",
    "stop back.index",
  ]);
  scene.assertStates({ search: "ready", read: "ready" });
  await scene.end();
});

Deno.test("a sibling's need does not cost the failed one its backoff", async () => {
  const scene = await Scene.started(
    application([service("db"), service("web", { needs: ["db"] })], { strategy: "one-for-all" }),
  );
  scene.host.last("web").crash();
  await scene.pass(99);
  scene.assertStates({ db: "waiting", web: "backoff" });
  await scene.pass(1);
  scene.assertStates({ db: "ready", web: "ready" });
  await scene.end();
});

Deno.test("siblings that are over are left alone by a strategy; temporary ones stay stopped", async () => {
  const scene = await Scene.started(
    application([
      service("job", { restart: "transient" }),
      service("once", { restart: "temporary" }),
      service("web"),
    ], { strategy: "one-for-all" }),
    (path) => path === "job" ? finishes : {},
    10,
  );
  scene.host.last("web").crash();
  await scene.pass(1_000);
  scene.assertStates({ job: "finished", once: "stopped", web: "ready" });
  await scene.end();
});

Deno.test("a significant service that fails for good fails its group, and the parent restarts by its strategy", async () => {
  const giveUp = { failures: 1, within: 10_000 };
  const scene = await Scene.started(application([
    service("before"),
    group("pair", [service("head", { significant: true, giveUp }), service("tail")]),
    service("after"),
  ], { strategy: "rest-for-one" }));
  scene.host.last("pair.head").crash();
  await scene.pass(100);
  scene.assertStates({ "pair.head": "ready" });
  scene.host.takeTrace();
  scene.host.last("pair.head").crash();
  await scene.pass(99);
  scene.assertStates({
    pair: "backoff",
    "pair.head": "failed",
    "pair.tail": "waiting",
    after: "waiting",
    before: "ready",
  });
  assertEquals(scene.unit("pair").lastError, '"pair.head" failed: boom');
  await scene.pass(1);
  scene.assertStates({ pair: "ready", "pair.head": "ready", "pair.tail": "ready", after: "ready" });
  assertEquals(scene.unit("pair").restarts, 1);
  // It began anew: one failure is borne again.
  scene.host.last("pair.head").crash();
  await scene.pass(100);
  scene.assertStates({ "pair.head": "ready" });
  await scene.end();
});

Deno.test("a group gives up like a service, and takes its parent with it when it is significant", async () => {
  const once = { failures: 0, within: 1_000 };
  const scene = await Scene.started(application([
    group("outer", [
      group("inner", [service("a", { significant: true, giveUp: once }), service("b")], {
        giveUp: once,
        significant: true,
      }),
      service("c"),
    ], { giveUp: once }),
    service("rest"),
  ]));
  scene.host.last("outer.inner.a").crash();
  await scene.pass(0);
  scene.assertStates({
    "outer.inner.a": "failed",
    "outer.inner.b": "stopped",
    "outer.inner": "failed",
    "outer.c": "stopped",
    outer: "failed",
    rest: "ready",
  });
  const outcome = scene.supervisor.startUnit("outer");
  await scene.pass(0);
  assertEquals(await outcome, { path: "outer", state: "ready" });
  scene.assertStates({ "outer.inner.a": "ready", "outer.inner.b": "ready", "outer.c": "ready" });
  await scene.end();
});

Deno.test("a permanent service that finishes is restarted, which is no failure", async () => {
  const scene = await Scene.started(
    application([service("web", { giveUp: { failures: 0, within: 60_000 } })]),
    () => finishes,
    10_000,
  );
  assert(scene.host.count("web") > 5);
  await scene.end();
});
