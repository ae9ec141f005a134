import type { GiveUp } from "../../services/application_spec.ts";

/**
 * Note a failure at `now` in `failures` (the times of earlier ones, oldest first; changed in place), and say
 * whether that is one too many: more than `giveUp.failures` within the last `giveUp.within` ms, both ends
 * included. Without a `giveUp` nothing is kept and nothing is ever too many.
 */
export function noteFailure(failures: number[], giveUp: GiveUp | null, now: number): boolean {
  if (giveUp === null) {
    failures.length = 0;
    return false;
  }
  failures.push(now);
  // One more than the limit decides, so that no more than that need be kept.
  if (failures.length > giveUp.failures + 1) failures.shift();
  const oldest = failures[0] ?? now;
  return failures.length > giveUp.failures && now - oldest <= giveUp.within;
}
