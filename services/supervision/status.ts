import type { Address } from "../reactor/address.ts";
import type { UnitState } from "./unit_state.ts";

/** How a unit is doing, for `status` and the dashboard. */
export interface UnitStatus {
  /** `backend.store`; the root's is `""`. */
  readonly path: string;
  /** What it is. */
  readonly kind: "service" | "group";
  /** Where it stands. */
  readonly state: UnitState;
  /** In this state since then, on the scale of the supervisor's `time.now()`. */
  readonly since: number;
  /** How many times it was started again. */
  readonly restarts: number;
  /** The message of its last failure, if it ever failed. */
  readonly lastError?: string;
  /** In `backoff`: when it is tried again, on the scale of `time.now()`. */
  readonly nextAttemptAt?: number;
  /** In `waiting`: the units it waits for. */
  readonly waitsFor?: readonly string[];
  /** Where it listens; absent while it does not run. */
  readonly endpoints?: readonly Address[];
  /** Connections that are open now. */
  readonly connections?: number;
  /** By this life of the service. */
  readonly bytesRead?: number;
  /** By this life of the service. */
  readonly bytesWritten?: number;
  /** Of a service in a process of its own; of the first of several. */
  readonly pid?: number;
  /** Of a service in processes of its own: how many of them are ready, and how many should be. */
  readonly replicas?: { readonly ready: number; readonly wanted: number; readonly pids: readonly number[] };
  /** CPU time of the service's own processes that live now, seconds. */
  readonly cpu?: number;
  /** Resident memory of the service's own processes, bytes. */
  readonly memory?: number;
}

/** What came of an operator's start, stop or restart of a unit. */
export interface UnitOutcome {
  /** As it was asked for. */
  readonly path: string;
  /** `waiting` when nothing moves any more that it could wait for. */
  readonly state: UnitState;
  /** Why it is not where it was asked to be: its last error, or what it waits for. */
  readonly reason?: string;
}
