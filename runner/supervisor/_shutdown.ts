import { bringDown, cutAll } from "./_leaving.ts";
import { takeGroupDown } from "./_grouping.ts";
import type { Machine } from "./_machine.ts";
import { type ExitCause, exitVerdict } from "./exit_verdict.ts";
import { isDead } from "./unit_state.ts";

/** Stop everything, in order, and end. The first cause is the one that counts. */
export function shutDown(m: Machine, cause: ExitCause): void {
  if (m.phase !== "running") return;
  m.phase = "stopping";
  m.cause = cause;
  const { root } = m.tree;
  const reason = cause.kind === "asked" ? "the application stops" : `the application ends (${cause.kind})`;
  if (isDead(root.mode)) bringDown(m, [root], "all", reason);
  else takeGroupDown(m, root, "stopped", reason);
}

/** A request to stop; the second cuts what is still alive. An end that came by itself does not count as the first. */
export function stopAsked(m: Machine): void {
  if (m.phase === "stopping" && m.asked) return forceAsked(m);
  m.asked = true;
  if (m.phase === "new") {
    m.phase = "stopping";
    m.cause = { kind: "asked" };
  } else {
    shutDown(m, { kind: "asked" });
  }
}

/** Cut everything. */
export function forceAsked(m: Machine): void {
  if (m.phase === "new" || m.phase === "running") stopAsked(m);
  if (m.phase === "stopping" && !m.forced) cutAll(m);
}

/** End, once everything has stopped. */
export function endIfStopped(m: Machine): void {
  if (m.phase !== "stopping" || m.tree.root.live > 0) return;
  m.phase = "ended";
  for (const timer of [...m.timers.keys()]) m.disarm(timer);
  const verdict = exitVerdict(m.cause!, m.wasReady);
  m.emit({ kind: "report", event: { kind: "ended", verdict } });
  m.emit({ kind: "exit", verdict });
}

/** Tell when every service has been ready; end when none can be any more, and return true. */
export function judgeStart(m: Machine): boolean {
  if (m.phase !== "running" || m.wasReady || m.reloading !== null) return false;
  const { tally } = m;
  const underWay = tally.starting + tally.backoff + tally.draining + m.groupsInBackoff + m.restless;
  if (underWay > 0) return false;
  const runs = tally.ready + tally.finished > 0;
  // What waits for another runner, or for something that does, is as ready as it gets here.
  const standsBy = m.seatsSought > 0;
  if (tally.failed > 0 && !runs && !standsBy) return judgeFailure(m);
  if ((tally.waiting > 0 && !standsBy) || (tally.stopped > 0 && !runs)) return false;
  m.wasReady = true;
  m.emit({ kind: "report", event: { kind: "ready", at: m.now } });
  m.emit({ kind: "firstReady" });
  return false;
}

/** Nothing runs and nothing will by itself. Not the end while an operator has stopped something: it may come back. */
function judgeFailure(m: Machine): boolean {
  const { services, groups } = m.tree;
  if (services.some((unit) => unit.held) || groups.some((unit) => unit.held)) return false;
  const unit = m.lastFailed!;
  shutDown(m, { kind: "every", unit: unit.path, error: unit.lastError ?? "" });
  return true;
}
