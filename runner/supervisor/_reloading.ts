import type { ApplicationSpec, GroupSpec, ServiceSpec } from "../../services/application_spec.ts";
import { withBehaviourOf } from "./_behaviour.ts";
import { forget, takeGroupDown } from "./_grouping.ts";
import { bringDown, landing } from "./_leaving.ts";
import type { RequestId } from "./_messages.ts";
import type { Machine } from "./_machine.ts";
import { dismissRequests, reasonOf, waitsFor } from "./_operating.ts";
import { leaveSeat } from "./_seating.ts";
import { recountLives, Tree } from "./_tree.ts";
import { type GroupUnit, type Life, ServiceUnit, type Unit } from "./_unit.ts";
import { childPath } from "./dependencies.ts";
import { planReload } from "./reload_plan.ts";
import type { ReloadPlan, ReloadResult, ReloadStep } from "../../services/supervision/reload.ts";
import { restartsFrom } from "./strategy.ts";
import { emptyTally, isDead, isOver } from "./unit_state.ts";

/**
 * A reload under way. `asking`: running services are offered their new options. `clearing`: what is removed, or
 * replaced exclusively, stops, so that nothing that starts finds its port taken. Then the application is
 * the new one; `settling`: what is new gets its first try.
 */
export interface Reloading {
  readonly request: RequestId;
  readonly plan: ReloadPlan;
  readonly spec: ApplicationSpec;
  /** The new services by path. */
  readonly specs: ReadonlyMap<string, ServiceSpec>;
  phase: "asking" | "clearing" | "settling";
  /** Lives that have not said whether they take their new options. */
  readonly unanswered: Set<Life>;
  /** Services that took them. */
  readonly taken: Set<string>;
  /** What is looked at one after the other: units to be gone, then units to have settled. */
  awaited: Unit[];
  /** How many of `awaited` need not be looked at any more. */
  over: number;
  /** Services to be replaced beside the running instance. */
  overlap: ServiceUnit[];
  exclusive: ServiceUnit[];
  removed: Unit[];
}

/** Go over to another application. */
export function beginReload(m: Machine, spec: ApplicationSpec, request: RequestId): void {
  const plan = planReload(m.tree.toSpec(), spec);
  const reloading: Reloading = {
    request,
    plan,
    spec,
    specs: servicesOf(spec),
    phase: "asking",
    unanswered: new Set(),
    taken: new Set(),
    awaited: [],
    over: 0,
    overlap: [],
    exclusive: [],
    removed: [],
  };
  m.reloading = reloading;
  if (m.phase !== "running") return void endReload(m, reloading);
  for (const { path, action } of plan.steps) if (action === "reload") offer(m, reloading, path);
}

/** Take a reload a phase further, if it can go on now; returns whether it could. */
export function goOnReloading(m: Machine): boolean {
  const reloading = m.reloading;
  if (reloading === null) return false;
  if (m.phase !== "running") return endReload(m, reloading);
  switch (reloading.phase) {
    case "asking":
      return reloading.unanswered.size === 0 && clear(m, reloading);
    case "clearing":
      return advance(reloading, (unit) => unit.live === 0) && swap(m, reloading);
    case "settling":
      return (m.restless === 0 || advance(reloading, hasSettled)) && endReload(m, reloading);
  }
}

/** A running service has said whether it takes its new options. */
export function reloadAnswered(m: Machine, life: Life, taken: boolean): void {
  const reloading = m.reloading;
  if (reloading === null || !reloading.unanswered.delete(life)) return;
  life.deadline = m.disarm(life.deadline);
  if (!taken) return;
  const { unit } = life;
  reloading.taken.add(unit.path);
  // A crash from now on starts it with the new options; the settings come with the new tree.
  unit.spec = withBehaviourOf(unit.spec, reloading.specs.get(unit.path)!);
}

function offer(m: Machine, reloading: Reloading, path: string): void {
  const unit = m.tree.units.get(path);
  if (!(unit instanceof ServiceUnit) || unit.state !== "ready") return;
  const life = unit.life!;
  reloading.unanswered.add(life);
  life.deadline = m.arm({ kind: "deadline", life }, unit.spec.startTimeout);
  m.emit({ kind: "reload", life: life.id, options: reloading.specs.get(path)!.options });
}

function clear(m: Machine, reloading: Reloading): true {
  reloading.phase = "clearing";
  // What an earlier reload could not begin yet, this one decides anew.
  for (const unit of m.tree.services) unit.next = null;
  for (const step of reloading.plan.steps) {
    const unit = m.tree.units.get(step.path);
    if (unit === undefined) continue;
    if (step.action === "remove") reloading.removed.push(unit);
    else if (unit instanceof ServiceUnit && isReplaced(reloading, step)) {
      const beside = step.replace === "overlap" && unit.state === "ready";
      (beside ? reloading.overlap : reloading.exclusive).push(unit);
    }
  }
  for (const unit of reloading.exclusive) {
    forget(unit);
    unit.fallback = unit.state === "ready" ? unit.spec : null;
    unit.spec = withBehaviourOf(unit.spec, reloading.specs.get(unit.path)!);
    unit.frozen = true;
  }
  for (const unit of reloading.removed) {
    unit.held = true;
    for (const service of m.tree.servicesIn(unit)) service.frozen = true;
    if (unit.kind === "group" && !isDead(unit.mode)) takeGroupDown(m, unit, "stopped", "a reload removes it");
  }
  bringDown(m, reloading.removed, "all", "a reload removes it");
  bringDown(m, reloading.exclusive, "all", "a reload replaces it");
  reloading.awaited = [...reloading.removed, ...reloading.exclusive];
  return true;
}

/** Let the new application take the place of the old: nothing that it drops lives any more. */
function swap(m: Machine, reloading: Reloading): true {
  reloading.phase = "settling";
  const before = m.tree;
  const behaviours = new Map(before.services.map((unit) => [unit, unit.spec]));
  m.tree = new Tree(reloading.spec, before);
  for (const unit of before.units.values()) {
    if (m.tree.units.get(unit.path) === unit) continue;
    dismissRequests(m, unit);
    if (unit.kind === "service") leaveSeat(m, unit);
  }
  const added = [...m.tree.units.values()].filter((unit) => before.units.get(unit.path) !== unit);
  replant(m);
  for (const unit of added) if (unit.kind === "group") m.setMode(unit, "up");
  for (const unit of added) if (unit.kind === "service") m.setState(unit, landing(unit));
  for (const unit of m.tree.services) {
    if (unit.fallback !== null) unit.fallback = withBehaviourOf(unit.spec, unit.fallback);
  }
  for (const unit of reloading.exclusive) unfreeze(m, unit);
  for (const unit of reloading.overlap) replaceBeside(m, unit, behaviours.get(unit)!);
  reloading.awaited = [...reloading.exclusive, ...reloading.overlap, ...added];
  reloading.over = 0;
  return true;
}

/** Count again what the new tree could not know, and look at everything. */
function replant(m: Machine): void {
  for (const group of m.tree.groups) replantRound(group);
  recountLives(m.lives.values());
  Object.assign(m.tally, emptyTally());
  for (const unit of m.tree.services) m.tally[unit.state]++;
  m.groupsInBackoff = m.tree.groups.filter((group) => group.mode === "backoff").length;
  for (const unit of m.tree.units.values()) m.mark(unit);
}

/** Siblings may have come, gone or changed places since the round began. */
function replantRound(group: GroupUnit): void {
  const culprit = group.round?.culprit;
  const from = culprit === undefined || culprit.parent !== group || group.children[culprit.index] !== culprit
    ? null
    : restartsFrom(group.spec.strategy, culprit.index);
  group.round = from === null ? null : { culprit: culprit!, from, live: 0 };
}

function unfreeze(m: Machine, unit: ServiceUnit): void {
  unit.frozen = false;
  if (isOver(unit.state) && landing(unit) === "waiting") m.setState(unit, "waiting");
  m.mark(unit);
}

function replaceBeside(m: Machine, unit: ServiceUnit, old: ServiceSpec): void {
  const spec = unit.spec;
  const running = withBehaviourOf(spec, old);
  if (unit.state === "ready") {
    unit.spec = running;
    unit.next = spec;
    m.mark(unit);
  } else {
    unit.fallback = running;
  }
}

function endReload(m: Machine, reloading: Reloading): true {
  m.reloading = null;
  const results = reloading.plan.steps.map((step) => resultOf(m, reloading, step));
  const report = { results };
  m.emit({ kind: "report", event: { kind: "reloaded", report } });
  m.emit({ kind: "applied", request: reloading.request, report });
  return true;
}

function resultOf(m: Machine, reloading: Reloading, step: ReloadStep): ReloadResult {
  if (reloading.taken.has(step.path)) return { ...step, result: "done" };
  if (reloading.phase !== "settling" || m.phase !== "running") {
    return { ...step, result: "interrupted", reason: "the application stops" };
  }
  const unit = m.tree.units.get(step.path);
  if (step.action === "remove" || step.action === "settings" || unit === undefined) {
    return { ...step, result: "done" };
  }
  const reason = unit.lastError ?? "";
  if (unit.kind === "service" && unit.next !== null) {
    return { ...step, result: "waiting", reason: waitsFor(unit) };
  }
  const wanted = reloading.specs.get(step.path);
  if (unit.kind === "service" && unit.spec.fingerprint !== wanted?.fingerprint) {
    return { ...step, result: "rolled back", reason };
  }
  if (unit.state === "backoff" || unit.state === "failed") return { ...step, result: "failed", reason };
  if (unit.state === "ready" || isOver(unit.state)) return { ...step, result: "done" };
  return { ...step, result: "waiting", reason: reasonOf(unit) ?? "" };
}

/** It is not what it was before, and does not take new options as it runs. */
function isReplaced(reloading: Reloading, step: ReloadStep): boolean {
  return step.action === "replace" || (step.action === "reload" && !reloading.taken.has(step.path));
}

function hasSettled(unit: Unit): boolean {
  if (unit.kind === "service" && (unit.successor !== null || unit.next !== null)) return false;
  return unit.state === "ready" || unit.state === "backoff" || isOver(unit.state);
}

/** Whether all that is awaited is as `test` wants it; what was so once is not looked at again. */
function advance(reloading: Reloading, test: (unit: Unit) => boolean): boolean {
  const { awaited } = reloading;
  while (reloading.over < awaited.length && test(awaited[reloading.over]!)) reloading.over++;
  return reloading.over === awaited.length;
}

function servicesOf(spec: ApplicationSpec): Map<string, ServiceSpec> {
  const services = new Map<string, ServiceSpec>();
  const visit = (path: string, unit: ServiceSpec | GroupSpec): void => {
    if (unit.kind === "service") services.set(path, unit);
    else for (const child of unit.children) visit(childPath(path, child.name), child);
  };
  visit("", spec.root);
  return services;
}
