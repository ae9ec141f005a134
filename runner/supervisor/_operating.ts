import { forget, reopen, takeGroupDown } from "./_grouping.ts";
import { bringDown, landing } from "./_leaving.ts";
import { obstacles } from "./_launching.ts";
import type { RequestId } from "./_messages.ts";
import type { Machine } from "./_machine.ts";
import { type GroupUnit, isActive, type ServiceUnit, type Unit } from "./_unit.ts";
import type { UnitOutcome } from "../../services/supervision/status.ts";
import { isDead, isOver } from "./unit_state.ts";

const BY_OPERATOR = "an operator asked for it";

/** Do what an operator asks for; the answer comes when the unit has settled. */
export function operate(
  m: Machine,
  action: "start" | "stop" | "restart",
  path: string,
  request: RequestId,
): void {
  const unit = m.tree.units.get(path);
  if (unit === undefined || m.phase !== "running") {
    const reason = unit === undefined ? "there is no such unit" : "the application is not running";
    m.emit({
      kind: "settled",
      request,
      outcome: { path, state: unit?.state ?? "stopped", reason },
    });
    return;
  }
  unit.requests.push({ id: request, towards: action === "stop" ? "down" : "up" });
  m.requests.set(request, unit);
  m.changed.add(unit);
  if (action === "stop") stopUnit(m, unit);
  else if (action === "start") startUnit(m, unit);
  else restartUnit(m, unit);
}

/** Start what does not run in `unit`, however it came to that. */
function startUnit(m: Machine, unit: Unit): void {
  unit.held = false;
  if (unit.kind === "service") return startService(m, unit);
  forget(unit);
  if (unit.mode === "up") { for (const child of unit.children) startUnit(m, child); }
  else startGroup(m, unit);
}

function startService(m: Machine, unit: ServiceUnit): void {
  if (!isActive(unit)) forget(unit);
  unit.returns = true;
  unit.retry = m.disarm(unit.retry);
  // In a group that does not run it stays as it is.
  if ((isOver(unit.state) || unit.state === "backoff") && landing(unit) === "waiting") {
    m.setState(unit, "waiting");
  }
}

/** A whole group starts afresh: nothing in it stays stopped. */
function startGroup(m: Machine, group: GroupUnit): void {
  unhold(m, group);
  if (group.mode !== "recycling") reopen(m, group);
}

function unhold(m: Machine, group: GroupUnit): void {
  for (const inner of m.tree.groupsIn(group)) inner.held = false;
  for (const service of m.tree.servicesIn(group)) service.held = false;
}

function stopUnit(m: Machine, unit: Unit): void {
  if (unit.kind === "group") {
    if (unit.mode === "finished" || unit.mode === "failed") return;
    unit.held = true;
    takeGroupDown(m, unit, "stopped", BY_OPERATOR);
  } else if (unit.state !== "finished" && unit.state !== "failed") {
    unit.held = true;
    bringDown(m, [unit], "all", BY_OPERATOR);
  }
}

function restartUnit(m: Machine, unit: Unit): void {
  unit.held = false;
  if (unit.kind === "service") {
    forget(unit);
    if (isActive(unit)) bringDown(m, [unit], "all", BY_OPERATOR);
    else startService(m, unit);
    return;
  }
  forget(unit);
  if (unit.live === 0 || isDead(unit.mode)) return startGroup(m, unit);
  unhold(m, unit);
  if (unit.mode !== "recycling") takeGroupDown(m, unit, "recycling", BY_OPERATOR);
}

/** Answer the requests whose units have settled; all of them once nothing moves any more. */
export function answerRequests(m: Machine): void {
  const units = m.restless === 0 ? new Set(m.requests.values()) : m.changed;
  for (const unit of units) {
    const open = unit.requests.filter(({ id, towards }) => {
      if (!hasSettled(m, unit, towards)) return true;
      m.requests.delete(id);
      m.emit({ kind: "settled", request: id, outcome: outcomeOf(unit) });
      return false;
    });
    unit.requests.splice(0, unit.requests.length, ...open);
  }
  m.changed.clear();
}

/** Answer every request on `unit` as it stands: it leaves the application. */
export function dismissRequests(m: Machine, unit: Unit): void {
  for (const { id } of unit.requests.splice(0)) {
    m.requests.delete(id);
    m.emit({ kind: "settled", request: id, outcome: outcomeOf(unit) });
  }
}

function hasSettled(m: Machine, unit: Unit, towards: "up" | "down"): boolean {
  if (m.restless === 0) return true;
  if (towards === "down") return unit.live === 0;
  return unit.state === "ready" || unit.state === "backoff" || isOver(unit.state);
}

function outcomeOf(unit: Unit): UnitOutcome {
  const { path, state } = unit;
  const reason = reasonOf(unit);
  return reason === null ? { path, state } : { path, state, reason };
}

/** Why a unit is not ready; null when there is nothing to say. */
export function reasonOf(unit: Unit): string | null {
  if (unit.state === "backoff" || unit.state === "failed") return unit.lastError;
  if (unit.kind === "group") return null;
  if (unit.state === "stopped" && !unit.held) {
    const group = obstacles(unit)[0];
    return group === undefined ? null : `its group "${group}" does not run`;
  }
  return unit.state === "waiting" ? waitsFor(unit) : null;
}

/** Names what a service waits for before it starts. */
export function waitsFor(unit: ServiceUnit): string {
  return `it waits for ${obstacles(unit).map((name) => `"${name}"`).join(", ")}`;
}
