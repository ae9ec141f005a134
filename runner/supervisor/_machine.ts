import type { ApplicationSpec } from "../../services/application_spec.ts";
import { Agenda } from "./_agenda.ts";
import type { Command, LifeId, RequestId, SeatId, TimerId } from "./_messages.ts";
import type { Reloading } from "./_reloading.ts";
import { Tree } from "./_tree.ts";
import { type GroupUnit, isExcused, type Life, type ServiceUnit, type Unit } from "./_unit.ts";
import type { StateChange } from "../../services/supervision/events.ts";
import type { ExitCause } from "./exit_verdict.ts";
import { emptyTally, type GroupMode, isModeTransition, isTransition } from "./unit_state.ts";
import type { UnitState } from "../../services/supervision/unit_state.ts";

/** What a timer is for. */
export type TimerPurpose =
  | { readonly kind: "retry"; readonly unit: Unit }
  | { readonly kind: "grace"; readonly unit: Unit & { kind: "service" } }
  | { readonly kind: "deadline"; readonly life: Life }
  | { readonly kind: "health"; readonly life: Life };

/** What goes with a change of state. */
export type ChangeDetail = Pick<StateChange, "reason" | "error" | "attempt" | "delay">;

/**
 * The state that the core's parts share, and the few ways to change it that keep its counts right. Whoever
 * changes a unit `mark`s it; the core looks at what is marked until nothing is (`_core.ts`).
 */
export class Machine {
  tree: Tree;
  readonly random: () => number;
  now = 0;
  phase: "new" | "running" | "stopping" | "ended" = "new";
  /** A request to stop came. */
  asked = false;
  /** A second request to stop came: nothing is waited for any more. */
  forced = false;
  cause: ExitCause | null = null;
  /** Every service was ready, or over, at some time. */
  wasReady = false;
  /** The last unit that failed for good. */
  lastFailed: Unit | null = null;
  reloading: Reloading | null = null;

  /** Services in each state. */
  readonly tally: Record<UnitState, number> = emptyTally();
  /** Groups that wait for their next attempt. */
  groupsInBackoff = 0;
  readonly lives: Map<LifeId, Life> = new Map();
  /** Lives that start or leave: while there are none, nothing moves but by timers. */
  restless = 0;
  readonly requests: Map<RequestId, Unit> = new Map();
  /** Units with requests whose state changed in this step. */
  readonly changed: Set<Unit> = new Set();

  /** By the ids of their seats, the singletons that have one. */
  readonly seats: Map<SeatId, ServiceUnit> = new Map();
  /** Those of them that are not held yet. */
  seatsSought = 0;

  readonly timers: Map<TimerId, TimerPurpose> = new Map();
  #commands: Command[] = [];
  readonly #queue: Agenda = new Agenda();
  #lastId = 0;

  constructor(spec: ApplicationSpec, random: () => number) {
    this.tree = new Tree(spec);
    this.random = random;
    this.tally.stopped = this.tree.services.length;
  }

  nextId(): number {
    return ++this.#lastId;
  }

  emit(command: Command): void {
    this.#commands.push(command);
  }

  /** The commands since the last call. */
  takeCommands(): Command[] {
    const commands = this.#commands;
    this.#commands = [];
    return commands;
  }

  /** Look at `unit` before this step is over. */
  mark(unit: Unit): void {
    if (unit.queued) return;
    unit.queued = true;
    this.#queue.add(unit);
  }

  /** Look at every service in `unit`. */
  markServices(unit: Unit): void {
    for (const service of this.tree.servicesIn(unit)) this.mark(service);
  }

  /** Every unit that was marked, and those marked meanwhile. */
  *marked(): Generator<Unit> {
    for (let unit = this.#queue.take(); unit !== null; unit = this.#queue.take()) {
      unit.queued = false;
      yield unit;
    }
  }

  setState(unit: Unit, to: UnitState, detail: ChangeDetail = {}): void {
    const from = unit.state;
    if (from === to) return;
    if (unit.kind === "service" && !isTransition(from, to)) {
      throw new Error(`Cannot move service "${unit.path}" from ${from} to ${to}: no such transition`);
    }
    const [wasMet, wasPassed] = [unit.met, unit.passed];
    unit.state = to;
    unit.since = this.now;
    if (unit.kind === "service") {
      this.tally[from]--;
      this.tally[to]++;
    }
    if (to === "ready") unit.readySince ??= this.now;
    this.#tellParent(unit, from, to);
    if (unit.met !== wasMet) this.#tellDependents(unit.neededBy, "unmet", wasMet ? 1 : -1);
    if (unit.passed !== wasPassed) this.#tellDependents(unit.followedBy, "unpassed", wasPassed ? 1 : -1);
    if (unit.requests.length > 0) this.changed.add(unit);
    this.mark(unit);
    const { path, kind } = unit;
    this.emit({
      kind: "report",
      event: { kind: "state", path, unit: kind, from, to, at: this.now, ...detail },
    });
  }

  setMode(group: GroupUnit, to: GroupMode): void {
    if (group.mode === to) return;
    if (!isModeTransition(group.mode, to)) {
      throw new Error(`Cannot turn group "${group.path}" from ${group.mode} to ${to}: no such transition`);
    }
    if (group.mode === "backoff") this.groupsInBackoff--;
    if (to === "backoff") this.groupsInBackoff++;
    group.mode = to;
    this.mark(group);
  }

  arm(purpose: TimerPurpose, ms: number): TimerId {
    const timer = this.nextId();
    this.timers.set(timer, purpose);
    this.emit({ kind: "arm", timer, ms });
    return timer;
  }

  /** Cancel `timer`, if there is one; for `x.timer = disarm(x.timer)`. */
  disarm(timer: TimerId | null): null {
    if (timer !== null && this.timers.delete(timer)) this.emit({ kind: "cancel", timer });
    return null;
  }

  #tellParent(unit: Unit, from: UnitState, to: UnitState): void {
    const parent = unit.parent;
    if (parent === null) return;
    parent.tally[from]--;
    parent.tally[to]++;
    parent.excused += Number(isExcused(unit, to)) - Number(isExcused(unit, from));
    if (unit.spec.significant) {
      parent.significantFinished += Number(to === "finished") - Number(from === "finished");
    }
    this.mark(parent);
  }

  #tellDependents(dependents: readonly Unit[], count: "unmet" | "unpassed", by: 1 | -1): void {
    for (const dependent of dependents) {
      const before = dependent[count];
      dependent[count] += by;
      // Only the first that is missing, and the last that came, change what the dependent may do.
      if (before === 0 || dependent[count] === 0) this.markServices(dependent);
    }
  }
}
