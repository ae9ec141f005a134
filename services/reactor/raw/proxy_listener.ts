import type { ReactorTime } from "../../async/time.ts";
import { type CidrBlock, matchesAny, parseCidr } from "../../endpoint/cidr.ts";
import { ProxyHeaderParser } from "../../endpoint/proxy_header.ts";
import type { Address } from "../address.ts";
import type { RawConn, RawListener } from "../raw.ts";
import { AcceptQueue } from "./_accept_queue.ts";
import { ProxiedConn } from "./proxied_conn.ts";

/** For the whole header, ms: it is the first thing that a proxy sends. */
const HEADER_TIMEOUT = 5_000;
/** Connections at once whose header is not complete; further ones wait in the kernel's queue. */
const MAX_UNINTRODUCED = 512;

/** What a proxy listener uses. */
export interface ProxyListenerOptions {
  /** Addresses and blocks that may send the header. */
  readonly trusted: readonly string[];
  readonly time: ReactorTime;
  /** What is still to be done with a connection after its header, TLS say. */
  readonly upgrade?: (conn: RawConn) => Promise<RawConn>;
}

/**
 * A listener behind a proxy that speaks the PROXY protocol (versions 1 and 2): each connection begins with a
 * header that names the real peer. One from anywhere else, or without a sound header in time, is closed: who
 * may claim to be anybody must be trusted.
 */
export class ProxyListener implements RawListener {
  readonly #inner: RawListener;
  readonly #options: ProxyListenerOptions;
  readonly #trusted: readonly CidrBlock[];
  readonly #introduced: AcceptQueue<RawConn> = new AcceptQueue((conn) => conn.close());
  readonly #unintroduced = new Set<RawConn>();
  #accepting = false;
  #closed = false;

  constructor(inner: RawListener, options: ProxyListenerOptions) {
    this.#inner = inner;
    this.#options = options;
    this.#trusted = options.trusted.map(parseCidr);
    this.#accept();
  }

  get host(): Address {
    return this.#inner.host;
  }

  accept(): Promise<RawConn> {
    return this.#introduced.take();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#inner.close();
    for (const conn of this.#unintroduced) conn.close();
    this.#introduced.close();
  }

  #accept(): void {
    if (this.#accepting || this.#closed || this.#unintroduced.size >= MAX_UNINTRODUCED) return;
    this.#accepting = true;
    this.#inner.accept().then((conn) => {
      this.#accepting = false;
      this.#introduce(conn);
      this.#accept();
    }, () => {
      this.#accepting = false;
      // A failure that passes is for the inner listener to ride out; after a lasting one, try again later.
      if (!this.#closed) this.#options.time.callLater(100, () => this.#accept());
    });
  }

  #introduce(conn: RawConn): void {
    if (this.#closed || !this.#mayIntroduce(conn.peer)) return conn.close();
    this.#unintroduced.add(conn);
    const deadline = this.#options.time.callLater(HEADER_TIMEOUT, () => conn.close());
    this.#readHeader(conn)
      .finally(() => deadline.cancel())
      .then((proxied) => this.#options.upgrade?.(proxied) ?? proxied)
      .then((ready) => this.#introduced.put(ready), () => conn.close())
      .finally(() => {
        this.#unintroduced.delete(conn);
        this.#accept();
      });
  }

  #mayIntroduce(peer: Address): boolean {
    // Who can open a socket file has been let in by its permissions.
    return peer.transport === "tcp" ? matchesAny(peer.hostname, this.#trusted) : true;
  }

  async #readHeader(conn: RawConn): Promise<RawConn> {
    const parser = new ProxyHeaderParser();
    const buffer = new Uint8Array(1024);
    while (true) {
      const size = await conn.read(buffer);
      if (size === null) throw new Error("Connection ended before its PROXY header did");
      const outcome = parser.feed(buffer.subarray(0, size));
      if (outcome.status === "error") throw new Error(outcome.message);
      if (outcome.status === "header") {
        const { source, destination } = outcome.header;
        return new ProxiedConn(conn, source, destination, outcome.rest.slice());
      }
    }
  }
}
