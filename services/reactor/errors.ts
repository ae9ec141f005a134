/**
 * Why a connection is over: what `connectionLost` is given. `clean` tells an orderly end (either side
 * closed after everything was delivered) from a loss.
 */
export abstract class ConnectionClosed extends Error {
  /** True after an orderly end: nothing was lost. */
  abstract readonly clean: boolean;
}

/** Closed in order, by us or by the peer. */
export class ConnectionDone extends ConnectionClosed {
  /** `"ConnectionDone"`. */
  override readonly name = "ConnectionDone";
  /** `true`. */
  readonly clean = true;
  /** The message is for a person; `cause` is what led to it. */
  constructor(message = "Connection was closed cleanly") {
    super(message);
  }
}

/** Lost: reset, broken pipe, a read or write that failed; `cause` is the system's error. */
export class ConnectionLost extends ConnectionClosed {
  /** `"ConnectionLost"`. */
  override readonly name = "ConnectionLost";
  /** `false`. */
  readonly clean = false;
  /** The message is for a person; `cause` is what led to it. */
  constructor(message = "Connection was lost", options?: ErrorOptions) {
    super(message, options);
  }
}

/** Ended at once from our side (`abortConnection`, a limit, a deadline); the message tells the reason. */
export class ConnectionAborted extends ConnectionClosed {
  /** `"ConnectionAborted"`. */
  override readonly name = "ConnectionAborted";
  /** `false`. */
  readonly clean = false;
  /** The message is for a person; `cause` is what led to it. */
  constructor(message = "Connection was aborted", options?: ErrorOptions) {
    super(message, options);
  }
}

/** `listen` failed. The message names the endpoint and what to do; `cause` is the system's error. */
export class CannotListenError extends Error {
  /** `"CannotListenError"`. */
  override readonly name = "CannotListenError";
}

/** `connect` failed on every address. The message names the endpoint; `cause` is the last error. */
export class ConnectError extends Error {
  /** `"ConnectError"`. */
  override readonly name = "ConnectError";
}
