import { Protocol } from "../protocol/protocol.ts";
import { formatAddress } from "../reactor/address.ts";
import type { ConnectionClosed } from "../reactor/errors.ts";
import type { Transport } from "../reactor/transport.ts";
import { callSite } from "./_call_site.ts";
import { ConnectionInfo } from "./_connection_info.ts";
import type { FieldIndex } from "./_field_index.ts";
import { ReplyStream, type StreamBody } from "./_reply_stream.ts";
import { RequestBody } from "./_request_body.ts";
import type { ServerCore } from "./_server_core.ts";
import { partsOf } from "./_response_parts.ts";
import { UpgradeReply } from "./upgrade_reply.ts";
import { WriteWatch } from "./_write_watch.ts";
import type { HandlerResult } from "./handler.ts";
import { HttpError } from "./http_error.ts";
import { dropBody, Reply } from "./reply.ts";
import { HttpRequest, type RequestOrigin } from "./request.ts";
import { type RequestHead, unreadableHead } from "./request_head.ts";
import { RequestParser } from "./request_parser.ts";

/**
 * Where a connection is:
 *
 * `idle` -> `receiving` a head -> `handling` -> (`streaming` the reply) -> (`discarding` unread body) -> `idle`;
 * from there, or after any reply, `closing`; after an upgrade `upgraded`, for good.
 */
type Phase = "idle" | "receiving" | "handling" | "streaming" | "discarding" | "closing" | "upgraded";

/** While the server drains, a connection without a request so far may have one under way: so long it is awaited, ms. */
const DRAIN_GRACE = 1_000;
/** What the log calls the status of a request whose client left before the reply. */
const CLIENT_LEFT = 499;

const continueLine = "HTTP/1.1 100 Continue\r\n\r\n";

/** HTTP/1.1 on one connection: one request after the other, each answered before the next is read. */
export class HttpConnection extends Protocol implements RequestOrigin {
  override readonly borrowsData = true;

  readonly #server: ServerCore;
  readonly #peerGroup: string | null;
  #parser!: RequestParser;
  #info: ConnectionInfo | null = null;

  #phase: Phase = "idle";
  /** When the phase began, by the server's coarse clock. */
  #since = 0;
  #requests = 0;
  /** No further request is read on this connection. */
  #last = false;
  /** The peer sends no more. */
  #peerEnded = false;
  #readingPaused = false;
  /** `run` is on the stack: what is written is flushed when it ends. */
  #running = false;
  readonly #writeWatch = new WriteWatch();

  // The request under way
  #head: RequestHead = unreadableHead;
  #request: HttpRequest | null = null;
  #body: RequestBody | null = null;
  #bodySince = 0;
  /** The client waits for `100 Continue`. */
  #continueDue = false;
  #handledAt = 0;
  #abort: AbortController | null = null;
  #stream: ReplyStream | null = null;
  /** What it had sent when the sweep looked last. */
  #streamed = 0;
  #upgraded: Protocol | null = null;

  constructor(server: ServerCore, peerGroup: string | null) {
    super();
    this.#server = server;
    this.#peerGroup = peerGroup;
  }

  // Protocol

  override makeConnection(transport: Transport): void {
    this.transport = transport;
    this.#server.opened(this, this.#peerGroup);
    this.#parser = new RequestParser(this.#server.limits, this.#server.hosts(transport.tls !== null));
    this.#since = this.#server.now;
  }

  override dataReceived(chunk: Uint8Array): void {
    if (this.#upgraded !== null) return this.#upgraded.dataReceived(chunk);
    this.#parser.give(chunk);
    this.#run();
  }

  override readConnectionLost(): void {
    if (this.#upgraded !== null) return this.#upgraded.readConnectionLost();
    this.#last = this.#peerEnded = true;
    if (this.#phase !== "handling" && this.#phase !== "streaming") return this.#close();
    // A client that is gone looks the same as one that only sends no more. The first is told by the signal
    // that it need not be served; the second gets its reply all the same.
    this.#abort?.abort(clientLeft());
    this.#body?.fail(new HttpError(400, "Body ends too early"));
  }

  override drainRequested(): void {
    if (this.#upgraded !== null) return this.#upgraded.drainRequested();
    this.#last = true;
    if (this.#phase !== "idle") return;
    if (this.#requests > 0) this.#close();
    else this.#since = this.#server.now;
  }

  override connectionLost(reason: ConnectionClosed): void {
    const answering = this.#phase === "handling" || this.#phase === "streaming";
    this.#server.closed(this, this.#peerGroup);
    if (this.#upgraded !== null) return this.#upgraded.connectionLost(reason);
    this.#phase = "closing";
    this.#peerEnded = true;
    this.#abort?.abort(clientLeft());
    this.#body?.fail(reason);
    this.#stream?.cancel(reason);
    if (answering) this.#replied(CLIENT_LEFT, this.#stream?.bytes ?? 0, false);
  }

  // RequestOrigin

  get defaultOrigin(): string {
    const { host, tls } = this.transport;
    const authority = host.transport === "tcp" ? formatAddress(host).slice("tcp:".length) : "localhost";
    return `${tls === null ? "http" : "https"}://${authority}`;
  }

  get fields(): FieldIndex {
    return this.#parser.fields;
  }

  abortSignal(request: HttpRequest): AbortSignal {
    if (request !== this.#request) return new AbortController().signal;
    if (this.#abort === null) {
      this.#abort = new AbortController();
      if (this.#peerEnded) this.#abort.abort(clientLeft());
    }
    return this.#abort.signal;
  }

  // BodySource

  /** Somebody reads the body: hand over what is there, and ask for the rest. */
  wanted(): void {
    if (this.#parser.unread > 0) this.#run();
    this.#sendContinue();
  }

  pause(): void {
    if (!this.#running) this.#settleReading();
  }

  resume(): void {
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
        if (event === "head") this.#begin(this.#parser.head!);
        else if (event === "data") this.#received(this.#parser.data);
        else if (event === "end") this.#bodyEnded();
        else this.#refuse(this.#parser.error!);
      }
    } finally {
      if (outermost) this.#running = false;
    }
    if (!outermost) return;
    this.#parser.own();
    this.#server.writer.out.flush();
    if (this.#phase === "idle" && !this.#parser.atStart) this.#enter("receiving");
    this.#settleReading();
  }

  /** Whether there is anybody for what the parser finds next. */
  #readsOn(): boolean {
    switch (this.#phase) {
      case "idle":
      case "receiving":
      case "discarding":
        return true;
      case "handling":
      case "streaming":
        return this.#body !== null && !this.#body.ended && !this.#body.paused;
      case "closing":
      case "upgraded":
        return false;
    }
  }

  /** The peer waits while what it has sent waits. */
  #settleReading(): void {
    if (this.#phase === "closing" || this.#phase === "upgraded") return;
    const pause = !this.#readsOn() && (this.#parser.unread > 0 || this.#body?.paused === true);
    if (pause === this.#readingPaused) return;
    this.#readingPaused = pause;
    if (pause) this.transport.pauseProducing();
    else this.transport.resumeProducing();
  }

  #begin(head: RequestHead): void {
    const server = this.#server;
    this.#beginExchange(head);
    this.#requests++;
    server.counters.requests++;
    if (head.contentLength === null && !head.chunked) {
      // The end comes at once.
      this.#parser.next();
    } else {
      this.#body = new RequestBody(this, head.contentLength);
      this.#bodySince = server.now;
      this.#continueDue = head.expectsContinue;
    }
    const request = this.#request = new HttpRequest(head, this, this.#body);
    let result: HandlerResult | Promise<HandlerResult>;
    try {
      result = server.handler(request, this.#info ??= new ConnectionInfo(this.transport, server));
    } catch (error) {
      return this.#fault(error);
    }
    if (result instanceof Reply) this.#send(result);
    else if (result instanceof Promise) result.then(this.#answer, this.#fault);
    else this.#answer(result);
  }

  #received(data: Uint8Array): void {
    const body = this.#body!;
    body.push(data);
    if (this.#phase === "discarding" && body.received > this.#server.limits.maxUnreadBody) this.#close();
  }

  #bodyEnded(): void {
    this.#body!.end();
    if (this.#phase === "discarding") this.#endExchange();
  }

  /** What came is no request, or no body. */
  #refuse(error: HttpError): void {
    this.#last = true;
    this.#server.counters.badRequests++;
    switch (this.#phase) {
      case "handling":
      case "streaming":
        // Whoever reads the body is told; who does not care about it need not know.
        this.#body!.fail(error);
        break;
      case "discarding":
        this.#close();
        break;
      default:
        this.#beginExchange(unreadableHead);
        this.#send(replyFor(error));
    }
  }

  // Answering

  readonly #answer = (result: HandlerResult): void => {
    if (result instanceof Reply) this.#send(result);
    else if (result instanceof Response) this.#sendResponse(result);
    else this.#fault(new TypeError("Handler returned neither a Reply nor a Response"));
  };

  #sendResponse(response: Response): void {
    const parts = partsOf(response);
    if (parts !== null) {
      return this.#send(new Reply(parts.body, { status: response.status, headers: parts.headers }));
    }
    this.#send(Reply.from(response));
  }

  /** The handler threw, or what it returned cannot be sent. */
  readonly #fault = (error: unknown): void => {
    if (this.#phase !== "handling") return;
    if (error instanceof HttpError) return this.#send(replyFor(error));
    // A handler that gives up because its client left is no fault, and nobody waits for a reply.
    if (this.#peerEnded && error === this.#abort?.signal.reason) {
      this.#replied(CLIENT_LEFT, 0, false);
      this.#close();
      return this.#goOn();
    }
    this.#logFault("Handler failed: the client gets 500", error);
    this.#send(new Reply("Internal Server Error\n", { status: 500 }));
  };

  #send(reply: Reply): void {
    if (this.#phase !== "handling") return dropBody(reply.body);
    try {
      if (reply instanceof UpgradeReply) this.#upgrade(reply);
      else this.#write(reply);
    } catch (error) {
      dropBody(reply.body);
      return this.#fault(error);
    }
    this.#goOn();
  }

  #write(reply: Reply): void {
    const { writer } = this.#server;
    // A reply that is made of the request's body begins before that is read.
    if (this.#body?.touched) this.#sendContinue();
    writer.begin(this.transport, reply, this.#head);
    const last = this.#last ||= writer.close || !this.#head.keepAlive || !this.#canSkipBody();
    const connection = last ? "close" : this.#head.minorVersion === 0 ? "keep-alive" : null;
    const sent = writer.finish(this.transport, connection);
    if (typeof sent !== "number") return this.#startStream(reply.status, sent);
    this.#replied(reply.status, sent, true);
    this.#afterReply();
  }

  /** Ask the client for the body, if it waits for that and the reply has not begun. */
  #sendContinue(): void {
    if (!this.#continueDue || this.#phase !== "handling") return;
    this.#continueDue = false;
    if (this.#body!.received > 0) return;
    const { out } = this.#server.writer;
    out.open(this.transport);
    out.latin1(continueLine);
    if (!this.#running) out.flush();
  }

  /** Whether the next request can be reached: nothing is left of the body, or little that nobody waits for. */
  #canSkipBody(): boolean {
    const body = this.#body;
    if (body === null || body.ended) return true;
    return !body.failed && !this.#continueDue && (body.length ?? 0) <= this.#server.limits.maxUnreadBody;
  }

  #startStream(status: number, body: StreamBody): void {
    const { framing, length } = this.#server.writer;
    this.#enter("streaming");
    const stream = this.#stream = new ReplyStream(this.transport, body, framing, length);
    stream.run().then(() => {
      if (this.#phase !== "streaming") return;
      this.#stream = null;
      this.#replied(status, stream.bytes, true);
      this.#afterReply();
      this.#goOn();
    }, (error) => {
      if (this.#phase !== "streaming") return;
      this.#stream = null;
      if (!this.#peerEnded) this.#logFault("Reply's body failed: the connection is closed", error);
      this.#replied(status, stream.bytes, false);
      this.#phase = "closing";
      this.transport.abortConnection("Reply's body failed");
    });
  }

  #upgrade(reply: UpgradeReply): void {
    this.#server.writer.switchProtocols(this.transport, reply.headers);
    this.#replied(101, 0, true);
    this.#server.counters.upgrades++;
    const rest = this.#parser.takeRest();
    this.#enter("upgraded");
    this.#upgraded = reply.protocol;
    reply.protocol.makeConnection(this.transport);
    if (rest.length > 0) reply.protocol.dataReceived(rest);
    if (this.#readingPaused) this.transport.resumeProducing();
    if (this.#peerEnded) reply.protocol.readConnectionLost();
    else if (this.#last) reply.protocol.drainRequested();
  }

  /** The reply is on its way: count it, and tell whoever keeps a log. */
  #replied(status: number, bytes: number, complete: boolean): void {
    const { counters, onReply, reactor } = this.#server;
    counters.inFlight--;
    if (status !== CLIENT_LEFT) counters.replies[Math.floor(status / 100)]!++;
    if (onReply === null) return;
    const duration = reactor.now() - this.#handledAt;
    onReply({ request: this.#request, peer: this.transport.peer, status, bytes, duration, complete });
  }

  #afterReply(): void {
    if (this.#last) return this.#close();
    if (this.#body === null || this.#body.ended) return this.#endExchange();
    this.#enter("discarding");
    this.#body.discard();
  }

  /** A reply was sent at a time of its own: see what has come meanwhile. */
  #goOn(): void {
    if (this.#running) return;
    if (this.#phase === "closing" || this.#phase === "upgraded") this.#server.writer.out.flush();
    else this.#run();
  }

  #beginExchange(head: RequestHead): void {
    this.#head = head;
    this.#request = null;
    this.#body = null;
    this.#server.counters.inFlight++;
    if (this.#server.onReply !== null) this.#handledAt = this.#server.reactor.now();
    this.#enter("handling");
  }

  #endExchange(): void {
    this.#request = null;
    this.#body = null;
    this.#abort = null;
    this.#continueDue = false;
    this.#enter("idle");
  }

  /** Close, once what was written is sent. What the peer is still sending is heard out, that it may read the reply. */
  #close(): void {
    const unheard = this.#parser.failed || (this.#body !== null && !this.#body.ended);
    this.#phase = "closing";
    this.#body?.discard();
    this.#server.writer.out.flush();
    if (unheard) this.transport.pauseProducing();
    this.transport.loseConnection();
  }

  #enter(phase: Phase): void {
    this.#phase = phase;
    this.#since = this.#server.now;
  }

  #logFault(message: string, error: unknown): void {
    this.#server.counters.handlerErrors++;
    const { method, pathname } = this.#request ?? {};
    this.#server.log.error(message, { method, path: pathname, at: callSite(error), error });
  }

  // Time

  /** See whether something takes too long. Called every 250 ms. */
  sweep(now: number, elapsed: number): void {
    const { limits, counters } = this.#server;
    if (this.#writeWatch.stalledFor(this.transport, now) >= limits.writeTimeout) {
      counters.timeouts++;
      return this.transport.abortConnection("Peer does not read");
    }
    switch (this.#phase) {
      case "idle":
        if (now - this.#since >= this.#idleLimit()) this.#close();
        break;
      case "receiving":
        if (now - this.#since < limits.headerTimeout) break;
        counters.timeouts++;
        this.#refuse(new HttpError(408, "Request head comes too slowly"));
        this.#server.writer.out.flush();
        break;
      case "handling":
      case "streaming":
      case "discarding":
        if (this.#stream !== null) this.#sweepStream(this.#stream, now);
        if (this.#body !== null) this.#sweepBody(this.#body, now, elapsed);
    }
  }

  /** A stream that has nothing to send does not notice that its client is gone, and not only done with sending. */
  #sweepStream(stream: ReplyStream, now: number): void {
    if (!this.#peerEnded || stream.bytes !== this.#streamed) {
      this.#streamed = stream.bytes;
      this.#since = now;
    } else if (now - this.#since >= this.#server.limits.writeTimeout) {
      this.transport.abortConnection("Client has left");
    }
  }

  #idleLimit(): number {
    const { headerTimeout, idleTimeout } = this.#server.limits;
    if (this.#requests > 0) return idleTimeout;
    return this.#last ? Math.min(headerTimeout, DRAIN_GRACE) : headerTimeout;
  }

  #sweepBody(body: RequestBody, now: number, elapsed: number): void {
    // A body that failed is only of interest while it is read over.
    if (body.ended || (body.failed && this.#phase !== "discarding")) return;
    // While we do not read, the client cannot be slow.
    if (body.paused || this.#continueDue) this.#bodySince += elapsed;
    const { bodyTimeout, minBodyRate } = this.#server.limits;
    if (now - this.#bodySince < bodyTimeout + (body.received / minBodyRate) * 1_000) return;
    this.#server.counters.timeouts++;
    this.#last = true;
    if (this.#phase === "discarding") this.#close();
    else body.fail(new HttpError(408, "Body comes too slowly"));
  }
}

function clientLeft(): DOMException {
  return new DOMException("Client closed the connection", "AbortError");
}

function replyFor(error: HttpError): Reply {
  return new Reply(`${error.message}\n`, { status: error.status, headers: error.headers });
}
