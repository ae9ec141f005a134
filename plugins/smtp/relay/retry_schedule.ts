/** When mail that could not be delivered is tried again. Milliseconds. */
export interface RetrySchedule {
  /** After the first attempt; each next wait is twice as long. */
  readonly first: number;
  /** The longest wait. */
  readonly longest: number;
  /** From the arrival until it is given up. */
  readonly giveUp: number;
}

/**
 * When the next attempt is due, after so many have failed: somewhat earlier than the schedule says, at random,
 * so that what failed together does not come back together. The last attempt is at the end of the time.
 *
 * @param now milliseconds since 1970
 * @param random in [0, 1)
 */
export function nextAttempt(
  { first, longest, giveUp }: RetrySchedule,
  { receivedAt, attempts, now, random }: {
    readonly receivedAt: number;
    readonly attempts: number;
    readonly now: number;
    readonly random: number;
  },
): number {
  const wait = Math.min(first * 2 ** Math.max(0, attempts - 1), longest);
  return Math.max(now, Math.min(now + wait * (1 - random / 4), receivedAt + giveUp));
}
