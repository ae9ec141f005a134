import type { DelayedCall } from "../async/time.ts";
import { type Logger, silentLogger } from "../log.ts";
import type { Protocol } from "../protocol/protocol.ts";
import { peerGroup } from "../protocol/policies/peer_group.ts";
import type { Address } from "../reactor/address.ts";
import type { Reactor } from "../reactor/reactor.ts";
import { HeadReaders } from "./_head_readers.ts";
import { Hosts } from "./_hosts.ts";
import { HttpConnection } from "./_http_connection.ts";
import { ReplyWriter } from "./_reply_writer.ts";
import type { Handler } from "./handler.ts";
import { type HttpLimits, type HttpOptions, limitsOf, type ReplyOutcome } from "./options.ts";

/** How often deadlines are looked at, ms. */
const SWEEP = 250;

/** What a server counts. */
export interface Counters {
  connectionsTotal: number;
  requests: number;
  inFlight: number;
  /** By the first digit of the status. */
  replies: number[];
  handlerErrors: number;
  badRequests: number;
  timeouts: number;
  connectionsRefused: number;
  upgrades: number;
}

/** What the connections of one server share. */
export class ServerCore {
  readonly handler: Handler;
  readonly limits: HttpLimits;
  readonly log: Logger;
  readonly reactor: Reactor;
  readonly onReply: ((outcome: ReplyOutcome) => void) | null;
  readonly writer = new ReplyWriter();
  readonly connections = new Set<HttpConnection>();
  readonly counters: Counters = {
    connectionsTotal: 0,
    requests: 0,
    inFlight: 0,
    replies: [0, 0, 0, 0, 0, 0],
    handlerErrors: 0,
    badRequests: 0,
    timeouts: 0,
    connectionsRefused: 0,
    upgrades: 0,
  };
  readonly #plainHeads: HeadReaders;
  readonly #tlsHeads: HeadReaders;
  readonly #wallClock: () => number;
  readonly #peers = new Map<string, number>();
  #sweep: DelayedCall | null = null;

  /** The reactor's time at the last sweep: fine enough for timeouts, and free. */
  now = 0;
  constructor(reactor: Reactor, handler: Handler, options: HttpOptions) {
    this.reactor = reactor;
    this.handler = handler;
    this.limits = limitsOf(options);
    this.#plainHeads = new HeadReaders(this.limits, new Hosts("http"));
    this.#tlsHeads = new HeadReaders(this.limits, new Hosts("https"));
    this.log = options.log ?? silentLogger;
    this.onReply = options.onReply ?? null;
    this.#wallClock = options.wallClock ?? Date.now;
  }

  /** What reads the heads of connections. */
  heads(secure: boolean): HeadReaders {
    return secure ? this.#tlsHeads : this.#plainHeads;
  }

  buildProtocol(peer: Address): Protocol | null {
    const group = peerGroup(peer);
    if (group !== null && (this.#peers.get(group) ?? 0) >= this.limits.maxConnectionsPerPeer) {
      this.counters.connectionsRefused++;
      return null;
    }
    return new HttpConnection(this, group);
  }

  opened(connection: HttpConnection, group: string | null): void {
    if (group !== null) this.#peers.set(group, (this.#peers.get(group) ?? 0) + 1);
    this.counters.connectionsTotal++;
    if (this.#sweep === null) this.#watch();
    this.connections.add(connection);
  }

  closed(connection: HttpConnection, group: string | null): void {
    this.connections.delete(connection);
    if (group === null) return;
    const rest = (this.#peers.get(group) ?? 1) - 1;
    if (rest > 0) this.#peers.set(group, rest);
    else this.#peers.delete(group);
  }

  /** Look at the clock now, and again while there are connections. */
  #watch(): void {
    this.now = this.reactor.now();
    this.writer.heads.setTime(this.#wallClock());
    this.#sweep = this.reactor.callLater(SWEEP, this.#tick);
  }

  readonly #tick = (): void => {
    this.#sweep = null;
    if (this.connections.size === 0) return;
    const before = this.now;
    this.#watch();
    for (const connection of this.connections) connection.sweep(this.now, this.now - before);
  };
}
