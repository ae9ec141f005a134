/** What the octets that come next are for. */
type Incoming = "a head" | "the exchange's body" | "nobody";

/** Where a connection is. */
export interface ConnectionPhase {
  readonly name: string;
  readonly incoming: Incoming;
}

/**
 * The phases of a connection:
 *
 * | phase | | goes on to |
 * |---|---|---|
 * | `idle` | between two requests | `receiving`, `exchanging`, `closing` |
 * | `receiving` | a head has begun | `exchanging`, `closing` |
 * | `exchanging` | a request is answered: see the phases of an exchange | `idle`, `closing`, `upgraded` |
 * | `closing` | no more is read; what was written is sent | |
 * | `upgraded` | another protocol has the connection | |
 */
export const ConnectionPhase = {
  Idle: { name: "idle", incoming: "a head" },
  Receiving: { name: "receiving", incoming: "a head" },
  Exchanging: { name: "exchanging", incoming: "the exchange's body" },
  Closing: { name: "closing", incoming: "nobody" },
  Upgraded: { name: "upgraded", incoming: "nobody" },
} as const satisfies Record<string, ConnectionPhase>;

/** What may still come from the peer, from much to nothing; it never goes back. */
export const Further = {
  /** More requests. */
  Requests: 0,
  /** No request but the one under way. */
  ThisOne: 1,
  /** Not an octet: it has ended its side, or is gone. */
  Nothing: 2,
} as const;
