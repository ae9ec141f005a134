/** A call that {@linkcode ReactorTime.callLater} has arranged. Times are milliseconds. */
export interface DelayedCall {
  /** When it is due, on the scale of {@linkcode ReactorTime.now}. */
  readonly time: number;
  /** True until it has run or was cancelled. */
  readonly active: boolean;
  /** Forget the call. Once it has run or was cancelled, does nothing. */
  cancel(): void;
  /** Due `ms` from now instead. Throws `AlreadyCalledError` when it is no longer active. */
  reset(ms: number): void;
  /** Due `ms` later than it was. Throws `AlreadyCalledError` when it is no longer active. */
  delay(ms: number): void;
}

/**
 * Time as services see it (Twisted's `IReactorTime`): the reactor's on a machine, a `Clock` that the
 * test advances in a test. Nothing in Heddle reads `Date.now` or `setTimeout` to decide something.
 */
export interface ReactorTime {
  /** Monotonic milliseconds since an arbitrary origin; with fractions. */
  now(): number;
  /**
   * Run `fn(...args)` once, `ms` milliseconds from now (0 or more; never in the same turn).
   * Calls that are due together run in the order of their times, then of their arrangement.
   * @throws {RangeError} when `ms` is negative or not finite
   */
  callLater<A extends unknown[]>(ms: number, fn: (...args: A) => void, ...args: A): DelayedCall;
}
