import type { Logger } from "../../services/log.ts";
import type { Reactor } from "../../services/reactor/reactor.ts";

/** What a run of a task is given. */
export interface TaskContext {
  /** The service's name. */
  readonly name: string;
  /** Where it writes. */
  readonly log: Logger;
  /** Its view of the reactor. */
  readonly reactor: Reactor;
  /** Aborted when the run is to end: it takes longer than its timeout, or the service was asked to stop. */
  readonly signal: AbortSignal;
  /** When it was due, milliseconds since 1970. */
  readonly due: number;
}

/** One run. Settled means done; a rejection, that it has failed. */
export type Task = (context: TaskContext) => unknown;
