import { leave, release } from "./_leaving.ts";
import type { Machine } from "./_machine.ts";
import { countLife } from "./_tree.ts";
import { type Life, lineage, type ServiceUnit, type Unit } from "./_unit.ts";

/** What a singleton waits for that may start but for its fleet. */
const ANOTHER_RUNNER = "another runner, which runs it now";

/** Why a service may not start yet; an empty list means: it may. Names units. */
export function obstacles(unit: ServiceUnit): string[] {
  const names = new Set<string>();
  for (const at of lineage(unit)) {
    for (const need of at.needs) if (!need.met) names.add(need.path);
    for (const other of at.after) if (!other.passed) names.add(other.path);
    if (at.kind === "group" && at.mode !== "up") names.add(at.path);
    if (!admitted(at)) names.add(at.parent!.round!.culprit.path);
  }
  if (names.size === 0 && unit.seat?.state === "sought") names.add(ANOTHER_RUNNER);
  return [...names];
}

/** Start what may start, and let go of patience with, or gain it for, a lost need. */
export function lookAtActive(m: Machine, unit: ServiceUnit): void {
  if (unit.state === "waiting") {
    if (isSeated(unit) && mayLaunch(m, unit)) launch(m, unit);
    return;
  }
  if (unit.next !== null && unit.state === "ready" && isTurn(unit)) launchSuccessor(m, unit, unit.next);
  if (isBereft(unit)) unit.grace ??= m.arm({ kind: "grace", unit }, unit.spec.needsGrace);
  else unit.grace = m.disarm(unit.grace);
}

function mayLaunch(m: Machine, unit: ServiceUnit): boolean {
  return !unit.frozen && isDue(m, unit);
}

/** Whether nothing here keeps it from starting, or only a reload for a moment. */
export function isDue(m: Machine, unit: ServiceUnit): boolean {
  return m.phase === "running" && unit.life === null && isTurn(unit);
}

/** Its fleet lets it run here. */
function isSeated({ spec, seat }: ServiceUnit): boolean {
  return spec.singleton !== true || seat?.state === "held";
}

/** All that comes first is there, for the service and for the groups around it. */
function isTurn(unit: ServiceUnit): boolean {
  for (const at of lineage(unit)) {
    if (at.unmet > 0 || at.unpassed > 0 || !admitted(at)) return false;
    if (at.kind === "group" && at.mode !== "up") return false;
  }
  return true;
}

/** No round of its siblings keeps it back. */
function admitted(unit: Unit): boolean {
  const round = unit.parent?.round ?? null;
  return round === null || unit.index < round.from;
}

/** Something that it, or a group around it, needs is not there. */
function isBereft(unit: ServiceUnit): boolean {
  for (const at of lineage(unit)) if (at.unmet > 0) return true;
  return false;
}

function launch(m: Machine, unit: ServiceUnit): void {
  if (unit.launches > 0) unit.restarts++;
  unit.readySince = null;
  unit.life = newLife(m, unit, false);
  m.setState(unit, "starting");
}

/** Start a successor beside the running instance. */
function launchSuccessor(m: Machine, unit: ServiceUnit, spec: ServiceUnit["spec"]): void {
  unit.next = null;
  unit.successor = newLife(m, unit, true, spec);
}

function newLife(m: Machine, unit: ServiceUnit, staged: boolean, spec = unit.spec): Life {
  const id = m.nextId();
  const life: Life = {
    id,
    unit,
    spec,
    phase: "starting",
    deadline: null,
    nextHealth: null,
    healthAsked: false,
  };
  unit.launches++;
  m.lives.set(id, life);
  m.restless++;
  countLife(unit, 1);
  m.emit({
    kind: "launch",
    life: id,
    path: unit.path,
    spec,
    needs: needsOf(unit, spec),
    staged,
    seat: unit.seat?.id ?? null,
  });
  life.deadline = m.arm({ kind: "deadline", life }, spec.startTimeout);
  return life;
}

/** With `spec` for the unit's own, what it and the groups around it need. */
export function needsOf(unit: ServiceUnit, spec: ServiceUnit["spec"]): string[] {
  const needs = [...spec.needs];
  for (let group = unit.parent; group !== null; group = group.parent) needs.push(...group.spec.needs);
  return needs;
}

/** Its start has settled. */
export function lifeStarted(m: Machine, life: Life): void {
  if (life.phase !== "starting") return;
  life.phase = "running";
  m.restless--;
  life.deadline = m.disarm(life.deadline);
  const { unit } = life;
  if (unit.successor === life) succeed(m, unit, life);
  else {
    unit.fallback = null;
    m.setState(unit, "ready");
  }
  armHealth(m, life);
}

/** The successor is ready: the sockets are its, and the old one may drain. */
function succeed(m: Machine, unit: ServiceUnit, life: Life): void {
  const old = unit.life!;
  m.emit({ kind: "activate", life: life.id });
  unit.life = life;
  unit.successor = null;
  unit.spec = life.spec;
  unit.readySince = m.now;
  leave(m, old);
  release(m, old, { within: unit.spec.stopTimeout, hold: 0 });
  if (unit.requests.length > 0) m.changed.add(unit);
}

export function armHealth(m: Machine, life: Life): void {
  const interval = life.unit.spec.healthInterval;
  if (interval > 0 && Number.isFinite(interval)) life.nextHealth = m.arm({ kind: "health", life }, interval);
}
