import type { Address, InetAddress } from "./address.ts";
import type { TlsInfo } from "./transport.ts";

/**
 * What stands beneath a transport: one end of a byte stream, with one read and one write under way at
 * most. `Deno.Conn` has this shape; sockets of `node:net` and `node:tls`, standard input and output, and
 * the in-memory pair are adapted to it.
 */
export interface RawConn {
  readonly peer: Address;
  readonly host: Address;
  /** What TLS settled on, for a connection that arrives with its handshake done. */
  readonly tls: TlsInfo | null;
  /** Read into `buffer`: the number of bytes, at least 1, or null at the peer's end. Rejects when lost or closed. */
  read(buffer: Uint8Array): Promise<number | null>;
  /** Write some of `data`: the number of bytes taken, at least 1. Rejects when lost or closed. */
  write(data: Uint8Array): Promise<number>;
  /** Tell the peer that no more will come. */
  closeWrite(): Promise<void>;
  /** Close both directions at once. Repeatable. */
  close(): void;
  setNoDelay(noDelay: boolean): void;
}

/** What stands beneath a port: `accept` rejects once it is closed. One `accept` is under way at most. */
export interface RawListener {
  readonly host: Address;
  accept(): Promise<RawConn>;
  /** Close the socket. What is queued and was not accepted is reset. Repeatable. */
  close(): void;
}

/** What stands beneath a datagram port. One `receive` is under way at most. */
export interface RawDatagram {
  readonly host: InetAddress;
  /** One datagram into `buffer` (cut to its length): its size and sender. Rejects once closed. */
  receive(buffer: Uint8Array): Promise<readonly [size: number, from: InetAddress]>;
  /** Hand one datagram to the system. Rejects when the system refuses it. */
  send(data: Uint8Array, to: { readonly hostname: string; readonly port: number }): Promise<unknown>;
  joinGroup(group: string, interfaceAddress?: string): Promise<void>;
  leaveGroup(group: string, interfaceAddress?: string): Promise<void>;
  setMulticastTTL(hops: number): Promise<void>;
  /** Repeatable. */
  close(): void;
}
