import { type Token, token } from "../context.ts";
import type { ReloadPlan, ReloadReport } from "../supervision/reload.ts";
import type { UnitOutcome } from "../supervision/status.ts";
import type { ApplicationView } from "./application_view.ts";
import type { FileProblem } from "./file_problem.ts";
import type { LogEntry, LogFilter, LogQuery } from "./log_entry.ts";

/** The application file cannot be used: nothing was changed. */
export interface ReloadRefusal {
  /** Tells it from what was done. */
  readonly ok: false;
  /** All that is wrong, at least one. */
  readonly problems: readonly FileProblem[];
}

/** What a reload would do now, or why it cannot. */
export type ReloadPreview = { readonly ok: true; readonly plan: ReloadPlan } | ReloadRefusal;

/** What came of a reload: step by step where the file was good. */
export type ReloadOutcome = { readonly ok: true; readonly report: ReloadReport } | ReloadRefusal;

/**
 * The application, to be steered as well as seen. Paths are those of `UnitStatus`; the root's is `""`. A service
 * that stops or restarts itself by this must not wait for the outcome in its own `stop`.
 */
export interface ApplicationControl extends ApplicationView {
  /**
   * Start a service, or what does not run in a group. Its failures are forgotten. Resolves when it is ready, or it
   * is plain that it will not be yet; never rejects.
   */
  start(path: string): Promise<UnitOutcome>;
  /** Stop a service or a group, what depends on it first. It stays stopped until it is started again. */
  stop(path: string): Promise<UnitOutcome>;
  /** Stop a service or a group, what depends on it first, and start it again. */
  restart(path: string): Promise<UnitOutcome>;
  /** Read the application file and tell what a reload would do. Changes nothing. */
  planReload(): Promise<ReloadPreview>;
  /** Read the application file, and do what it takes to run what it says. Nothing changes when it is not good. */
  reload(): Promise<ReloadOutcome>;
  /** The latest records of the log that are kept, the oldest first. */
  logs(query?: LogQuery): readonly LogEntry[];
  /** Hear every record from now on, until the returned function is called. */
  followLogs(listener: (entry: LogEntry) => void, filter?: LogFilter): () => void;
}

/**
 * By this a service gets control of the application that it is part of. Only where the file says so: `grants:
 * [control]` on the service.
 */
export const applicationControl: Token<ApplicationControl> = token("heddle.application_control");
