import { parseIpAddress } from "../endpoint/ip_address.ts";
import type { Address } from "../reactor/address.ts";

/** Counts the connections of each client: of an IPv4 address, or an IPv6 /64. */
export class ConnectionCount {
  readonly #most: number;
  readonly #open = new Map<string, number>();

  /** @param most connections that a client may have at once */
  constructor(most: number) {
    this.#most = most;
  }

  /**
   * One more of `peer`: returns what to call when it is over, or null when the client has as many as it may.
   * Where clients cannot be told apart, as on a UNIX socket, all are let in.
   */
  enter(peer: Address): (() => void) | null {
    const client = clientOf(peer);
    if (client === null) return () => {};
    const open = this.#open.get(client) ?? 0;
    if (open >= this.#most) return null;
    this.#open.set(client, open + 1);
    return () => this.#leave(client);
  }

  #leave(client: string): void {
    const left = this.#open.get(client)! - 1;
    if (left > 0) this.#open.set(client, left);
    else this.#open.delete(client);
  }
}

function clientOf(peer: Address): string | null {
  const words = peer.transport === "tcp" ? parseIpAddress(peer.hostname) : null;
  return words === null ? null : words.slice(0, 2).join();
}
