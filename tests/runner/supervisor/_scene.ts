import type { ApplicationSpec } from "../../../services/application_spec.ts";
import type { SupervisorEvent } from "../../../services/supervision/events.ts";
import { Supervisor } from "../../../runner/supervisor/supervisor.ts";
import type { UnitState } from "../../../services/supervision/unit_state.ts";
import type { UnitStatus } from "../../../services/supervision/status.ts";
import { silentLogger } from "../../../services/log.ts";
import { Clock } from "../../../services/async/clock.ts";
import { assertEquals } from "../../assert.ts";
import { FakeElections } from "./_fake_elections.ts";
import { FakeHost, type Script } from "./_fake_host.ts";

/** A supervisor on a clock with fake services. Backoff draws are 1: the first restart comes after 100 ms. */
export class Scene {
  readonly clock: Clock = new Clock();
  readonly host: FakeHost;
  readonly supervisor: Supervisor;
  readonly events: SupervisorEvent[] = [];
  readonly elections: FakeElections = new FakeElections();

  constructor(spec: ApplicationSpec, script: (path: string, n: number) => Script = () => ({})) {
    this.host = new FakeHost(this.clock, script);
    this.supervisor = new Supervisor(spec, {
      host: this.host,
      elections: this.elections,
      time: this.clock,
      random: () => 1,
      log: silentLogger,
    });
    this.supervisor.subscribe((event) => this.events.push(event));
  }

  /** A scene that has been started, and had `ms` milliseconds. */
  static async started(
    spec: ApplicationSpec,
    script?: (path: string, n: number) => Script,
    ms = 0,
  ): Promise<Scene> {
    const scene = new Scene(spec, script);
    scene.supervisor.start().catch(() => {});
    await scene.pass(ms);
    return scene;
  }

  /** Let `ms` milliseconds pass, and everything that follows from that. */
  pass(ms: number): Promise<void> {
    return this.clock.advanceAsync(ms);
  }

  unit(path: string): UnitStatus {
    const found = this.supervisor.status().find((unit) => unit.path === path);
    if (found === undefined) throw new Error(`There is no unit "${path}"`);
    return found;
  }

  state(path: string): UnitState {
    return this.unit(path).state;
  }

  /** Assert the states of units, given as `{ web: "ready" }`. */
  assertStates(expected: Readonly<Record<string, UnitState>>): void {
    const actual = Object.fromEntries(Object.keys(expected).map((path) => [path, this.state(path)]));
    assertEquals(actual, expected);
  }

  /** Stop, and see that nothing is left. */
  async end(ms = 100_000): Promise<void> {
    this.supervisor.stop();
    await this.pass(ms);
    await this.supervisor.ended;
    assertEquals(this.clock.pending, [], "timers are left on the clock");
  }
}
