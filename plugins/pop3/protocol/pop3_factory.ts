import { ConnectionCount } from "../../../services/mail/connection_count.ts";
import type { Factory } from "../../../services/protocol/factory.ts";
import { Protocol } from "../../../services/protocol/protocol.ts";
import type { Address } from "../../../services/reactor/address.ts";
import * as replies from "../reply/replies.ts";
import { Pop3Protocol } from "./pop3_protocol.ts";
import type { Pop3Server } from "./server.ts";

/** Makes the protocol for each connection, as long as its client has not too many of them. */
export class Pop3Factory implements Factory {
  readonly #server: Pop3Server;
  readonly #connections: ConnectionCount;

  constructor(server: Pop3Server, maxPerClient: number) {
    this.#server = server;
    this.#connections = new ConnectionCount(maxPerClient);
  }

  /** See {@linkcode Factory.buildProtocol}. */
  buildProtocol(peer: Address): Protocol {
    const leave = this.#connections.enter(peer);
    return leave === null ? new Refusal() : new Pop3Protocol(this.#server, leave);
  }
}

/** For who has too many connections. */
class Refusal extends Protocol {
  override connectionMade(): void {
    this.transport.write(replies.tooManyConnections.bytes);
    this.transport.loseConnection();
  }
}
