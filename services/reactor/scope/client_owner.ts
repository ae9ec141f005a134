import type { Factory } from "../../protocol/factory.ts";
import type { ConnectionClosed } from "../errors.ts";
import type { TlsRole } from "../network.ts";
import type { StreamTransport, TransportOwner } from "../stream_transport.ts";
import type { ConnectionBook } from "./connection_book.ts";
import type { Owner } from "../attribution.ts";

/** Keeps the books of one connection that a scope has made. */
export class ClientOwner implements TransportOwner {
  readonly tlsRole: TlsRole;
  readonly #factory: Factory;
  readonly #book: ConnectionBook;

  constructor(factory: Factory, book: ConnectionBook, hostname: string) {
    this.#factory = factory;
    this.#book = book;
    this.tlsRole = { side: "client", hostname };
  }

  get account(): Owner {
    return this.#book.owner;
  }

  protocolThrew(error: unknown, transport: StreamTransport): void {
    this.#book.protocolThrew(error, transport.peer);
  }

  connectionClosed(transport: StreamTransport, reason: ConnectionClosed): void {
    this.#book.remove(transport, reason);
    this.#book.endUse(this.#factory);
  }
}
