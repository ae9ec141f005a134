import type { ReactorTime } from "../async/time.ts";
import type { Logger } from "../log.ts";
import type { TriggerPhase } from "./reactor.ts";

/** For all triggers of one phase of an event together, ms. */
const DEADLINE = 10_000;

/** An event of the reactor's own life. */
export type SystemEvent = "startup" | "shutdown";

/** The triggers of a reactor's system events; see `RootReactor.addSystemEventTrigger`. */
export class SystemEvents {
  readonly #time: ReactorTime;
  readonly #log: Logger;
  readonly #triggers = new Map<string, Set<() => unknown>>();

  constructor(time: ReactorTime, log: Logger) {
    this.#time = time;
    this.#log = log;
  }

  add(phase: TriggerPhase, event: SystemEvent, fn: () => unknown): () => void {
    const triggers = this.#of(phase, event);
    // The same function may be added twice.
    const trigger = (): unknown => fn();
    triggers.add(trigger);
    return () => void triggers.delete(trigger);
  }

  /** Run all triggers of `event`: `before` in turn, then `during`, then `after`. */
  async fire(event: SystemEvent): Promise<void> {
    await this.#bounded("before", event, async (triggers, late) => {
      // Past the deadline the rest is called all the same, but waited for no more.
      for (const trigger of triggers) await Promise.race([this.#run(trigger, "before", event), late]);
    });
    for (const phase of ["during", "after"] as const) {
      await this.#bounded(phase, event, async (triggers, late) => {
        await Promise.race([Promise.all(triggers.map((trigger) => this.#run(trigger, phase, event))), late]);
      });
    }
  }

  #of(phase: TriggerPhase, event: SystemEvent): Set<() => unknown> {
    const key = `${phase} ${event}`;
    const triggers = this.#triggers.get(key) ?? new Set();
    this.#triggers.set(key, triggers);
    return triggers;
  }

  async #run(trigger: () => unknown, phase: TriggerPhase, event: SystemEvent): Promise<void> {
    try {
      await trigger();
    } catch (error) {
      this.#log.error(`A trigger ${phase} ${event} failed`, { error });
    }
  }

  async #bounded(
    phase: TriggerPhase,
    event: SystemEvent,
    run: (triggers: (() => unknown)[], late: Promise<void>) => Promise<void>,
  ): Promise<void> {
    const triggers = [...this.#of(phase, event)];
    if (triggers.length === 0) return;
    const late = Promise.withResolvers<void>();
    const deadline = this.#time.callLater(DEADLINE, () => {
      this.#log.error(
        `A trigger ${phase} ${event} did not finish within ${DEADLINE / 1000} s: going on without it`,
      );
      late.resolve();
    });
    await run(triggers, late.promise);
    deadline.cancel();
  }
}
