/** Milliseconds to wait before a retry; `retry` counts them since the last success, from 0. */
export type RetryPolicy = (retry: number) => number;

/** What a {@linkcode backoffPolicy} is made of. */
export interface BackoffOptions {
  /** Milliseconds before the first retry. Default 1,000. */
  readonly initial?: number;
  /** Each wait is so many times the one before. Default 1.5. */
  readonly factor?: number;
  /** The longest wait, without the jitter, in milliseconds. Default 60,000. */
  readonly max?: number;
  /**
   * Up to so many milliseconds are added, drawn anew for every wait, so that clients which lost their server
   * together do not come back together. Default: as many as `initial`.
   */
  readonly jitter?: number;
  /** Draws from 0 to 1. Default `Math.random`. */
  readonly random?: () => number;
}

/**
 * Waits that grow: `initial * factor**n`, at most `max`, and some jitter (Twisted's `backoffPolicy`).
 *
 * @throws {RangeError} when a number is negative or not finite, or `factor` is less than 1
 *
 * @example
 * ```ts
 * import { backoffPolicy } from "@heddle/heddle";
 *
 * const policy = backoffPolicy({ initial: 100, max: 5_000, jitter: 0 });
 * console.assert(policy(0) === 100 && policy(1) === 150);
 * ```
 */
export function backoffPolicy(options: BackoffOptions = {}): RetryPolicy {
  const { initial = 1_000, factor = 1.5, max = 60_000, jitter = initial, random = Math.random } = options;
  for (const [name, value] of Object.entries({ initial, factor, max, jitter })) {
    const least = name === "factor" ? 1 : 0;
    if (value >= least && value < Infinity) continue;
    throw new RangeError(`Cannot retry with ${name} "${value}": must be finite and at least ${least}`);
  }
  return (retry) => Math.min(max, initial * factor ** retry) + jitter * random();
}
