/** The call had run already: there is nothing left to cancel, reset or delay. */
export class AlreadyCalledError extends Error {
  /** `"AlreadyCalledError"`. */
  override readonly name = "AlreadyCalledError";
}

/** Somebody cancelled what was awaited. */
export class CancelledError extends Error {
  /** `"CancelledError"`. */
  override readonly name = "CancelledError";
}

/** What was awaited did not come within its time. */
export class TimeoutError extends Error {
  /** `"TimeoutError"`. */
  override readonly name = "TimeoutError";
}
