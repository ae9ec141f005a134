import type { GroupSpec, ServiceSpec } from "../../services/application_spec.ts";
import type { LifeId, RequestId, SeatId, TimerId } from "./_messages.ts";
import { emptyTally, type GroupMode, isMet, isPassed } from "./unit_state.ts";
import type { UnitState } from "../../services/supervision/unit_state.ts";

/**
 * One life of a service as the core knows it. `leaving`: it is to end, and what depends on it ends first;
 * `stopping`: its instance was told.
 */
export interface Life {
  readonly id: LifeId;
  readonly unit: ServiceUnit;
  readonly spec: ServiceSpec;
  phase: "starting" | "running" | "leaving" | "stopping";
  /** Bounds the start, then the wait for a reload's answer, then the stop. */
  deadline: TimerId | null;
  nextHealth: TimerId | null;
  /** A health check has not been answered yet. */
  healthAsked: boolean;
}

/** A singleton's claim to be run here: `sought` until the fleet agrees. */
export interface Seat {
  readonly id: SeatId;
  state: "sought" | "held";
  /** A life under it was given up without having ended. */
  isHaunted: boolean;
}

/** What services and groups have in common. */
abstract class UnitRecord {
  abstract readonly kind: "service" | "group";
  readonly path: string;
  parent: GroupUnit | null = null;
  /** Its place among its siblings. */
  index = 0;

  state: UnitState = "stopped";
  since = 0;
  /** When it last became ready; null when it has not been since its last start. */
  readySince: number | null = null;
  restarts = 0;
  lastError: string | null = null;
  /** An operator stopped it. */
  held = false;

  /** Restarts in a row, for the backoff. */
  attempt = 0;
  /** When it failed of late, for `giveUp`. */
  readonly failures: number[] = [];
  retry: TimerId | null = null;
  nextAttemptAt = 0;

  needs: Unit[] = [];
  after: Unit[] = [];
  readonly neededBy: Unit[] = [];
  readonly followedBy: Unit[] = [];
  /** How many of `needs` are not met, of `after` not passed. */
  unmet = 0;
  unpassed = 0;
  /** Lives of units that come after this one, which are to end before this one's do. */
  leavingFirst = 0;

  /** Lives that have not ended, of a group all those in it. */
  live = 0;
  /** Those of them that wait for others to end first. */
  leaving = 0;
  /** It waits in the queue of units to look at. */
  queued = false;
  /** The walk over dependents that last came by. */
  visited = 0;
  readonly requests: { readonly id: RequestId; readonly towards: "up" | "down" }[] = [];

  constructor(path: string) {
    this.path = path;
  }

  get met(): boolean {
    return isMet(this.state);
  }

  get passed(): boolean {
    return isPassed(this.state);
  }
}

/** A service and the lives it has. */
export class ServiceUnit extends UnitRecord {
  readonly kind = "service";
  spec: ServiceSpec;
  life: Life | null = null;
  /** Starts beside `life`, to take over from it. */
  successor: Life | null = null;
  /** After a drain it waits for its turn again; otherwise it stays stopped. */
  returns = true;
  /** Until when a lost need may come back. */
  grace: TimerId | null = null;
  /** What is to run instead: a successor starts with it as soon as it may. */
  next: ServiceSpec | null = null;
  /** What to go back to when the first start with new options fails. */
  fallback: ServiceSpec | null = null;
  /** A reload is making room: not to be launched before that is done. */
  frozen = false;
  launches = 0;
  /** Of a singleton: its claim to be run here. */
  seat: Seat | null = null;

  constructor(path: string, spec: ServiceSpec) {
    super(path);
    this.spec = spec;
  }
}

/** Siblings that stop, and start together when all have stopped and the culprit's backoff is over. */
export interface Round {
  readonly culprit: Unit;
  /** The index of the first of them. */
  readonly from: number;
  /** Lives among them that have not ended. */
  live: number;
}

/** A group: a supervisor of its own. */
export class GroupUnit extends UnitRecord {
  readonly kind = "group";
  /** How many groups are around it. */
  depth = 0;
  spec: GroupSpec;
  mode: GroupMode = "stopped";
  children: Unit[] = [];
  /** Its services are `tree.services[first]` up to before `end`; its groups, itself the first, likewise. */
  services = { first: 0, end: 0 };
  groups = { first: 0, end: 0 };
  round: Round | null = null;

  /** How many children are in each state. */
  readonly tally: Record<UnitState, number> = emptyTally();
  /** Children that no longer count for readiness: see {@linkcode isExcused}. */
  excused = 0;
  significant = 0;
  significantFinished = 0;

  constructor(path: string, spec: GroupSpec) {
    super(path);
    this.spec = spec;
  }

  /**
   * What it takes to depend on a group: every child is ready or finished. A `temporary` child counts while it is
   * on its way or ready; once it has failed or was stopped, nobody waits for it, since it will not come back.
   */
  get whole(): boolean {
    return this.tally.ready + this.tally.finished + this.excused === this.children.length;
  }

  /** Its work is done: all significant children have finished, or, when none is significant, all. */
  get done(): boolean {
    return this.significant > 0
      ? this.significantFinished === this.significant
      : this.children.length > 0 && this.tally.finished === this.children.length;
  }
}

/** A service or a group. */
export type Unit = ServiceUnit | GroupUnit;

/** A `temporary` unit that is over, or about to be, does not keep its group from being ready. */
export function isExcused(unit: Unit, state: UnitState): boolean {
  return unit.spec.restart === "temporary" &&
    (state === "failed" || state === "stopped" || state === "draining");
}

/** The unit, its group, and so on up to the root. */
export function* lineage(unit: Unit): Generator<Unit> {
  for (let at: Unit | null = unit; at !== null; at = at.parent) yield at;
}

/** It has a running or starting instance that nobody has told to stop. */
export function isActive(unit: ServiceUnit): boolean {
  return unit.state === "starting" || unit.state === "ready";
}

/** The life is to end. */
export function isLeaving(life: Life): boolean {
  return life.phase === "leaving" || life.phase === "stopping";
}
