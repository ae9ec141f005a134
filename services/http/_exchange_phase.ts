/** Where an exchange is. */
export interface ExchangePhase {
  readonly name: string;
  /** The reply is not sent yet, or not all of it. */
  readonly answering: boolean;
  /** The rest of the body is of interest to nobody. */
  readonly discards: boolean;
}

/**
 * The phases of an exchange:
 *
 * | phase | | goes on to |
 * |---|---|---|
 * | `handling` | the handler is at work | `streaming`, `discarding`, `over` |
 * | `streaming` | the reply's body is sent bit by bit | `discarding`, `over` |
 * | `discarding` | it is answered, and the rest of the request's body is read over | `over` |
 * | `over` | the connection has gone on, or is closing | |
 */
export const ExchangePhase = {
  Handling: { name: "handling", answering: true, discards: false },
  Streaming: { name: "streaming", answering: true, discards: false },
  Discarding: { name: "discarding", answering: false, discards: true },
  Over: { name: "over", answering: false, discards: false },
} as const satisfies Record<string, ExchangePhase>;
