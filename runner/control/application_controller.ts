import type {
  ApplicationControl,
  ReloadOutcome,
  ReloadPreview,
} from "../../services/control/application_control.ts";
import type { LogEntry, LogFilter, LogQuery } from "../../services/control/log_entry.ts";
import type { FamilySnapshot } from "../../services/metrics/snapshot.ts";
import type { SupervisorEvent } from "../../services/supervision/events.ts";
import { isWhereAsked } from "../../services/supervision/is_where_asked.ts";
import type { UnitOutcome, UnitStatus } from "../../services/supervision/status.ts";
import type { DrainHooks } from "../host/drain_hooks.ts";
import type { Supervisor } from "../supervisor/supervisor.ts";
import { Operations } from "./operations.ts";
import type { LogTail } from "./log_tail.ts";
import type { Reloader } from "./reloader.ts";

/** What the control of an application is made of. */
export interface ApplicationControllerOptions {
  readonly name: string;
  readonly supervisor: Supervisor;
  readonly reloader: Reloader;
  readonly logs: LogTail;
  readonly drainHooks: DrainHooks;
  readonly metrics: () => readonly FamilySnapshot[];
  readonly now: () => number;
}

/** The application that a runner runs, as others see and steer it. */
export class ApplicationController implements ApplicationControl {
  readonly name: string;
  /** Tells of what is asked of it. */
  readonly operations: Operations = new Operations();
  readonly #options: ApplicationControllerOptions;

  constructor(options: ApplicationControllerOptions) {
    this.name = options.name;
    this.#options = options;
  }

  status(): readonly UnitStatus[] {
    return this.#options.supervisor.status();
  }

  statusOf(path: string): UnitStatus | undefined {
    return this.#options.supervisor.statusOf(path);
  }

  subscribe(listener: (event: SupervisorEvent) => void): () => void {
    return this.#options.supervisor.subscribe(listener);
  }

  beforeDrain(hook: (path: string) => void | Promise<void>): () => void {
    return this.#options.drainHooks.add(hook);
  }

  now(): number {
    return this.#options.now();
  }

  start(path: string): Promise<UnitOutcome> {
    return this.#operate("start", path, () => this.#options.supervisor.startUnit(path));
  }

  stop(path: string): Promise<UnitOutcome> {
    return this.#operate("stop", path, () => this.#options.supervisor.stopUnit(path));
  }

  restart(path: string): Promise<UnitOutcome> {
    return this.#operate("restart", path, () => this.#options.supervisor.restartUnit(path));
  }

  planReload(): Promise<ReloadPreview> {
    return this.#options.reloader.plan();
  }

  reload(): Promise<ReloadOutcome> {
    return this.operations.run({ kind: "reload" }, () => this.#options.reloader.reload(), reloadFailure);
  }

  logs(query?: LogQuery): readonly LogEntry[] {
    return this.#options.logs.query(query);
  }

  followLogs(listener: (entry: LogEntry) => void, filter?: LogFilter): () => void {
    return this.#options.logs.follow(listener, filter);
  }

  metrics(): readonly FamilySnapshot[] {
    return this.#options.metrics();
  }

  #operate(
    kind: "start" | "stop" | "restart",
    path: string,
    work: () => Promise<UnitOutcome>,
  ): Promise<UnitOutcome> {
    const failureOf = (outcome: UnitOutcome): string | undefined =>
      isWhereAsked(kind, outcome) ? undefined : `${outcome.state}: ${outcome.reason ?? ""}`;
    return this.operations.run({ kind, path }, work, failureOf);
  }
}

function reloadFailure(outcome: ReloadOutcome): string | undefined {
  if (!outcome.ok) return outcome.problems[0]!.message;
  const missed = outcome.report.results.find(({ result }) => result !== "done");
  return missed && `${missed.path}: ${missed.result}: ${missed.reason ?? ""}`;
}
