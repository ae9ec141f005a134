import type { ConnectionClosed } from "../reactor/errors.ts";
import type { Transport } from "../reactor/transport.ts";

/**
 * One connection's conversation. A factory makes one per connection; the reactor calls it, never two
 * calls at once: `connectionMade` once, `dataReceived` any number of times, `connectionLost` once, last.
 * An exception thrown by any of them closes that connection and is logged; it harms nothing else.
 *
 * @example Send every byte back
 * ```ts
 * import { Protocol } from "@heddle/heddle";
 *
 * class Echo extends Protocol {
 *   override dataReceived(data: Uint8Array): void {
 *     this.transport.write(data);
 *   }
 * }
 * ```
 */
export class Protocol {
  /** Set before `connectionMade`. */
  declare transport: Transport;

  /**
   * True says: `dataReceived` is done with its chunk when it returns, but for what it has handed to its
   * own `transport.write`. The reactor then lends its read buffer instead of a copy, and reads on only
   * when those writes are flushed. Wrong for a protocol that keeps chunks or writes them elsewhere;
   * MemoryReactor overwrites lent chunks, so that such a mistake fails its test.
   */
  readonly borrowsData: boolean = false;

  /** Called by the reactor, or by a protocol that wraps this one. */
  makeConnection(transport: Transport): void {
    this.transport = transport;
    this.connectionMade();
  }

  /** The connection stands: greet, arm timeouts. */
  connectionMade(): void {}

  /** Bytes arrived: at least one, of no particular framing. */
  dataReceived(_data: Uint8Array): void {}

  /** The connection is over; `transport` is of no more use. */
  connectionLost(_reason: ConnectionClosed): void {}

  /** The peer sends no more (half-close). Default: flush and close. Override to go on writing. */
  readConnectionLost(): void {
    this.transport.loseConnection();
  }

  /**
   * The service is being stopped: end the conversation at the next good moment, and within the deadline.
   * Default: flush and close now. Override to finish what is under way.
   */
  drainRequested(): void {
    this.transport.loseConnection();
  }
}
