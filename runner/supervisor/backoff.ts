import type { Backoff } from "../../services/application_spec.ts";

/**
 * Milliseconds to wait before restart number `attempt` (0 is the first): `initial * factor ** attempt`, at
 * most `max`; of that between half and all, as `draw` (0 to 1) says, so that what failed together does not
 * come back together.
 */
export function backoffDelay(backoff: Backoff, attempt: number, draw: number): number {
  const full = Math.min(backoff.max, backoff.initial * backoff.factor ** attempt);
  return full / 2 + (full / 2) * draw;
}

/** Whether a unit that was ready since `readySince` (null: it never was) has earned a clean record by `now`. */
export function hasRecovered(backoff: Backoff, readySince: number | null, now: number): boolean {
  return readySince !== null && now - readySince >= backoff.resetAfter;
}
