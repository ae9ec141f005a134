import type { StopOrder } from "../host/host.ts";
import type { Machine } from "./_machine.ts";
import { countLife, predecessors } from "./_tree.ts";
import {
  type GroupUnit,
  isActive,
  isLeaving,
  type Life,
  lineage,
  type ServiceUnit,
  type Unit,
} from "./_unit.ts";
import { isDead, isOver } from "./unit_state.ts";

/** How much longer than its deadline a stop may take before the supervisor goes on without it, in ms. */
export const STOP_MARGIN = 1_000;

/**
 * On what terms units stop: `all` come back when their turn comes; of the `restartable` not the `temporary`
 * ones, which are never restarted. `dependents` are restartable, and concerned only if they run.
 */
export type Terms = "all" | "restartable" | "dependents";

/**
 * Stop every service in `units`, and before them all that is bound to them. What becomes of each, when it has
 * stopped, `landing` tells.
 */
export function bringDown(m: Machine, units: Iterable<Unit>, terms: Terms, reason: string): void {
  const walk = m.nextId();
  const dependents: Unit[] = [];
  const visit = (unit: Unit): void => {
    if (unit.visited === walk) return;
    unit.visited = walk;
    for (const dependent of unit.neededBy) dependents.push(dependent);
  };
  const take = (unit: Unit, terms: Terms): void => {
    if (unit.kind === "service" && isOver(unit.state)) return;
    const around = !isPast(unit, terms);
    for (const group of m.tree.groupsIn(unit)) {
      if (group === unit ? around : !isDead(group.mode)) visit(group);
    }
    for (const service of m.tree.servicesIn(unit)) {
      if (isOver(service.state)) continue;
      visit(service);
      if (terms === "dependents" && !isActive(service)) continue;
      takeDown(m, service, terms, reason);
    }
    if (around) visitAround(unit, visit, walk);
  };
  for (const unit of units) take(unit, terms);
  // Grows while it is walked. Each unit's dependents are pushed once.
  for (const dependent of dependents) take(dependent, "dependents");
}

/** Stop at once what is bound to `unit`, which will not come back by itself. */
export function bringDownDependents(m: Machine, unit: Unit, reason: string): void {
  const bound = [...unit.neededBy];
  const walk = m.nextId();
  visitAround(unit, (group) => bound.push(...group.neededBy), walk);
  bringDown(m, bound, "dependents", reason);
}

/** A group that nobody counts on any more: finished, or, when it is not the one to stop, stopped before. */
function isPast(unit: Unit, terms: Terms): boolean {
  if (unit.kind === "service") return false;
  return terms === "dependents" ? isDead(unit.mode) : unit.mode === "finished";
}

/** The groups that are not whole without `unit`. A finished one is, whatever becomes of what is left in it. */
function visitAround(unit: Unit, visit: (group: GroupUnit) => void, walk: number): void {
  for (const at of lineage(unit)) {
    if (at.parent === null || at.parent.visited === walk || at.spec.restart === "temporary") return;
    if (at.parent.mode === "finished") return;
    visit(at.parent);
  }
}

function takeDown(m: Machine, unit: ServiceUnit, terms: Terms, reason: string): void {
  if (isActive(unit)) {
    const life = unit.life!;
    dropSuccessor(m, unit);
    unit.grace = m.disarm(unit.grace);
    unit.returns = terms === "all" || unit.spec.restart !== "temporary";
    leave(m, life);
    m.setState(unit, "draining", { reason });
  } else if (unit.state === "backoff" || unit.state === "waiting") {
    unit.retry = m.disarm(unit.retry);
    unit.returns = true;
    m.setState(unit, landing(unit));
    // Where that changes nothing else, a singleton may have lost its turn.
    m.mark(unit);
  } else if (terms === "all") {
    unit.returns = true;
  }
}

/** Where a service that has stopped stands: ready to return, or out of use with its group or by an operator. */
export function landing(unit: ServiceUnit): "waiting" | "stopped" {
  if (unit.held || !unit.returns) return "stopped";
  for (const at of lineage(unit)) if (at.kind === "group" && isDead(at.mode)) return "stopped";
  return "waiting";
}

/** The life is to end; it waits for those that depend on it. */
export function leave(m: Machine, life: Life): void {
  if (isLeaving(life)) return;
  if (life.phase === "running") m.restless++;
  life.phase = "leaving";
  for (const at of lineage(life.unit)) at.leaving++;
  m.reloading?.unanswered.delete(life);
  life.deadline = m.disarm(life.deadline);
  life.nextHealth = m.disarm(life.nextHealth);
  for (const unit of predecessors(life.unit)) unit.leavingFirst++;
}

/** Tell the life's instance to stop. */
export function release(m: Machine, life: Life, order: StopOrder): void {
  if (life.phase !== "leaving") return;
  startStopping(life);
  sendStop(m, life, m.forced ? { within: 0, hold: 0 } : order);
}

function startStopping(life: Life): void {
  life.phase = "stopping";
  for (const at of lineage(life.unit)) at.leaving--;
}

function sendStop(m: Machine, life: Life, order: StopOrder): void {
  m.disarm(life.deadline);
  m.emit({ kind: "stopLife", life: life.id, order });
  life.deadline = m.arm({ kind: "deadline", life }, order.within + STOP_MARGIN);
}

/** A life that ended, or whose start failed: nothing waits for its dependents, it is gone already. */
export function cleanUp(m: Machine, life: Life, order: StopOrder): void {
  leave(m, life);
  release(m, life, order);
}

/** Stop a service that drains, once all that goes first has gone. */
export function lookAtDraining(m: Machine, unit: ServiceUnit): void {
  const life = unit.life;
  if (life === null || life.phase !== "leaving") return;
  if (!m.forced) { for (const at of lineage(unit)) if (at.leavingFirst > 0) return; }
  const hold = landing(unit) === "waiting" ? unit.spec.holdFor : 0;
  release(m, life, { within: unit.spec.stopTimeout, hold });
}

/** The life's instance has released all, or is given up. */
export function lifeGone(m: Machine, life: Life, leftovers: readonly string[]): void {
  const { unit } = life;
  life.deadline = m.disarm(life.deadline);
  m.lives.delete(life.id);
  m.restless--;
  countLife(unit, -1);
  for (const before of predecessors(unit)) {
    if (--before.leavingFirst === 0 && before.leaving > 0) m.markServices(before);
  }
  if (leftovers.length > 0) {
    m.emit({ kind: "report", event: { kind: "leftovers", path: unit.path, leftovers } });
  }
  if (unit.life === life) {
    unit.life = null;
    if (unit.state === "draining") m.setState(unit, landing(unit));
  }
  for (const at of lineage(unit)) {
    if (at.requests.length > 0) m.changed.add(at);
    if (at === unit || at.live === 0 || at.kind === "group" && at.round?.live === 0) m.mark(at);
  }
}

/** Give up a successor that is not ready yet, or not even begun; the new options get their turn at the next start. */
export function dropSuccessor(m: Machine, unit: ServiceUnit): void {
  const life = unit.successor;
  const spec = life?.spec ?? unit.next;
  if (spec === null) return;
  unit.successor = unit.next = null;
  unit.fallback = unit.spec;
  unit.spec = spec;
  if (life !== null) cleanUp(m, life, { within: 0, hold: 0 });
}

/** A second request to stop: cut everything that lives, in no order. */
export function cutAll(m: Machine): void {
  m.forced = true;
  for (const life of m.lives.values()) {
    leave(m, life);
    if (life.phase === "leaving") startStopping(life);
    sendStop(m, life, { within: 0, hold: 0 });
  }
}
