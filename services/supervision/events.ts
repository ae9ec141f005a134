import type { ExitVerdict } from "./exit_verdict.ts";
import type { ReloadReport } from "./reload.ts";
import type { UnitState } from "./unit_state.ts";

/** A unit went from one state to another. */
export interface StateChange {
  /** Tells it from the other events. */
  readonly kind: "state";
  /** The unit's absolute path; the root's is `""`. */
  readonly path: string;
  /** What it is. */
  readonly unit: "service" | "group";
  /** Where it was. */
  readonly from: UnitState;
  /** Where it is. */
  readonly to: UnitState;
  /** When, on the scale of the supervisor's `time.now()`. */
  readonly at: number;
  /** Why, where there is more to say than the states do: an error's message, what asked for a stop. */
  readonly reason?: string;
  /** With `backoff` and `failed`, of a service: what was thrown, with its stack. Not told to other processes. */
  readonly error?: unknown;
  /** With `backoff`: how many attempts have failed in a row, this one included. */
  readonly attempt?: number;
  /** With `backoff`: milliseconds until the next attempt. */
  readonly delay?: number;
}

/** What a supervisor tells its listeners. */
export type SupervisorEvent =
  | StateChange
  /** A stop ran into its deadline; `leftovers` name what had to be cut or would not go. */
  | { readonly kind: "leftovers"; readonly path: string; readonly leftovers: readonly string[] }
  /** Every service is ready, finished, or failed without being significant; told once. */
  | { readonly kind: "ready"; readonly at: number }
  | { readonly kind: "reloaded"; readonly report: ReloadReport }
  | { readonly kind: "ended"; readonly verdict: ExitVerdict };
