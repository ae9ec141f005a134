/**
 * Where a unit, service or group, stands.
 *
 * - `waiting`: wants to run, and something must come first: a need, an order, its group, its siblings' stop.
 * - `starting`: its start is under way. A group: up, and not all of its children are ready.
 * - `ready`: its start has settled. A group: every child is ready or finished (see `GroupUnit.whole`).
 * - `draining`: it was asked to stop and has not yet ended.
 * - `stopped`: nobody wants it to run now.
 * - `backoff`: it failed; the next attempt has its time.
 * - `finished`: it ended on purpose and is not started again.
 * - `failed`: it failed for good. An operator's start revives it.
 */
export type UnitState =
  | "waiting"
  | "starting"
  | "ready"
  | "draining"
  | "stopped"
  | "backoff"
  | "finished"
  | "failed";

/** Every state, in the order of a life. */
export const UNIT_STATES: readonly UnitState[] = [
  "waiting",
  "starting",
  "ready",
  "draining",
  "stopped",
  "backoff",
  "finished",
  "failed",
];
