import type { ServiceContext } from "../../services/context.ts";
import { type Counter, type Gauge, metrics } from "../../services/metrics/metrics.ts";
import type { Spawn } from "../../services/process/child_process.ts";
import { Children } from "../../services/process/children.ts";
import type { Service } from "../../services/service.ts";
import { commandTask } from "./command_task.ts";
import { loadTask } from "./load_task.ts";
import type { TaskOptions } from "./options.ts";
import { runOnce } from "./run_once.ts";
import { cronSchedule, periodicSchedule, type Schedule } from "./schedule.ts";
import type { Task } from "./task.ts";

/** So often the wall clock is looked at while a run is awaited: somebody may have set it. Milliseconds. */
const LONGEST_WAIT = 60_000;

/** Where a task service gets the world from. */
export interface TaskSurroundings {
  readonly spawn: Spawn;
  /** Milliseconds since 1970. */
  readonly wallClock: () => number;
}

/**
 * Runs a task once, and is ready when that has succeeded, so that what needs it starts then; or by a schedule, one
 * run at a time.
 */
export class TaskService implements Service<TaskOptions> {
  readonly #options: TaskOptions;
  readonly #surroundings: TaskSurroundings;
  #context!: ServiceContext;
  #task!: Task;
  #counts!: TaskCounts;

  constructor(options: TaskOptions, surroundings: TaskSurroundings) {
    this.#options = options;
    this.#surroundings = surroundings;
  }

  async start(context: ServiceContext): Promise<void> {
    const { command, run, stop } = this.#options;
    this.#context = context;
    this.#counts = countsOf(context);
    this.#task = command === undefined
      ? await loadTask(run!)
      : commandTask({ ...this.#options, command }, stop, new Children(context, this.#surroundings.spawn));
    const schedule = this.#schedule();
    if (schedule === null) context.finish(await this.#run(this.#surroundings.wallClock()));
    else context.spawn(() => this.#keepSchedule(schedule));
  }

  #schedule(): Schedule | null {
    const { schedule, timeZone, every } = this.#options;
    if (every !== undefined) return periodicSchedule(every, this.#surroundings.wallClock());
    return schedule === undefined ? null : cronSchedule(schedule, timeZone);
  }

  async #keepSchedule(schedule: Schedule): Promise<void> {
    const { wallClock } = this.#surroundings;
    const { log, draining } = this.#context;
    if (this.#options.atStart) await this.#runWithRetries(wallClock());
    for (let due = schedule.next(wallClock()); due !== null; due = this.#nextDue(schedule, due)) {
      log.debug("Next run", { due: new Date(due).toISOString() });
      while (wallClock() < due) {
        await this.#pause(Math.min(due - wallClock(), LONGEST_WAIT));
        if (draining.aborted) return;
      }
      await this.#runWithRetries(due);
      if (draining.aborted) return;
    }
    this.#context.finish();
  }

  /** The next time from now on; those that went by during the last run are left out, and told of. */
  #nextDue(schedule: Schedule, last: number): number | null {
    const now = this.#surroundings.wallClock();
    let missed = 0;
    for (let time = schedule.next(last); time !== null && time <= now; time = schedule.next(time)) {
      if (++missed === 1000) break;
    }
    if (missed > 0) {
      this.#context.log.warn("The last run took so long that others were left out", { missed });
    }
    return schedule.next(Math.max(now, last));
  }

  async #runWithRetries(due: number): Promise<void> {
    const { retries, retryDelay } = this.#options;
    for (let left = retries;; left--) {
      try {
        return void await this.#run(due);
      } catch (error) {
        if (this.#context.draining.aborted) return;
        this.#context.log.error("Run failed", { error, ...(left > 0 && { retryIn: retryDelay }) });
        if (left === 0) return;
      }
      await this.#pause(retryDelay);
      if (this.#context.draining.aborted) return;
    }
  }

  async #run(due: number): Promise<unknown> {
    const { reactor, log } = this.#context;
    const begin = reactor.now();
    log.debug("Run begins");
    try {
      const result = await runOnce(this.#task, this.#context, due, this.#options.timeout);
      log.info("Run done", { took: Math.round(reactor.now() - begin) });
      this.#counts.succeeded.inc();
      this.#counts.lastSuccess.set(this.#surroundings.wallClock() / 1000);
      return result;
    } catch (error) {
      this.#counts.failed.inc();
      throw error;
    }
  }

  /** Wait `ms`, or until the service is asked to stop. */
  async #pause(ms: number): Promise<void> {
    const { reactor, draining } = this.#context;
    if (draining.aborted) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const wake = (): void => resolve();
    const call = reactor.callLater(ms, wake);
    draining.addEventListener("abort", wake, { once: true });
    await promise;
    call.cancel();
    draining.removeEventListener("abort", wake);
  }
}

interface TaskCounts {
  readonly succeeded: Counter;
  readonly failed: Counter;
  readonly lastSuccess: Gauge;
}

function countsOf(context: ServiceContext): TaskCounts {
  const set = context.get(metrics);
  const runs = set.counter("task_runs_total", { help: "Runs of the task", labels: ["outcome"] });
  return {
    succeeded: runs.with("success"),
    failed: runs.with("failure"),
    lastSuccess: set.gauge("task_last_success_timestamp_seconds", { help: "When it last succeeded" }).with(),
  };
}
