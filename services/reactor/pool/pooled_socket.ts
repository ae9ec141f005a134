import type { Address } from "../address.ts";

/**
 * A listening or datagram socket that outlives the service which uses it: whatever arrives goes to its
 * taker of the moment, or waits for the next one.
 */
export interface PooledSocket<Taker> {
  readonly host: Address;
  /** From now on what arrives is `taker`'s, and so is what has waited. */
  attach(taker: Taker): void;
  /** From now on what arrives waits. */
  detach(): void;
  /** The taker can take more. */
  resume(): void;
  /** Take what the system has queued. Closing would lose it. */
  takeQueued(): Promise<void>;
  /** Close the socket, and what has waited in vain; resolves when its place is free again. Once. */
  close(): Promise<void>;
}
