import type { Address } from "./address.ts";
import type { Transport } from "./transport.ts";

/**
 * A connection as a pair of byte streams, over the same transport that protocols use. Iterating reads
 * until the peer's end.
 *
 * @example Greet, then echo
 * ```ts
 * import type { Connection } from "@heddle/heddle";
 *
 * async function greet(connection: Connection): Promise<void> {
 *   await connection.write(new TextEncoder().encode("hello\n"));
 *   for await (const chunk of connection) await connection.write(chunk);
 * }
 * ```
 */
export interface Connection extends AsyncIterable<Uint8Array>, AsyncDisposable {
  /** Where the other end is. */
  readonly peer: Address;
  /** Where our end is. */
  readonly host: Address;
  /** What the streams stand on: TLS, counters, abort. */
  readonly transport: Transport;
  /** What the peer sends; ends with its last byte, fails when the connection is lost. */
  readonly readable: ReadableStream<Uint8Array>;
  /** What is sent to the peer; closing it tells the peer that no more will come. */
  readonly writable: WritableStream<Uint8Array>;
  /** Aborted when the service drains: finish what is under way, and return. */
  readonly draining: AbortSignal;
  /** Aborted when the connection is over. */
  readonly closed: AbortSignal;
  /** Send; resolves when the buffer has room for more. Rejects with the reason once the connection is lost. */
  write(data: Uint8Array): Promise<void>;
  /** Flush and close in order. */
  close(): Promise<void>;
}
