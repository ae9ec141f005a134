import type { Address } from "../reactor/address.ts";

/**
 * What a proxy says of the connection that it passes on: the PROXY protocol, versions 1 and 2
 * (https://www.haproxy.org/download/2.8/doc/proxy-protocol.txt).
 */
export interface ProxyHeader {
  /** `local`: the proxy speaks for itself, as in a health check. */
  readonly command: "local" | "proxy";
  /** The client as the proxy sees it; null: unknown, the connection's own peer counts. */
  readonly source: Address | null;
  /** Where the client connected to; null: unknown. */
  readonly destination: Address | null;
}

/** What the bytes so far amount to. */
export type ProxyHeaderResult =
  | { readonly status: "more" }
  | { readonly status: "error"; readonly message: string }
  | {
    readonly status: "header";
    readonly header: ProxyHeader;
    /** How many bytes the header has; what follows is the client's. */
    readonly length: number;
  };
