import { assertEquals } from "../../assert.ts";
import { Scene } from "./_scene.ts";
import { application, group, service } from "./_specs.ts";

Deno.test("stop() goes in the reverse order, level by level, and waits for each", async () => {
  const scene = await Scene.started(
    application([
      service("db"),
      group("mid", [service("a"), service("b")], { needs: ["db"] }),
      service("web", { needs: ["mid"] }),
      service("late", { after: ["web"] }),
    ]),
    (path) => ({ stop: path === "mid.a" ? 200 : 100 }),
  );
  scene.host.takeTrace();
  scene.supervisor.stop();
  await scene.pass(0);
  assertEquals(scene.host.takeTrace(), ["stop late"]);
  scene.assertStates({ late: "draining", web: "draining", db: "draining" });
  await scene.pass(100);
  assertEquals(scene.host.takeTrace(), ["stop web"]);
  await scene.pass(100);
  assertEquals(scene.host.takeTrace(), ["stop mid.a", "stop mid.b"]);
  await scene.pass(199);
  assertEquals(scene.host.takeTrace(), []);
  await scene.pass(1);
  assertEquals(scene.host.takeTrace(), ["stop db"]);
  await scene.pass(100);
  assertEquals((await scene.supervisor.ended).status, 0);
  scene.assertStates({ late: "stopped", web: "stopped", db: "stopped", mid: "stopped", "": "stopped" });
});

Deno.test("a stop that runs into its deadline is named, and one that never ends is given up", async () => {
  const scene = await Scene.started(
    application([service("slow", { stopTimeout: 300 }), service("stuck", { stopTimeout: 500 })]),
    (path) => ({ stop: path === "slow" ? 10_000 : "hang" }),
  );
  scene.supervisor.stop();
  await scene.pass(1_500);
  assertEquals((await scene.supervisor.ended).status, 0);
  assertEquals(scene.events.filter((event) => event.kind === "leftovers"), [
    { kind: "leftovers", path: "slow", leftovers: ["a connection"] },
    {
      kind: "leftovers",
      path: "stuck",
      leftovers: ["its stop, not over 1000 ms after a deadline of 500 ms"],
    },
  ]);
  assertEquals(scene.clock.pending, []);
});

Deno.test("a second stop() cuts what is alive, in no order", async () => {
  const scene = await Scene.started(
    application([service("db"), service("web", { needs: ["db"] })]),
    () => ({ stop: 5_000 }),
  );
  scene.supervisor.stop();
  await scene.pass(10);
  scene.host.takeTrace();
  scene.supervisor.stop();
  await scene.pass(0);
  assertEquals(scene.host.takeTrace(), ["stop db", "stop web"]);
  assertEquals(scene.host.last("db").orders, [{ within: 0, hold: 0 }]);
  assertEquals((await scene.supervisor.ended).status, 0);
  assertEquals(scene.clock.pending, []);
});

Deno.test("force() ends even what never stops", async () => {
  const scene = await Scene.started(application([service("web")]), () => ({ stop: "hang" }));
  scene.supervisor.force();
  await scene.pass(1_000);
  assertEquals((await scene.supervisor.ended).status, 0);
});

Deno.test("stop() during the start ends what is starting, and starts nothing more", async () => {
  const scene = await Scene.started(
    application([service("db"), service("web", { needs: ["db"] }), service("bad")]),
    (path) => path === "bad" ? { startError: new Error("no") } : { start: "hang" },
  );
  scene.assertStates({ db: "starting", web: "waiting", bad: "backoff" });
  scene.supervisor.stop();
  await scene.pass(0);
  assertEquals((await scene.supervisor.ended).status, 0);
  assertEquals(scene.host.takeTrace(), ["start db", "start bad", "stop bad", "stop db"]);
  assertEquals(scene.clock.pending, []);
});

Deno.test("a service that crashes while it drains is stopped, not restarted", async () => {
  const scene = await Scene.started(
    application([service("db"), service("web", { needs: ["db"] })]),
    () => ({ stop: 100 }),
  );
  scene.supervisor.stop();
  scene.host.last("db").crash();
  await scene.pass(200);
  assertEquals((await scene.supervisor.ended).status, 0);
  assertEquals(scene.host.count("db"), 1);
});

Deno.test("a group that finishes stops what needs the rest of it, not what needs the group", async () => {
  const [store, index] = [service("store"), service("index")];
  const rests = {
    "a service": [store],
    "a service and one that needs it": [store, { ...index, needs: ["back.store"] }],
    "a service and a group that needs it": [store, group("views", [index], { needs: ["back.store"] })],
  };
  for (const [what, rest] of Object.entries(rests)) {
    const scene = await Scene.started(
      application([
        group("back", [service("job", { restart: "transient", significant: true }), ...rest]),
        service("report", { needs: ["back"] }),
        service("search", { needs: ["back.store"] }),
      ]),
      () => ({ stop: 100 }),
    );
    scene.host.last("back.job").end({ kind: "finished" });
    await scene.pass(0);
    const states = ["back", "back.store", "search", "report"].map((path) => scene.state(path));
    assertEquals(states, ["finished", "draining", "draining", "ready"], what);
    await scene.pass(200);
    scene.assertStates({ "back.store": "stopped", search: "waiting", report: "ready" });
    await scene.end();
  }
});
