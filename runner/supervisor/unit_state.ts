import type { UnitState } from "../../services/supervision/unit_state.ts";

/** What may follow what for a service; a group's state is derived from its mode and its children. */
const TRANSITIONS: Readonly<Record<UnitState, readonly UnitState[]>> = {
  waiting: ["starting", "stopped"],
  // Back to `waiting` when new options fail to start and the old ones have their turn.
  starting: ["ready", "draining", "backoff", "finished", "failed", "waiting"],
  ready: ["draining", "backoff", "finished", "failed"],
  draining: ["waiting", "stopped"],
  stopped: ["waiting"],
  backoff: ["waiting", "stopped"],
  finished: ["waiting"],
  failed: ["waiting"],
};

/** Whether a service may go from `from` to `to`. */
export function isTransition(from: UnitState, to: UnitState): boolean {
  return TRANSITIONS[from].includes(to);
}

/** Nothing more happens to it by itself. */
export function isOver(state: UnitState): boolean {
  return state === "finished" || state === "failed" || state === "stopped";
}

/** Fit for a unit that `needs` it. A finished job has done what it was needed for. */
export function isMet(state: UnitState): boolean {
  return state === "ready" || state === "finished";
}

/** Lets a unit go ahead that comes `after` it: ready, or it will not be ready however long one waits. */
export function isPassed(state: UnitState): boolean {
  return state === "ready" || isOver(state);
}

/**
 * What a group was told to do. `recycling`: its children stop, and start afresh when all have;
 * `over` its end, for one of three reasons, its children are `stopped`.
 */
export type GroupMode = "up" | "recycling" | "backoff" | "finished" | "failed" | "stopped";

/** What may follow what for a group's mode. */
const MODE_TRANSITIONS: Readonly<Record<GroupMode, readonly GroupMode[]>> = {
  up: ["recycling", "backoff", "finished", "failed", "stopped"],
  recycling: ["up", "stopped"],
  backoff: ["up", "recycling", "stopped"],
  finished: ["up", "recycling"],
  failed: ["up", "recycling"],
  stopped: ["up", "recycling"],
};

/** Whether a group's mode may go from `from` to `to`. */
export function isModeTransition(from: GroupMode, to: GroupMode): boolean {
  return MODE_TRANSITIONS[from].includes(to);
}

/** A group in such a mode does not come back by itself; no more do its children. */
export function isDead(mode: GroupMode): boolean {
  return mode === "stopped" || mode === "failed" || mode === "finished";
}

/** A count of units by state, of none yet. */
export function emptyTally(): Record<UnitState, number> {
  return { waiting: 0, starting: 0, ready: 0, draining: 0, stopped: 0, backoff: 0, finished: 0, failed: 0 };
}
