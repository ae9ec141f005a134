import { assertEquals, assertRejects } from "../../assert.ts";
import type { Script } from "./_fake_host.ts";
import { Scene } from "./_scene.ts";
import { application, group, service } from "./_specs.ts";

const finishes: Script = { endsAfter: 10, ending: { kind: "finished" } };

Deno.test("0: the application was asked to stop", async () => {
  const scene = await Scene.started(application([service("web")]));
  scene.supervisor.stop();
  await scene.pass(0);
  assertEquals(await scene.supervisor.ended, { status: 0, reason: "stopped as asked" });
  assertEquals(scene.clock.pending, []);
});

Deno.test("0: it is stopped before it was started", async () => {
  const scene = new Scene(application([service("web")]));
  assertEquals((await scene.supervisor.stop()).status, 0);
  await assertRejects(() => scene.supervisor.start(), Error, "ended first");
  assertEquals(scene.host.trace, []);
});

Deno.test("0: all significant services have finished; the rest is stopped", async () => {
  const scene = await Scene.started(
    application([
      service("job", { significant: true, restart: "transient" }),
      service("web"),
      service("cron", { needs: ["web"] }),
    ]),
    (path) => path === "job" ? finishes : {},
    10,
  );
  assertEquals(await scene.supervisor.ended, { status: 0, reason: "finished" });
  assertEquals(scene.host.trace.slice(-3), ["stop job", "stop cron", "stop web"]);
  assertEquals(scene.clock.pending, []);
});

Deno.test("0: with none significant, all have finished", async () => {
  const scene = await Scene.started(
    application([
      service("a", { restart: "transient" }),
      group("g", [service("b", { restart: "temporary" })]),
    ]),
    (path) => ({ ...finishes, endsAfter: path === "a" ? 10 : 20 }),
    19,
  );
  scene.assertStates({ a: "finished", "g.b": "ready", "": "ready" });
  await scene.pass(1);
  assertEquals((await scene.supervisor.ended).status, 0);
});

Deno.test("69: a significant service failed before the application was ready", async () => {
  const scene = await Scene.started(
    application([service("web"), service("db", { significant: true })]),
    (path) => path === "db" ? { startError: new Error("no disk") } : {},
  );
  await scene.pass(30_000);
  assertEquals(await scene.supervisor.ended, { status: 69, reason: '"db" failed: no disk' });
  assertEquals(scene.host.count("db"), 6);
  assertEquals(scene.clock.pending, []);
});

Deno.test("69: every service failed, or waits for one that did", async () => {
  const scene = await Scene.started(
    application([
      service("a", { restart: "temporary" }),
      service("b", { needs: ["a"] }),
      group("g", [service("c", { restart: "temporary", significant: true }), service("d")], {
        restart: "temporary",
      }),
    ]),
    (path) => path === "b" || path === "g.d" ? {} : { start: 10, startError: new Error("no") },
    10,
  );
  assertEquals((await scene.supervisor.ended).status, 69);
});

Deno.test("no end as long as one service runs, or comes back, or may be started again by an operator", async () => {
  const scene = await Scene.started(
    application([service("a", { restart: "temporary" }), service("b")]),
    (path) => path === "a" ? { start: 10, startError: new Error("no") } : { start: 20 },
  );
  const stopped = scene.supervisor.stopUnit("b");
  await scene.pass(10);
  assertEquals((await stopped).state, "stopped");
  scene.assertStates({ a: "failed", b: "stopped", "": "failed" });
  scene.supervisor.startUnit("b");
  await scene.pass(20);
  scene.assertStates({ a: "failed", b: "ready" });
  await scene.supervisor.firstReady;
  await scene.end();
});

Deno.test("70: a significant service failed later", async () => {
  const giveUp = { failures: 0, within: 1 };
  const scene = await Scene.started(
    application([service("db", { significant: true, giveUp }), service("web")]),
  );
  await scene.supervisor.firstReady;
  scene.host.last("db").crash();
  await scene.pass(0);
  assertEquals(await scene.supervisor.ended, { status: 70, reason: '"db" failed: boom' });
});

Deno.test("70: the supervisor itself failed", async () => {
  const scene = await Scene.started(application([service("web")]));
  const host = scene.host;
  // A clock that cannot be read stands for any fault of ours.
  scene.clock.now = () => {
    throw new Error("no time");
  };
  host.last("web").crash();
  await Promise.resolve();
  assertEquals(await scene.supervisor.ended, { status: 70, reason: "internal error: no time" });
  assertEquals(host.last("web").orders, [{ within: 0, hold: 0 }]);
  assertEquals((await scene.supervisor.stopUnit("web")).reason, "internal error: no time");
  assertEquals(await scene.supervisor.apply(application([])), { results: [] });
});
