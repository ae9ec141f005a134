import type { Ending } from "../host/host.ts";
import { backoffDelay, hasRecovered } from "./backoff.ts";
import { reopen, takeGroupDown } from "./_grouping.ts";
import { bringDown, bringDownDependents, cleanUp, dropSuccessor } from "./_leaving.ts";
import type { ChangeDetail, Machine } from "./_machine.ts";
import { shutDown } from "./_shutdown.ts";
import { type GroupUnit, isLeaving, type Life, type ServiceUnit, type Unit } from "./_unit.ts";
import { noteFailure } from "./intensity.ts";
import { restartsFrom } from "./strategy.ts";
import { isDead } from "./unit_state.ts";

/** Its start was rejected, or did not settle in time. */
export function startFailed(m: Machine, life: Life, error: unknown): void {
  if (life.phase !== "starting") return;
  const { unit } = life;
  if (unit.successor === life) {
    unit.successor = null;
    unit.lastError = messageOf(error);
    cleanUp(m, life, { within: 0, hold: 0 });
    if (unit.requests.length > 0) m.changed.add(unit);
  } else if (unit.fallback !== null) {
    unit.lastError = messageOf(error);
    unit.spec = unit.fallback;
    unit.fallback = null;
    unit.grace = m.disarm(unit.grace);
    cleanUp(m, life, { within: 0, hold: unit.spec.holdFor });
    m.setState(unit, "waiting", { reason: `going back to the old options: ${unit.lastError}` });
  } else {
    serviceFailed(m, unit, error);
  }
}

/** It ended by itself. */
export function lifeEnded(m: Machine, life: Life, ending: Ending): void {
  if (isLeaving(life)) return;
  const { unit } = life;
  if (ending.kind === "failed") {
    if (life.phase === "starting") startFailed(m, life, ending.error);
    else serviceFailed(m, unit, ending.error);
  } else if (unit.successor === life) {
    startFailed(m, life, new Error("it finished before it was ready"));
  } else {
    serviceFinished(m, unit);
  }
}

/** A running or starting service failed. */
export function serviceFailed(m: Machine, unit: ServiceUnit, error: unknown): void {
  unit.lastError = messageOf(error);
  const life = unit.life!;
  retire(m, unit);
  const delay = nextDelay(m, unit, "failure");
  cleanUp(m, life, { within: 0, hold: holdFor(unit, delay) });
  if (delay === null) failForGood(m, unit, { error });
  else retryLater(m, unit, delay, { reason: unit.lastError, error });
}

/** A service finished on purpose. */
function serviceFinished(m: Machine, unit: ServiceUnit): void {
  const life = unit.life!;
  retire(m, unit);
  const delay = unit.spec.restart === "permanent" ? nextDelay(m, unit, "finish") : null;
  cleanUp(m, life, { within: unit.spec.stopTimeout, hold: holdFor(unit, delay) });
  if (delay === null) m.setState(unit, "finished");
  else retryLater(m, unit, delay, { reason: "finished, and is permanent" });
}

/** What its life had under way ends with it. */
function retire(m: Machine, unit: ServiceUnit): void {
  dropSuccessor(m, unit);
  unit.grace = m.disarm(unit.grace);
}

/** Sockets stay open through a short wait, so that nobody is refused meanwhile. */
function holdFor(unit: ServiceUnit, delay: number | null): number {
  return delay !== null && delay <= unit.spec.holdFor ? unit.spec.holdFor : 0;
}

/** How long to wait before the next attempt; null: there is none. */
function nextDelay(m: Machine, unit: Unit, why: "failure" | "finish"): number | null {
  const { backoff, giveUp, restart } = unit.spec;
  if (hasRecovered(backoff, unit.readySince, m.now)) {
    unit.attempt = 0;
    unit.failures.length = 0;
  }
  if (why === "failure" && (restart === "temporary" || noteFailure(unit.failures, giveUp, m.now))) {
    return null;
  }
  return backoffDelay(backoff, unit.attempt++, m.random());
}

function retryLater(
  m: Machine,
  unit: Unit,
  delay: number,
  why: Pick<ChangeDetail, "reason" | "error">,
): void {
  unit.retry = m.arm({ kind: "retry", unit }, delay);
  unit.nextAttemptAt = m.now + delay;
  m.setState(unit, "backoff", { ...why, attempt: unit.attempt, delay });
  beginRound(m, unit);
}

/** The wait is over. */
export function retry(m: Machine, unit: Unit): void {
  unit.retry = null;
  if (unit.kind === "service") return m.setState(unit, "waiting");
  unit.restarts++;
  reopen(m, unit);
}

function failForGood(m: Machine, unit: Unit, why: Pick<ChangeDetail, "error"> = {}): void {
  m.lastFailed = unit;
  m.setState(unit, "failed", { reason: unit.lastError ?? "", ...why });
  if (unit.spec.significant) groupFailed(m, unit.parent!, unit);
  else bringDownDependents(m, unit, `"${unit.path}" failed`);
}

/** A significant child failed for good: so does the group, and its own supervision begins. */
function groupFailed(m: Machine, group: GroupUnit, child: Unit): void {
  if (group.mode !== "up" || m.phase !== "running") return;
  group.lastError = `"${child.path}" failed: ${child.lastError}`;
  const reason = `"${child.path}" failed`;
  if (group.parent === null) {
    m.setMode(group, "failed");
    return shutDown(m, { kind: "significant", unit: child.path, error: child.lastError ?? "" });
  }
  const delay = nextDelay(m, group, "failure");
  takeGroupDown(m, group, delay === null ? "failed" : "backoff", reason);
  if (delay === null) failForGood(m, group);
  else retryLater(m, group, delay, { reason: group.lastError });
}

/** Its work is done; what else is in it, nobody needs any more. */
export function groupFinished(m: Machine, group: GroupUnit): void {
  takeGroupDown(m, group, "finished", "its group has finished");
  m.setState(group, "finished");
  if (group.parent === null) shutDown(m, { kind: "finished" });
}

/** Stop the siblings that restart with `culprit`, by its group's strategy. */
function beginRound(m: Machine, culprit: Unit): void {
  const group = culprit.parent!;
  const from = restartsFrom(group.spec.strategy, culprit.index);
  if (from === null) return;
  const reason = `"${culprit.path}" failed, and ${group.spec.strategy} restarts this too`;
  const siblings = group.children.slice(from).filter((child) => child !== culprit);
  let live = culprit.live;
  for (const sibling of siblings) live += sibling.live;
  group.round = { culprit, from, live };
  const services: ServiceUnit[] = [];
  for (const sibling of siblings) {
    if (sibling.kind === "service") services.push(sibling);
    else recycle(m, sibling, reason);
  }
  bringDown(m, services, "restartable", reason);
}

/** Restart a group for its siblings' sake. */
function recycle(m: Machine, group: GroupUnit, reason: string): void {
  if (isDead(group.mode) || group.mode === "recycling") return;
  const mode = group.spec.restart === "temporary" ? "stopped" : "recycling";
  takeGroupDown(m, group, mode, reason);
}

/** The message of what was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
