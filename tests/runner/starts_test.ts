import { type Started, Starts } from "../../runner/starts.ts";
import type { StateChange, SupervisorEvent } from "../../services/supervision/events.ts";
import { Clock } from "../../services/async/clock.ts";
import { assertEquals } from "../assert.ts";

function change(path: string, to: StateChange["to"], at: number): SupervisorEvent {
  return { kind: "state", path, unit: "service", from: "waiting", to, at };
}

class Scene {
  readonly clock = new Clock();
  readonly told: Started[] = [];
  asked = 0;
  readonly starts = new Starts({
    time: this.clock,
    status: () => {
      this.asked++;
      const endpoints = [{ transport: "tcp", hostname: "127.0.0.1", port: 80 }] as const;
      return [{ path: "web", kind: "service", state: "ready", since: 0, restarts: 0, endpoints }];
    },
  }, (started) => this.told.push(started));
}

Deno.test("Starts tells what each start took, the restarts too", () => {
  const { starts, told, clock } = new Scene();
  for (
    const event of [
      change("web", "starting", 10),
      change("cron", "starting", 11),
      change("web", "ready", 12.5),
      change("cron", "backoff", 13),
      change("cron", "starting", 113),
      change("cron", "ready", 115),
      change("web", "backoff", 200),
      change("web", "starting", 300),
      change("web", "ready", 301),
    ]
  ) {
    starts.see(event);
    clock.advance(0);
  }
  assertEquals(told.map(({ path, took, endpoints }) => [path, took, endpoints.length]), [
    ["web", 2.5, 1],
    ["cron", 2, 0],
    ["web", 1, 1],
  ]);
});

Deno.test("Starts asks once for the status of all that become ready in one turn, and tells before the application is ready", () => {
  const scene = new Scene();
  for (const path of ["web", "cron"]) {
    scene.starts.see(change(path, "starting", 1));
    scene.starts.see(change(path, "ready", 2));
  }
  assertEquals(scene.told.length, 0);
  scene.starts.see({ kind: "ready", at: 2 });
  scene.clock.advance(1);
  assertEquals([scene.told.length, scene.asked], [2, 1]);
});
