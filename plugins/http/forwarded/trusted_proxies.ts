import { type CidrBlock, matchesAny } from "../../../services/endpoint/cidr.ts";
import { isIpAddress } from "../../../services/endpoint/ip_address.ts";
import type { RequestInfo } from "../../../services/http/handler.ts";
import type { HttpRequest } from "../../../services/http/request.ts";
import type { Address } from "../../../services/reactor/address.ts";
import { ForwardedInfo } from "./forwarded_info.ts";
import type { TrustedProxiesOption } from "./options.ts";

/** Knows the proxies before this server, and whom a request that comes by them is from. */
export class TrustedProxies {
  readonly #blocks: readonly CidrBlock[];
  readonly #unix: boolean;
  /** Whether a connection is a proxy's, for all its requests. */
  readonly #verdicts = new WeakMap<RequestInfo, boolean>();

  constructor(proxies: TrustedProxiesOption) {
    this.#blocks = proxies.filter((proxy) => proxy !== "unix");
    this.#unix = proxies.includes("unix");
  }

  /** `info` itself, or what a trusted proxy at the other end of the connection says in its place. */
  see(request: HttpRequest, info: RequestInfo): RequestInfo {
    if (!this.#unix && this.#blocks.length === 0) return info;
    let trusted = this.#verdicts.get(info);
    if (trusted === undefined) this.#verdicts.set(info, trusted = this.#isTrusted(info.peer));
    if (!trusted) return info;
    const hostname = this.#clientOf(request.header("x-forwarded-for") ?? "");
    const peer = hostname === null ? info.peer : { transport: "tcp" as const, hostname, port: 0 };
    // The last of them is what the proxy itself has said.
    const scheme = request.header("x-forwarded-proto")?.split(",").at(-1)?.trim().toLowerCase();
    return new ForwardedInfo(info, peer, scheme === undefined ? info.tls !== null : scheme === "https");
  }

  #isTrusted(peer: Address): boolean {
    return peer.transport === "tcp" ? matchesAny(peer.hostname, this.#blocks) : this.#unix;
  }

  /**
   * The client's address in an `x-forwarded-for` field; null where it names none. Each proxy adds whom it was asked
   * by at the end, so what is before the first address that is no proxy's is what that client claims.
   */
  #clientOf(field: string): string | null {
    let client: string | null = null;
    for (const text of field.split(",").reverse()) {
      const address = addressOf(text.trim());
      if (address === null) break;
      client = address;
      if (!matchesAny(address, this.#blocks)) break;
    }
    return client;
  }
}

/** Some proxies add the port, and then put IPv6 into brackets. */
function addressOf(text: string): string | null {
  const bare = /^\[(.*)\](?::\d+)?$/.exec(text)?.[1] ?? /^([\d.]+):\d+$/.exec(text)?.[1] ?? text;
  return isIpAddress(bare) ? bare : null;
}
