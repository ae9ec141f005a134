import type { ConnectionClosed } from "../reactor/errors.ts";
import { callSite } from "./_call_site.ts";
import { ExchangePhase } from "./_exchange_phase.ts";
import type { ExchangePlace } from "./_exchange_place.ts";
import { ExchangeWatch } from "./_exchange_watch.ts";
import type { FieldIndex } from "./_field_index.ts";
import { ReplyStream, type StreamBody } from "./_reply_stream.ts";
import { type BodySource, RequestBody } from "./_request_body.ts";
import { partsOf } from "./_response_parts.ts";
import { UpgradeReply } from "./upgrade_reply.ts";
import type { HandlerResult } from "./handler.ts";
import { HttpError } from "./http_error.ts";
import { dropBody, expectSendable, Reply } from "./reply.ts";
import { HttpRequest, type RequestOrigin } from "./request.ts";
import type { RequestHead } from "./request_head.ts";

/** What the log calls the status of a request whose client left before the reply. */
const CLIENT_LEFT = 499;

const continueLine = "HTTP/1.1 100 Continue\r\n\r\n";

/** One request, and its answer. */
export class Exchange implements RequestOrigin, BodySource {
  readonly #place: ExchangePlace;
  readonly #head: RequestHead;
  readonly fields: FieldIndex;
  /** Null when there is none. */
  readonly body: RequestBody | null;
  #phase: ExchangePhase = ExchangePhase.Handling;
  #request: HttpRequest | null = null;
  /** The client waits for `100 Continue`. */
  #continueDue: boolean;
  #begun = 0;
  #abort: AbortController | null = null;
  /** The connection is lost, before the reply or after it. */
  #lost = false;
  #stream: ReplyStream | null = null;
  #watch: ExchangeWatch | null = null;

  constructor(place: ExchangePlace, head: RequestHead, fields: FieldIndex) {
    this.#place = place;
    this.#head = head;
    this.fields = fields;
    const { server } = place;
    this.body = head.contentLength === null && !head.chunked
      ? null
      : new RequestBody(this, head.contentLength);
    this.#continueDue = this.body !== null && head.expectsContinue;
    server.counters.inFlight++;
    if (server.onReply !== null) this.#begun = server.reactor.now();
  }

  /** Whether somebody waits for what comes of the body. */
  get readsOn(): boolean {
    const { body } = this;
    return body !== null && !body.ended && (this.#phase.discards || !body.paused);
  }

  /** Ask the handler. */
  begin(): void {
    const { server, info } = this.#place;
    server.counters.requests++;
    const request = this.#request = new HttpRequest(this.#head, this, this.body);
    let result: HandlerResult | Promise<HandlerResult>;
    try {
      result = server.handler(request, info);
    } catch (error) {
      return this.#fault(error);
    }
    if (result instanceof Reply) this.#send(result);
    else if (result instanceof Promise) {
      result.then((settled) => this.#answer(settled), (error) => this.#fault(error));
    } else this.#answer(result);
  }

  /** Answer what is no request. */
  refuse(error: HttpError): void {
    this.#send(replyFor(error));
  }

  // What comes

  received(data: Uint8Array): void {
    const body = this.body!;
    body.push(data);
    const { maxUnreadBody } = this.#place.server.limits;
    if (this.#phase.discards && body.received > maxUnreadBody) this.#close();
  }

  bodyEnded(): void {
    this.body!.end();
    if (this.#phase.discards) this.#end();
  }

  /** What came is no body. Whoever reads it is told; who does not care about it need not know. */
  bodyBroken(error: HttpError): void {
    if (this.#phase.discards) this.#close();
    else this.body!.fail(error);
  }

  /**
   * The client sends no more, which looks the same as a client that is gone. The one is told by the signal
   * that it need not be served; the other gets its reply all the same.
   */
  clientEnded(): void {
    if (!this.#phase.answering) return this.#close();
    this.#abort?.abort(clientLeft());
    this.body?.fail(new HttpError(400, "Body ends too early"));
  }

  connectionLost(reason: ConnectionClosed): void {
    const { answering } = this.#phase;
    this.#lost = true;
    this.#phase = ExchangePhase.Over;
    this.#abort?.abort(clientLeft());
    this.body?.fail(reason);
    this.#stream?.cancel(reason);
    if (answering) this.#replied(CLIENT_LEFT, this.#stream?.bytes ?? 0, false);
  }

  // RequestOrigin

  get defaultOrigin(): string {
    return this.#place.defaultOrigin;
  }

  abortSignal(): AbortSignal {
    if (this.#abort === null) {
      this.#abort = new AbortController();
      if (this.#lost || (this.#phase.answering && this.#place.peerEnded)) this.#abort.abort(clientLeft());
    }
    return this.#abort.signal;
  }

  // BodySource

  /** Somebody reads the body: hand over what is there, and ask for the rest. */
  wanted(): void {
    if (this.#phase === ExchangePhase.Over) return;
    this.#place.readBody();
    this.#sendContinue();
  }

  pause(): void {
    if (this.#phase !== ExchangePhase.Over) this.#place.holdBody();
  }

  resume(): void {
    if (this.#phase !== ExchangePhase.Over) this.#place.resumeBody();
  }

  // Answering

  #answer(result: HandlerResult): void {
    if (result instanceof Reply) return this.#send(result);
    if (!(result instanceof Response)) {
      return this.#fault(new TypeError("Handler returned neither a Reply nor a Response"));
    }
    let reply: Reply;
    try {
      const parts = partsOf(result);
      reply = parts === null
        ? Reply.from(result)
        : new Reply(parts.body, { status: result.status, headers: parts.headers });
    } catch (error) {
      return this.#fault(error);
    }
    this.#send(reply);
  }

  /** The handler threw, or what it returned cannot be sent. */
  #fault(error: unknown): void {
    if (this.#phase !== ExchangePhase.Handling) return;
    if (error instanceof HttpError) return this.#send(replyFor(error));
    // A handler that gives up because its client left is no fault, and nobody waits for a reply.
    if (this.#place.peerEnded && error === this.#abort?.signal.reason) {
      this.#replied(CLIENT_LEFT, 0, false);
      this.#close();
      return this.#place.goOn();
    }
    this.#logFault("Handler failed: the client gets 500", error);
    this.#send(new Reply("Internal Server Error\n", { status: 500 }));
  }

  #send(reply: Reply): void {
    if (this.#phase !== ExchangePhase.Handling) return dropBody(reply.body);
    try {
      if (reply instanceof UpgradeReply) this.#upgrade(reply);
      else this.#write(reply);
    } catch (error) {
      dropBody(reply.body);
      return this.#fault(error);
    }
    this.#place.goOn();
  }

  #write(reply: Reply): void {
    const { transport, server: { writer } } = this.#place;
    expectSendable(reply.body);
    // A reply that is made of the request's body begins before that is read.
    if (this.body?.touched) this.#sendContinue();
    writer.begin(transport, reply, this.#head);
    if (writer.close || !this.#head.keepAlive || !this.#canSkipBody()) this.#place.endRequests();
    const connection = this.#place.last ? "close" : this.#head.minorVersion === 0 ? "keep-alive" : null;
    const sent = writer.finish(transport, connection);
    if (typeof sent !== "number") return this.#startStream(reply.status, sent);
    this.#replied(reply.status, sent, true);
    this.#afterReply();
  }

  /** Ask the client for the body, if it waits for that and the reply has not begun. */
  #sendContinue(): void {
    if (!this.#continueDue || this.#phase !== ExchangePhase.Handling) return;
    this.#continueDue = false;
    if (this.body!.received > 0) return;
    const { transport, server: { writer: { out } }, flushes } = this.#place;
    out.open(transport);
    out.latin1(continueLine);
    if (!flushes) out.flush();
  }

  /** Whether the next request can be reached: nothing is left of the body, or little that nobody waits for. */
  #canSkipBody(): boolean {
    const { body } = this;
    if (body === null || body.ended) return true;
    const { maxUnreadBody } = this.#place.server.limits;
    return !body.failed && !this.#continueDue && (body.length ?? 0) <= maxUnreadBody;
  }

  #startStream(status: number, body: StreamBody): void {
    const { transport, server } = this.#place;
    const { framing, length } = server.writer;
    this.#phase = ExchangePhase.Streaming;
    let stream: ReplyStream;
    try {
      stream = this.#stream = new ReplyStream(transport, body, framing, length);
    } catch (error) {
      return this.#streamFailed(status, 0, error);
    }
    stream.run().then(() => {
      if (this.#phase !== ExchangePhase.Streaming) return;
      this.#stream = null;
      this.#replied(status, stream.bytes, true);
      this.#afterReply();
      this.#place.goOn();
    }, (error) => this.#streamFailed(status, stream.bytes, error));
  }

  #streamFailed(status: number, bytes: number, error: unknown): void {
    if (this.#phase !== ExchangePhase.Streaming) return;
    this.#stream = null;
    if (!this.#place.peerEnded) this.#logFault("Reply's body failed: the connection is closed", error);
    this.#replied(status, bytes, false);
    this.#phase = ExchangePhase.Over;
    this.#place.transport.abortConnection("Reply's body failed");
  }

  #upgrade(reply: UpgradeReply): void {
    const { transport, server } = this.#place;
    server.writer.switchProtocols(transport, reply.headers);
    this.#replied(101, 0, true);
    server.counters.upgrades++;
    this.#phase = ExchangePhase.Over;
    try {
      this.#place.upgradeTo(reply);
    } catch (error) {
      this.#logFault("Protocol failed when it was connected: the connection is closed", error);
      transport.abortConnection("Protocol threw an exception");
    }
  }

  /** The reply is on its way: count it, and tell whoever keeps a log. */
  #replied(status: number, bytes: number, complete: boolean): void {
    const { server: { counters, onReply, reactor }, transport: { peer } } = this.#place;
    counters.inFlight--;
    if (status !== CLIENT_LEFT) counters.replies[Math.floor(status / 100)]!++;
    if (onReply === null) return;
    const duration = reactor.now() - this.#begun;
    onReply({ request: this.#request, peer, status, bytes, duration, complete });
  }

  #afterReply(): void {
    if (this.#place.last) return this.#close();
    if (this.body === null || this.body.ended) return this.#end();
    this.#phase = ExchangePhase.Discarding;
    this.body.discard();
  }

  #end(): void {
    this.#phase = ExchangePhase.Over;
    this.#place.exchangeOver();
  }

  #close(): void {
    this.#phase = ExchangePhase.Over;
    this.#place.close();
  }

  #logFault(message: string, error: unknown): void {
    const { counters, log } = this.#place.server;
    counters.handlerErrors++;
    const { method, pathname } = this.#request ?? {};
    log.error(message, { method, path: pathname, at: callSite(error), error });
  }

  // Time

  /** See whether something takes too long; `elapsed` ms after the last time. */
  sweep(now: number, elapsed: number): void {
    if (this.#stream === null && this.body === null) return;
    const watch = this.#watch ??= new ExchangeWatch(now - elapsed);
    if (this.#stream !== null) this.#sweepStream(this.#stream, watch, now);
    if (this.body !== null) this.#sweepBody(this.body, watch, now, elapsed);
  }

  /** A stream that has nothing to send does not notice that its client is gone, and not only done with sending. */
  #sweepStream(stream: ReplyStream, watch: ExchangeWatch, now: number): void {
    const { peerEnded, server: { limits }, transport } = this.#place;
    if (watch.silentFor(stream, peerEnded, now) < limits.writeTimeout) return;
    transport.abortConnection("Client has left");
  }

  #sweepBody(body: RequestBody, watch: ExchangeWatch, now: number, elapsed: number): void {
    const { discards } = this.#phase;
    // A body that failed is only of interest while it is read over.
    if (body.ended || (body.failed && !discards)) return;
    const { limits, counters } = this.#place.server;
    if (!watch.isSlow(body, now, elapsed, body.paused || this.#continueDue, limits)) return;
    counters.timeouts++;
    this.#place.endRequests();
    if (discards) this.#close();
    else body.fail(new HttpError(408, "Body comes too slowly"));
  }
}

function clientLeft(): DOMException {
  return new DOMException("Client closed the connection", "AbortError");
}

function replyFor(error: HttpError): Reply {
  return new Reply(`${error.message}\n`, { status: error.status, headers: error.headers });
}
