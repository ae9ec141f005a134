import { type CidrBlock, matchesAny } from "../../../services/endpoint/cidr.ts";
import { parseIpAddress } from "../../../services/endpoint/ip_address.ts";
import type { Factory } from "../../../services/protocol/factory.ts";
import { Protocol } from "../../../services/protocol/protocol.ts";
import type { Address } from "../../../services/reactor/address.ts";
import * as replies from "../reply/replies.ts";
import type { SmtpServer } from "./server.ts";
import { SmtpProtocol } from "./smtp_protocol.ts";

/** Makes the protocol for each connection, as long as its client has not too many of them. */
export class SmtpFactory implements Factory {
  readonly #server: SmtpServer;
  readonly #maxPerClient: number;
  readonly #trusted: readonly CidrBlock[];
  readonly #connections = new Map<string, number>();

  /** @param trusted proxies that may tell by XCLIENT whom they speak for; how many connections they have is theirs */
  constructor(server: SmtpServer, maxPerClient: number, trusted: readonly CidrBlock[]) {
    this.#server = server;
    this.#maxPerClient = maxPerClient;
    this.#trusted = trusted;
  }

  /** See {@linkcode Factory.buildProtocol}. */
  buildProtocol(peer: Address): Protocol {
    const network = networkOf(peer);
    if (network === null) return new SmtpProtocol(this.#server, false);
    if (peer.transport === "tcp" && matchesAny(peer.hostname, this.#trusted)) {
      return new SmtpProtocol(this.#server, true);
    }
    const open = this.#connections.get(network) ?? 0;
    if (open >= this.#maxPerClient) return new Refusal();
    this.#connections.set(network, open + 1);
    return new CountedProtocol(this.#server, () => this.#leave(network));
  }

  #leave(network: string): void {
    const left = this.#connections.get(network)! - 1;
    if (left > 0) this.#connections.set(network, left);
    else this.#connections.delete(network);
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

/** What one client has: an IPv4 address, or an IPv6 /64; null where clients cannot be told apart. */
function networkOf(peer: Address): string | null {
  const words = peer.transport === "tcp" ? parseIpAddress(peer.hostname) : null;
  return words === null ? null : words.slice(0, 2).join();
}
