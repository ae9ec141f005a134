import type { UnitOutcome } from "./status.ts";

/** Whether a unit is where it was asked to be. */
export function isWhereAsked(
  action: "start" | "stop" | "restart",
  { state, reason }: UnitOutcome,
): boolean {
  // Ready with a reason: nothing came of it, and what was before goes on.
  if (action === "restart" && reason !== undefined) return false;
  return action === "stop"
    ? state === "stopped" || state === "finished" || state === "failed"
    : state === "ready" || state === "finished";
}
