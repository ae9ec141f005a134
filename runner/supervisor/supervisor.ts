import type { ApplicationSpec } from "../../services/application_spec.ts";
import type { ReactorTime } from "../../services/async/time.ts";
import type { Logger } from "../../services/log.ts";
import type { Host } from "../host/host.ts";
import { Core } from "./_core.ts";
import { Effects } from "./_effects.ts";
import type { Command, CoreEvent, RequestId } from "./_messages.ts";
import { type Elections, unopposed } from "./elections.ts";
import { statusOf } from "./_status_of.ts";
import { findDependencyProblems } from "./dependencies.ts";
import type { SupervisorEvent } from "../../services/supervision/events.ts";
import type { ExitVerdict } from "../../services/supervision/exit_verdict.ts";
import { planReload } from "./reload_plan.ts";
import type { ReloadPlan, ReloadReport } from "../../services/supervision/reload.ts";
import type { UnitOutcome, UnitStatus } from "../../services/supervision/status.ts";

/** What a supervisor works with. */
export interface SupervisorOptions {
  /** Where services run. */
  readonly host: Host;
  /** Where it is settled who runs a singleton. Default: here it runs. */
  readonly elections?: Elections;
  /** The clock for every delay and deadline. */
  readonly time: ReactorTime;
  /** From 0 to 1, for the backoff; default `Math.random`. */
  readonly random?: () => number;
  /** For what the supervisor itself has to say. */
  readonly log: Logger;
}

/**
 * Starts, watches, restarts and stops the services of an application, by the rules of its specification.
 * Every promise that it returns settles, but `firstReady` and `ended`, which wait for what they are named after:
 * nothing else waits for what has no deadline.
 *
 * What the rules leave open is decided like this:
 * - A dependency on a group is one on all that is in it; what a group depends on, all in it do. A `temporary` unit
 *   counts towards its group as long as it is on its way or ready, and no more once it is over.
 * - A finished service meets a need: its job is done. `after` is also passed by what failed or was stopped.
 * - What needs a service that failed for good stops at once and waits; `needsGrace` is the dependent's.
 * - Siblings that a strategy stops start together, when all of them have stopped and the failed one's backoff
 *   is over. Those that are over are left alone. What is restarted because of others has not failed.
 * - A group finishes when all its significant children have, or, without any, all; its `restart` says what follows
 *   a failure only. A group that starts again starts afresh, without its children's past.
 * - What an operator stopped stays stopped, whatever happens around it, until an operator starts it or its group.
 */
export class Supervisor {
  readonly #core: Core;
  readonly #effects: Effects;
  readonly #time: ReactorTime;
  readonly #log: Logger;
  readonly #inbox: CoreEvent[] = [];
  #busy = false;
  /** Why the supervisor itself failed; from then on it does nothing. */
  #fault: string | null = null;

  readonly #firstReady = Promise.withResolvers<void>();
  readonly #ended = Promise.withResolvers<ExitVerdict>();
  readonly #outcomes: Map<RequestId, (outcome: UnitOutcome) => void> = new Map();
  readonly #reports: Map<RequestId, (report: ReloadReport) => void> = new Map();
  #lastRequest = 0;
  #lastReload: Promise<unknown> = Promise.resolve();
  readonly #listeners: Set<(event: SupervisorEvent) => void> = new Set();

  /** Resolves when the application has ended and all is released, however that came about. */
  readonly ended: Promise<ExitVerdict> = this.#ended.promise;

  /**
   * Resolves when every service has become ready or finished, or has failed without being significant, at one
   * time: the application is up. A service in backoff keeps it waiting.
   *
   * @throws {Error} when the application ends before that
   */
  readonly firstReady: Promise<void> = this.#firstReady.promise;

  /**
   * A supervisor of the application, which starts nothing yet.
   *
   * @throws {Error} when the dependencies are not sound (`findDependencyProblems`)
   */
  constructor(spec: ApplicationSpec, options: SupervisorOptions) {
    assertSound(spec);
    this.#core = new Core(spec, options.random ?? Math.random);
    this.#effects = new Effects(
      options.host,
      options.elections ?? unopposed,
      options.time,
      (event) => this.#dispatch(event),
    );
    this.#time = options.time;
    this.#log = options.log;
    // Whoever does not ask for it need not handle its rejection.
    this.firstReady.catch(() => {});
  }

  /** Start every service; returns {@linkcode firstReady}. A second call starts nothing. */
  start(): Promise<void> {
    this.#dispatch({ kind: "start" });
    return this.firstReady;
  }

  /**
   * Stop everything, dependents first, each within its `stopTimeout`; returns {@linkcode ended}. A second call
   * cuts what is still alive.
   */
  stop(): Promise<ExitVerdict> {
    this.#dispatch({ kind: "stop" });
    return this.ended;
  }

  /** Stop everything now, in no order. */
  force(): Promise<ExitVerdict> {
    this.#dispatch({ kind: "force" });
    return this.ended;
  }

  /**
   * Start a service, or what does not run in a group: stopped, failed, finished or in backoff. Its failures are
   * forgotten. Resolves when it is ready, or it is plain that it will not be yet.
   */
  startUnit(path: string): Promise<UnitOutcome> {
    return this.#operate("start", path);
  }

  /** Stop a service or a group, what depends on it first. It stays stopped until it is started again. */
  stopUnit(path: string): Promise<UnitOutcome> {
    return this.#operate("stop", path);
  }

  /**
   * Stop a service or a group, what depends on it first, and start it again; its failures are forgotten. A ready
   * service that can be renewed piece by piece stays ready instead, and nothing that depends on it is touched.
   */
  restartUnit(path: string): Promise<UnitOutcome> {
    return this.#renew(path) ?? this.#operate("restart", path);
  }

  /** What {@linkcode apply} would do now. */
  plan(spec: ApplicationSpec): ReloadPlan {
    return planReload(this.#core.machine.tree.toSpec(), spec);
  }

  /**
   * Go over to `spec`: only what is different is added, removed, reloaded or replaced. Resolves when that has
   * had its first try; calls wait for one another.
   *
   * @throws {Error} when the dependencies of `spec` are not sound; then nothing is changed
   */
  apply(spec: ApplicationSpec): Promise<ReloadReport> {
    const turn = this.#lastReload.then(() => {
      assertSound(spec);
      const { promise, resolve } = Promise.withResolvers<ReloadReport>();
      const request = ++this.#lastRequest;
      this.#reports.set(request, resolve);
      this.#dispatch({ kind: "apply", spec, request });
      return promise;
    });
    this.#lastReload = turn.catch(() => {});
    return turn;
  }

  /** How every unit is doing, groups before what is in them. */
  status(): UnitStatus[] {
    return [...this.#core.machine.tree.units.values()].map((unit) =>
      statusOf(unit, (life) => this.#effects.stats(life))
    );
  }

  /** How the unit at `path` is doing; undefined when there is none. */
  statusOf(path: string): UnitStatus | undefined {
    const unit = this.#core.machine.tree.units.get(path);
    return unit && statusOf(unit, (life) => this.#effects.stats(life));
  }

  /** Hear what happens, in order, until the returned function is called. */
  subscribe(listener: (event: SupervisorEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Null: it is to be restarted as a whole. */
  #renew(path: string): Promise<UnitOutcome> | null {
    const unit = this.#core.machine.tree.units.get(path);
    if (unit?.kind !== "service" || unit.state !== "ready") return null;
    const outcome = (): UnitOutcome => ({ path, state: this.statusOf(path)?.state ?? "stopped" });
    return this.#effects.renew(unit.life!.id)?.then(
      outcome,
      (error) => ({
        ...outcome(),
        reason: `it goes on as it was: ${error instanceof Error ? error.message : error}`,
      }),
    ) ?? null;
  }

  #operate(action: "start" | "stop" | "restart", path: string): Promise<UnitOutcome> {
    const { promise, resolve } = Promise.withResolvers<UnitOutcome>();
    const request = ++this.#lastRequest;
    this.#outcomes.set(request, resolve);
    this.#dispatch({ kind: "operate", action, path, request });
    return promise;
  }

  /** One event after the other: what carrying out a command brings about waits for the other commands. */
  #dispatch(event: CoreEvent): void {
    this.#inbox.push(event);
    if (this.#busy) return;
    this.#busy = true;
    for (let i = 0; i < this.#inbox.length; i++) {
      try {
        if (this.#fault !== null) break;
        for (const command of this.#core.step(this.#inbox[i]!, this.#time.now())) this.#carryOut(command);
      } catch (error) {
        this.#breakDown(error);
      }
    }
    this.#inbox.length = 0;
    this.#busy = false;
    if (this.#fault !== null) this.#refuseAll(this.#fault);
  }

  #carryOut(command: Command): void {
    switch (command.kind) {
      case "report":
        return this.#tell(command.event);
      case "firstReady":
        return this.#firstReady.resolve();
      case "settled":
        return answer(this.#outcomes, command.request, command.outcome);
      case "applied":
        return answer(this.#reports, command.request, command.report);
      case "exit":
        return this.#end(command.verdict);
      default:
        this.#effects.carryOut(command);
    }
  }

  #tell(event: SupervisorEvent): void {
    for (const listener of this.#listeners) {
      try {
        listener(event);
      } catch (error) {
        this.#log.error("A listener to the supervisor threw", { error });
      }
    }
  }

  #end(verdict: ExitVerdict): void {
    this.#firstReady.reject(new Error(`Cannot start the application: it ended first: ${verdict.reason}`));
    this.#ended.resolve(verdict);
  }

  /** The rules themselves failed: better an end that is seen than services that nobody supervises. */
  #breakDown(error: unknown): void {
    this.#log.error("The supervisor failed", { error });
    this.#fault = `internal error: ${error instanceof Error ? error.message : error}`;
    this.#effects.cutAll();
    this.#end({ status: 70, reason: this.#fault });
  }

  /** Answer whoever still waits for an answer. */
  #refuseAll(reason: string): void {
    for (const request of this.#outcomes.keys()) {
      answer(this.#outcomes, request, { path: "", state: "stopped", reason });
    }
    for (const request of this.#reports.keys()) answer(this.#reports, request, { results: [] });
  }
}

function assertSound(spec: ApplicationSpec): void {
  const problems = findDependencyProblems(spec);
  if (problems.length > 0) throw new Error(problems.map((problem) => problem.message).join("\n"));
}

function answer<T>(waiting: Map<RequestId, (value: T) => void>, request: RequestId, value: T): void {
  waiting.get(request)?.(value);
  waiting.delete(request);
}
