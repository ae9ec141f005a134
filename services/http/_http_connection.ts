import { Protocol } from "../protocol/protocol.ts";
import { formatAddress } from "../reactor/address.ts";
import type { ConnectionClosed } from "../reactor/errors.ts";
import type { Transport } from "../reactor/transport.ts";
import { ConnectionInfo } from "./_connection_info.ts";
import { ConnectionPhase, Further } from "./_connection_phase.ts";
import { Exchange } from "./_exchange.ts";
import type { ExchangePlace } from "./_exchange_place.ts";
import type { ServerCore } from "./_server_core.ts";
import { WriteWatch } from "./_write_watch.ts";
import type { RequestInfo } from "./handler.ts";
import { HttpError } from "./http_error.ts";
import { unreadableFields, unreadableHead } from "./request_head.ts";
import { RequestParser } from "./request_parser.ts";
import type { UpgradeReply } from "./upgrade_reply.ts";

/** While the server drains, a connection without a request so far may have one under way: so long it is awaited, ms. */
const DRAIN_GRACE = 1_000;
/**
 * During a drain, a client that was answered less than so many ms ago may have sent its next request already: that is
 * answered, and the connection then closed in a way that the client is told of.
 */
const ABOUT_TO_ASK = 1_000;

/** HTTP/1.1 on one connection: one request after the other, each answered before the next is read. */
export class HttpConnection extends Protocol implements ExchangePlace {
  override readonly borrowsData = true;

  readonly server: ServerCore;
  readonly #peerGroup: string | null;
  #parser!: RequestParser;
  #info: RequestInfo | null = null;

  #phase: ConnectionPhase = ConnectionPhase.Idle;
  /** When the phase began, by the server's coarse clock. */
  #since = 0;
  #requests = 0;
  #further: typeof Further[keyof typeof Further] = Further.Requests;
  #readingPaused = false;
  /** `run` is on the stack: what is written is flushed when it ends. */
  #running = false;
  /** Looks at what waits to be sent; null while nothing does. */
  #writeWatch: WriteWatch | null = null;
  #exchange: Exchange | null = null;
  #upgraded: UpgradeReply | null = null;

  constructor(server: ServerCore, peerGroup: string | null) {
    super();
    this.server = server;
    this.#peerGroup = peerGroup;
  }

  // Protocol

  override makeConnection(transport: Transport): void {
    this.transport = transport;
    this.server.opened(this, this.#peerGroup);
    this.#parser = new RequestParser(this.server.limits, this.server.heads(transport.tls !== null));
    this.#since = this.server.now;
  }

  override dataReceived(chunk: Uint8Array): void {
    if (this.#upgraded !== null) return this.#upgraded.protocol.dataReceived(chunk);
    this.#parser.give(chunk);
    this.#run();
  }

  override readConnectionLost(): void {
    if (this.#upgraded !== null) return this.#upgraded.protocol.readConnectionLost();
    this.#further = Further.Nothing;
    if (this.#exchange === null) this.close();
    else this.#exchange.clientEnded();
  }

  override drainRequested(): void {
    if (this.#upgraded !== null) return this.#upgraded.protocol.drainRequested();
    this.endRequests();
    if (this.#phase !== ConnectionPhase.Idle) return;
    if (this.#requests === 0) this.#since = this.server.now;
    else if (this.server.reactor.now() - this.#since >= ABOUT_TO_ASK) this.close();
  }

  override connectionLost(reason: ConnectionClosed): void {
    this.server.closed(this, this.#peerGroup);
    if (this.#upgraded !== null) return this.#upgraded.protocol.connectionLost(reason);
    this.#phase = ConnectionPhase.Closing;
    this.#further = Further.Nothing;
    this.#exchange?.connectionLost(reason);
  }

  // ExchangePlace

  get info(): RequestInfo {
    return this.#info ??= new ConnectionInfo(this.transport, this.server);
  }

  get defaultOrigin(): string {
    const { host, tls } = this.transport;
    const authority = host.transport === "tcp" ? formatAddress(host).slice("tcp:".length) : "localhost";
    return `${tls === null ? "http" : "https"}://${authority}`;
  }

  get flushes(): boolean {
    return this.#running;
  }

  get peerEnded(): boolean {
    return this.#further === Further.Nothing;
  }

  get last(): boolean {
    return this.#further !== Further.Requests;
  }

  endRequests(): void {
    if (this.#further === Further.Requests) this.#further = Further.ThisOne;
  }

  exchangeOver(): void {
    this.#exchange = null;
    this.#enter(ConnectionPhase.Idle);
  }

  /** What the peer is still sending is heard out, that it may read the reply. */
  close(): void {
    const body = this.#exchange?.body ?? null;
    const unheard = this.#parser.failed || (body !== null && !body.ended);
    this.#phase = ConnectionPhase.Closing;
    body?.discard();
    this.server.writer.out.flush();
    if (unheard) this.transport.pauseProducing();
    this.transport.loseConnection();
  }

  upgradeTo(reply: UpgradeReply): void {
    const { protocol } = reply;
    const rest = this.#parser.takeRest();
    this.#exchange = null;
    this.#enter(ConnectionPhase.Upgraded);
    this.#upgraded = reply;
    protocol.makeConnection(this.transport);
    if (rest.length > 0) protocol.dataReceived(rest);
    if (this.#readingPaused) this.transport.resumeProducing();
    if (this.#further === Further.Nothing) protocol.readConnectionLost();
    else if (this.#further === Further.ThisOne) protocol.drainRequested();
  }

  goOn(): void {
    if (this.#running) return;
    if (this.#phase.incoming === "nobody") this.server.writer.out.flush();
    else this.#run();
  }

  readBody(): void {
    if (this.#parser.unread > 0) this.#run();
  }

  holdBody(): void {
    if (!this.#running) this.#settleReading();
  }

  resumeBody(): void {
    if (!this.#running) queueMicrotask(() => this.#run());
  }

  // Reading

  /** Read what is there as far as it can be dealt with, and answer. */
  #run(): void {
    const outermost = !this.#running;
    this.#running = true;
    try {
      while (this.#readsOn()) {
        const event = this.#parser.next();
        if (event === "more") break;
        if (event === "head") this.#begin();
        else if (event === "data") this.#exchange!.received(this.#parser.data);
        else if (event === "end") this.#exchange!.bodyEnded();
        else this.#refuse(this.#parser.error!);
      }
    } finally {
      if (outermost) this.#running = false;
    }
    if (!outermost) return;
    this.#parser.own();
    this.server.writer.out.flush();
    if (this.#phase === ConnectionPhase.Idle && !this.#parser.atStart) this.#enter(ConnectionPhase.Receiving);
    this.#settleReading();
  }

  /** Whether there is anybody for what the parser finds next. */
  #readsOn(): boolean {
    switch (this.#phase.incoming) {
      case "a head":
        return true;
      case "the exchange's body":
        return this.#exchange!.readsOn;
      case "nobody":
        return false;
    }
  }

  /** The peer waits while what it has sent waits. */
  #settleReading(): void {
    if (this.#phase.incoming === "nobody") return;
    const pause = !this.#readsOn() && (this.#parser.unread > 0 || this.#exchange?.body?.paused === true);
    if (pause === this.#readingPaused) return;
    this.#readingPaused = pause;
    if (pause) this.transport.pauseProducing();
    else this.transport.resumeProducing();
  }

  #begin(): void {
    const parser = this.#parser;
    const exchange = this.#exchange = new Exchange(this, parser.head!, parser.fields);
    this.#requests++;
    this.#enter(ConnectionPhase.Exchanging);
    // Without a body, the end comes at once.
    if (exchange.body === null) parser.next();
    exchange.begin();
  }

  /** What came is no request, or no body. */
  #refuse(error: HttpError): void {
    this.endRequests();
    this.server.counters.badRequests++;
    if (this.#exchange !== null) return this.#exchange.bodyBroken(error);
    const exchange = this.#exchange = new Exchange(this, unreadableHead, unreadableFields);
    this.#enter(ConnectionPhase.Exchanging);
    exchange.refuse(error);
  }

  #enter(phase: ConnectionPhase): void {
    this.#phase = phase;
    this.#since = this.server.now;
  }

  // Time

  /** See whether something takes too long. Called every 250 ms. */
  sweep(now: number, elapsed: number): void {
    const { limits, counters } = this.server;
    if (this.#writesStall(now) >= limits.writeTimeout) {
      counters.timeouts++;
      return this.transport.abortConnection("Peer does not read");
    }
    switch (this.#phase) {
      case ConnectionPhase.Idle:
        if (now - this.#since >= this.#idleLimit()) this.close();
        break;
      case ConnectionPhase.Receiving:
        if (now - this.#since < limits.headerTimeout) break;
        counters.timeouts++;
        this.#refuse(new HttpError(408, "Request head comes too slowly"));
        this.server.writer.out.flush();
        break;
      case ConnectionPhase.Exchanging:
        this.#exchange!.sweep(now, elapsed);
    }
  }

  /** Milliseconds for which the peer has taken nothing of what waits for it. */
  #writesStall(now: number): number {
    if (this.transport.bufferedBytes === 0) {
      this.#writeWatch = null;
      return 0;
    }
    return (this.#writeWatch ??= new WriteWatch()).stalledFor(this.transport, now);
  }

  #idleLimit(): number {
    const { headerTimeout, idleTimeout } = this.server.limits;
    if (this.#requests > 0) return this.last ? ABOUT_TO_ASK : idleTimeout;
    return this.last ? Math.min(headerTimeout, DRAIN_GRACE) : headerTimeout;
  }
}
