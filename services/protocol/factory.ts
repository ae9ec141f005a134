import type { Address } from "../reactor/address.ts";
import type { Protocol } from "./protocol.ts";

/**
 * Makes the protocol for each connection of a listener or client, and holds what they share.
 */
export interface Factory<P extends Protocol = Protocol> {
  /** The protocol for a connection with `peer`; null refuses it (it is closed at once). */
  buildProtocol(peer: Address): P | null;
  /** Before the first listener or connector of this factory is used. */
  startFactory?(): void;
  /** After the last one is done. */
  stopFactory?(): void;
}

/** A factory, or just its `buildProtocol`. */
export type FactoryLike<P extends Protocol = Protocol> = Factory<P> | ((peer: Address) => P | null);

/** The factory behind a `FactoryLike`. */
export function asFactory<P extends Protocol>(factory: FactoryLike<P>): Factory<P> {
  return typeof factory === "function" ? { buildProtocol: factory } : factory;
}
