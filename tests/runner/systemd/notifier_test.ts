import { Notifier } from "../../../runner/systemd/notifier.ts";
import type { SupervisorEvent } from "../../../services/supervision/events.ts";
import type { UnitState } from "../../../services/supervision/unit_state.ts";
import { MemoryReactor } from "../../../services/testing/mod.ts";
import { assertEquals } from "../../assert.ts";

/** A notifier, on a clock, and what it has told. */
class Scene {
  readonly reactor = new MemoryReactor();
  readonly told: string[] = [];
  readonly notifier: Notifier;

  constructor(watchdog: number | null = null) {
    const notify = (state: string) => void this.told.push(state);
    this.notifier = new Notifier({ notify, time: this.reactor.time, watchdog });
  }

  go(path: string, to: UnitState): void {
    const change: SupervisorEvent = {
      kind: "state",
      path,
      unit: path === "" ? "group" : "service",
      from: "waiting",
      to,
      at: this.reactor.now(),
    };
    this.notifier.see(change);
  }
}

Deno.test("systemd is told READY when all is ready, RELOADING and READY around a reload, STOPPING at the end", () => {
  const scene = new Scene();
  scene.go("web", "starting");
  scene.go("web", "ready");
  scene.notifier.see({ kind: "ready", at: 0 });
  scene.notifier.observe({ kind: "restart", path: "web" })();
  const reloaded = scene.notifier.observe({ kind: "reload" });
  reloaded();
  scene.notifier.observe({ kind: "reload" })("app.yaml: bad\nREADY=0");
  scene.go("", "draining");
  scene.notifier.see({ kind: "ended", verdict: { status: 0, reason: "done" } });
  assertEquals(scene.told, [
    "READY=1\nSTATUS=1 services: 1 ready",
    "RELOADING=1\nSTATUS=reloading",
    "READY=1\nSTATUS=1 services: 1 ready",
    "RELOADING=1\nSTATUS=reloading",
    "READY=1\nSTATUS=reload failed: app.yaml: bad READY=0",
    "STOPPING=1\nSTATUS=stopping",
  ]);
});

Deno.test("systemd is told READY when what is not ready waits to be tried again, not before all were tried", async () => {
  const scene = new Scene();
  scene.go("store", "starting");
  scene.go("web", "starting");
  scene.go("store", "backoff");
  await scene.reactor.advance(100);
  assertEquals(scene.told, ["STATUS=2 services: 1 backoff (store), 1 starting"]);
  scene.go("web", "ready");
  await scene.reactor.advance(100);
  assertEquals(scene.told.slice(1), ["READY=1\nSTATUS=2 services: 1 backoff (store), 1 ready"]);
  scene.notifier.see({
    kind: "reloaded",
    report: { results: [{ path: "store", action: "remove", result: "done" }] },
  });
  scene.go("web", "ready");
  await scene.reactor.advance(100);
  assertEquals(scene.told.slice(2), ["STATUS=1 services: 1 ready"]);
});

Deno.test("the watchdog is fed twice in its time", async () => {
  const scene = new Scene(10_000);
  await scene.reactor.advance(20_000);
  assertEquals(scene.told, Array.from({ length: 4 }, () => "WATCHDOG=1"));
});
