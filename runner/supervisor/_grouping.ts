import { bringDown, landing } from "./_leaving.ts";
import type { Machine } from "./_machine.ts";
import { type GroupUnit, lineage, type Round, type Unit } from "./_unit.ts";
import { isDead } from "./unit_state.ts";
import type { UnitState } from "../../services/supervision/unit_state.ts";

/** What a group is to be called, from what it was told and how its children are. */
function derive(group: GroupUnit): UnitState {
  const { mode, tally } = group;
  if (mode === "recycling") return "draining";
  if (mode === "stopped") return group.live > 0 ? "draining" : "stopped";
  if (mode !== "up") return mode;
  if (group.whole) return "ready";
  if (tally.starting + tally.ready + tally.backoff > 0) return "starting";
  if (tally.waiting > 0) return tally.draining > 0 ? "draining" : "waiting";
  if (tally.draining > 0) return "draining";
  return tally.failed > 0 ? "failed" : "stopped";
}

/** Bring a group's state up to date, and do what its children's states ask of it. Returns whether it is done. */
export function lookAtGroup(m: Machine, group: GroupUnit): "done" | "going on" {
  if (group.mode === "recycling" && group.live === 0) {
    reopen(m, group);
    // Its groups have their new states first.
    m.mark(group);
    return "going on";
  }
  if (group.round !== null) endRound(m, group, group.round);
  if (group.mode === "up" && group.done && m.phase === "running") return "done";
  m.setState(group, derive(group));
  return "going on";
}

/** Stop all that is in `group`, which goes to `mode`. */
export function takeGroupDown(
  m: Machine,
  group: GroupUnit,
  mode: "recycling" | "backoff" | "finished" | "failed" | "stopped",
  reason: string,
): void {
  group.retry = m.disarm(group.retry);
  m.setMode(group, mode);
  for (const inner of m.tree.groupsIn(group)) {
    inner.round = null;
    if (inner !== group && inner.mode === "backoff") {
      inner.retry = m.disarm(inner.retry);
      m.setMode(inner, "up");
    }
  }
  bringDown(m, [group], "all", reason);
}

/** Start what is in `group` afresh, now or when the last of it has stopped. */
export function reopen(m: Machine, group: GroupUnit): void {
  group.retry = m.disarm(group.retry);
  if (group.live > 0) return m.setMode(group, "recycling");
  m.setMode(group, "up");
  group.readySince = null;
  group.round = null;
  for (const inner of m.tree.groupsIn(group)) {
    if (inner === group) continue;
    forget(inner);
    inner.round = null;
    inner.retry = m.disarm(inner.retry);
    if (!inner.held) m.setMode(inner, "up");
  }
  for (const service of m.tree.servicesIn(group)) {
    forget(service);
    service.retry = m.disarm(service.retry);
    service.returns = true;
    if (landing(service) === "waiting") m.setState(service, "waiting");
    m.mark(service);
  }
}

/** Forget a unit's failures: it begins anew. */
export function forget(unit: Unit): void {
  unit.attempt = 0;
  unit.failures.length = 0;
  unit.readySince = null;
}

/** Let the siblings of a round start again, when its culprit may and all of them have stopped. */
function endRound(m: Machine, group: GroupUnit, round: Round): void {
  if (round.live > 0 || inBackoff(round.culprit)) return;
  group.round = null;
  for (let i = round.from; i < group.children.length; i++) m.markServices(group.children[i]!);
}

function inBackoff(unit: Unit): boolean {
  return unit.kind === "group" ? unit.mode === "backoff" : unit.state === "backoff";
}

/** The group around `unit`, or further out, that keeps it from running; null when none does. */
export function deadGroupAround(unit: Unit): GroupUnit | null {
  for (const at of lineage(unit)) {
    if (at !== unit && at.kind === "group" && (isDead(at.mode) || at.mode === "backoff")) return at;
  }
  return null;
}
