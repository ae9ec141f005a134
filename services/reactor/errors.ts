/**
 * Why a connection is over: what `connectionLost` is given. `clean` tells an orderly end (either side
 * closed after everything was delivered) from a loss.
 */
export abstract class ConnectionClosed extends Error {
  abstract readonly clean: boolean;
}

/** Closed in order, by us or by the peer. */
export class ConnectionDone extends ConnectionClosed {
  override readonly name = "ConnectionDone";
  readonly clean = true;
  constructor(message = "Connection was closed cleanly") {
    super(message);
  }
}

/** Lost: reset, broken pipe, a read or write that failed; `cause` is the system's error. */
export class ConnectionLost extends ConnectionClosed {
  override readonly name = "ConnectionLost";
  readonly clean = false;
  constructor(message = "Connection was lost", options?: ErrorOptions) {
    super(message, options);
  }
}

/** Ended at once from our side (`abortConnection`, a limit, a deadline); the message tells the reason. */
export class ConnectionAborted extends ConnectionClosed {
  override readonly name = "ConnectionAborted";
  readonly clean = false;
  constructor(message = "Connection was aborted", options?: ErrorOptions) {
    super(message, options);
  }
}

/** `listen` failed. The message names the endpoint and what to do; `cause` is the system's error. */
export class CannotListenError extends Error {
  override readonly name = "CannotListenError";
}

/** `connect` failed on every address. The message names the endpoint; `cause` is the last error. */
export class ConnectError extends Error {
  override readonly name = "ConnectError";
}
