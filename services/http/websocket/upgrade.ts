import type { Reply } from "../reply.ts";

/** How a WebSocket is accepted. */
export interface UpgradeOptions {
  /** The subprotocol to accept, one of those that the client offers; default none. */
  readonly protocol?: string;
  /** Longest message accepted, in bytes; longer ones close with 1009. Default 1 MiB. */
  readonly maxMessage?: number;
  /**
   * Milliseconds of silence after which the peer is pinged, and after as many more without an answer
   * given up; 0 never. Default 30,000.
   */
  readonly pingInterval?: number;
}

/** An accepted handshake. */
export interface WebSocketUpgrade {
  /** Fires `open`, `message`, `close` and `error`, as in the browser. */
  readonly socket: WebSocket;
  /** What the handler must return. */
  readonly response: Reply;
}
