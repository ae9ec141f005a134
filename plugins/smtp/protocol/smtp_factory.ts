import { type CidrBlock, matchesAny } from "../../../services/endpoint/cidr.ts";
import { ConnectionCount } from "../../../services/mail/connection_count.ts";
import type { Factory } from "../../../services/protocol/factory.ts";
import { Protocol } from "../../../services/protocol/protocol.ts";
import type { Address } from "../../../services/reactor/address.ts";
import * as replies from "../reply/replies.ts";
import type { SmtpServer } from "./server.ts";
import { SmtpProtocol } from "./smtp_protocol.ts";

/** Makes the protocol for each connection, as long as its client has not too many of them. */
export class SmtpFactory implements Factory {
  readonly #server: SmtpServer;
  readonly #connections: ConnectionCount;
  readonly #trusted: readonly CidrBlock[];

  /** @param trusted proxies that may tell by XCLIENT whom they speak for; how many connections they have is theirs */
  constructor(server: SmtpServer, maxPerClient: number, trusted: readonly CidrBlock[]) {
    this.#server = server;
    this.#connections = new ConnectionCount(maxPerClient);
    this.#trusted = trusted;
  }

  /** See {@linkcode Factory.buildProtocol}. */
  buildProtocol(peer: Address): Protocol {
    if (peer.transport === "tcp" && matchesAny(peer.hostname, this.#trusted)) {
      return new SmtpProtocol(this.#server, true);
    }
    const leave = this.#connections.enter(peer);
    return leave === null ? new Refusal() : new CountedProtocol(this.#server, leave);
  }
}

class CountedProtocol extends SmtpProtocol {
  readonly #left: () => void;

  constructor(server: SmtpServer, left: () => void) {
    super(server, false);
    this.#left = left;
  }

  override connectionLost(): void {
    this.#left();
    super.connectionLost();
  }
}

/** For who has too many connections. */
class Refusal extends Protocol {
  override connectionMade(): void {
    this.transport.write(replies.tooManyConnections.bytes);
    this.transport.loseConnection();
  }
}
