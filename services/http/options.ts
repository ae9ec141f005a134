import type { Logger } from "../log.ts";
import type { Address } from "../reactor/address.ts";
import type { HttpRequest } from "./request.ts";

/** Limits on what a stranger can send, and on how long. Sizes in bytes, times in milliseconds. */
export interface HttpLimits {
  /** Connections open at once; more wait in the kernel's queue. Default 20,000. */
  readonly maxConnections: number;
  /**
   * Connections of one peer (an IPv4 address, an IPv6 /64); more are closed at once. Default 2,048. Behind a
   * proxy that does not tell its clients' addresses, all of them are one peer.
   */
  readonly maxConnectionsPerPeer: number;
  /** Request line and header section together; more gets 431. Default 16 KiB. */
  readonly maxHead: number;
  /** Request target; more gets 414. Default 8 KiB. */
  readonly maxTarget: number;
  /** Header fields; more get 431. Default 100. */
  readonly maxHeaders: number;
  /** Body; more gets 413. Default 10 MiB. A handler may lower it by `request.limitBody`. */
  readonly maxBody: number;
  /** From the first byte of a request (of a connection: from its begin) to the end of its head; then 408. Default 10 s. */
  readonly headerTimeout: number;
  /** A body may take so long, and longer by what it would take at `minBodyRate`; then 408. Default 20 s. */
  readonly bodyTimeout: number;
  /** Bytes per second that a body must come with in the long run. Default 1,024. */
  readonly minBodyRate: number;
  /** An open connection may wait so long for its next request. Default 75 s, longer than common proxies keep one. */
  readonly idleTimeout: number;
  /** A peer may take nothing of what it is sent for so long; then it is cut off. Default 30 s. */
  readonly writeTimeout: number;
  /** Of a body that a handler has left unread, so much is read to save the connection. Default 64 KiB. */
  readonly maxUnreadBody: number;
}

/** How a server behaves. Everything has a default. */
export interface HttpOptions extends Partial<HttpLimits> {
  /** Where handlers' faults are written; default nowhere. */
  readonly log?: Logger;
  /** Called when a reply was handed to the transport whole, or cut off: for access logs and metrics. */
  readonly onReply?: (outcome: ReplyOutcome) => void;
  /** Milliseconds since 1970, for the `date` field; default the system's clock. */
  readonly wallClock?: () => number;
}

/** What became of a request. */
export interface ReplyOutcome {
  /** Null where no request could be made of what was received (400, 408, ...). */
  readonly request: HttpRequest | null;
  /** Where the client is. */
  readonly peer: Address;
  /** Sent, or about to be. */
  readonly status: number;
  /** Bytes of body sent, as they came from the handler. */
  readonly bytes: number;
  /** Milliseconds from the end of the head to the end of the reply. */
  readonly duration: number;
  /** False when the reply was cut off: the client left, or its stream failed. */
  readonly complete: boolean;
}

/** The limits that hold where an option is absent. */
export const defaultLimits: HttpLimits = {
  maxConnections: 20_000,
  maxConnectionsPerPeer: 2_048,
  maxHead: 16 * 1024,
  maxTarget: 8 * 1024,
  maxHeaders: 100,
  maxBody: 10 * 1024 * 1024,
  headerTimeout: 10_000,
  bodyTimeout: 20_000,
  minBodyRate: 1_024,
  idleTimeout: 75_000,
  writeTimeout: 30_000,
  maxUnreadBody: 64 * 1024,
};

/** `options`' limits, with the defaults in the gaps. */
export function limitsOf(options: HttpOptions): HttpLimits {
  const limits: Record<string, number> = { ...defaultLimits };
  for (const name of Object.keys(defaultLimits)) {
    const value = options[name as keyof HttpLimits];
    if (value === undefined) continue;
    if (typeof value !== "number" || Number.isNaN(value) || value < 0) {
      throw new RangeError(`Cannot serve HTTP: "${name}" must be 0 or more, not "${value}"`);
    }
    limits[name] = value;
  }
  return limits as unknown as HttpLimits;
}
