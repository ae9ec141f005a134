import type { Factory } from "../../protocol/factory.ts";
import { onAccountOf, type Owner } from "../attribution.ts";
import type { Address } from "../address.ts";
import type { ConnectionClosed } from "../errors.ts";
import type { TlsRole } from "../network.ts";
import type { AcceptLoop, Acceptor } from "../pool/accept_loop.ts";
import type { Lease } from "../pool/socket_pool.ts";
import type { RawConn } from "../raw.ts";
import type { ListenOptions, Port } from "../reactor.ts";
import { StreamTransport, type TransportOwner } from "../stream_transport.ts";
import type { ConnectionBook } from "./connection_book.ts";
import { beginUse } from "./factory_use.ts";

/** A listener of a scope: makes protocols of what its socket accepts. */
export class ScopedPort implements Port, Acceptor, TransportOwner {
  readonly #factory: Factory;
  readonly #book: ConnectionBook;
  readonly #most: number;
  #lease: Lease<AcceptLoop> | null = null;
  #releasing: Promise<void> | null = null;
  #onReleased: () => void = () => {};
  readonly tlsRole: TlsRole = { side: "server" };
  connections = 0;

  constructor(factory: Factory, book: ConnectionBook, options: ListenOptions = {}) {
    this.#factory = factory;
    this.#book = book;
    this.#most = options.maxConnections ?? Infinity;
    beginUse(factory);
  }

  get account(): Owner {
    return this.#book.owner;
  }

  get host(): Address {
    return this.#lease!.host;
  }

  get full(): boolean {
    return this.connections >= this.#most;
  }

  /** The socket has been acquired; `onReleased` is called when it has been given up. */
  bound(lease: Lease<AcceptLoop>, onReleased: () => void): void {
    this.#lease = lease;
    this.#onReleased = onReleased;
  }

  activate(): void {
    // What is accepted is on its account from the first, and need not be put on it connection by connection.
    onAccountOf(this.account, () => this.#lease?.activate());
  }

  stopListening(): Promise<void> {
    return this.release(0);
  }

  /** Let go of the socket: for a successor within `hold` ms; at 0 after taking what is queued. */
  release(hold: number): Promise<void> {
    return this.#releasing ??= this.#release(hold);
  }

  async #release(hold: number): Promise<void> {
    await this.#lease?.release(hold);
    this.#book.endUse(this.#factory);
    this.#onReleased();
  }

  accept(conn: RawConn): void {
    onAccountOf(this.account, this.#accept, conn);
  }

  readonly #accept = (conn: RawConn): void => {
    let transport: StreamTransport;
    try {
      const protocol = this.#factory.buildProtocol(conn.peer);
      if (protocol === null) return conn.close();
      transport = new StreamTransport(conn, protocol, this, this.#book.environment);
    } catch (error) {
      conn.close();
      return this.#book.protocolThrew(error, conn.peer);
    }
    this.connections++;
    this.#book.add(transport);
    transport.start();
  };

  protocolThrew(error: unknown, transport: StreamTransport): void {
    this.#book.protocolThrew(error, transport.peer);
  }

  connectionClosed(transport: StreamTransport, reason: ConnectionClosed): void {
    const wasFull = this.full;
    this.connections--;
    this.#book.remove(transport, reason);
    if (wasFull) this.#lease?.socket.resume();
  }
}
