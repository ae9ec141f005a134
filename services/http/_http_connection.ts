import { Protocol } from "../protocol/protocol.ts";
import { formatAddress } from "../reactor/address.ts";
import type { ConnectionClosed } from "../reactor/errors.ts";
import type { Transport } from "../reactor/transport.ts";
import { ConnectionInfo } from "./_connection_info.ts";
import { callSite } from "./_call_site.ts";
import type { BodyFraming } from "./_reply_head.ts";
import { ReplyStream } from "./_reply_stream.ts";
import { RequestBody } from "./_request_body.ts";
import type { ServerCore } from "./_server_core.ts";
import { hasStaticBody } from "./_static_body.ts";
import { UpgradeReply } from "./_upgrade_reply.ts";
import type { HandlerResult } from "./handler.ts";
import { HttpError } from "./http_error.ts";
import { Reply, type ReplyBody } from "./reply.ts";
import { HttpRequest, type RequestOrigin } from "./request.ts";
import type { RequestHead } from "./request_head.ts";
import { RequestParser } from "./request_parser.ts";

/**
 * Where a connection is:
 *
 * `idle` -> `receiving` a head -> `handling` -> (`streaming` the reply) -> (`discarding` unread body) -> `idle`;
 * from there, or after any reply, `closing`; after a handshake `upgraded`, for good.
 */
type Phase = "idle" | "receiving" | "handling" | "streaming" | "discarding" | "closing" | "upgraded";

const continueLine = "HTTP/1.1 100 Continue\r\n\r\n";

/** HTTP/1.1 on one connection: one request after the other, each answered before the next is read. */
export class HttpConnection extends Protocol implements RequestOrigin {
  override readonly borrowsData = true;

  readonly #server: ServerCore;
  readonly #peerGroup: string | null;
  #parser!: RequestParser;
  #phase: Phase = "idle";
  /** When the phase began, by the server's coarse clock. */
  #since = 0;
  #head!: RequestHead;
  #request: HttpRequest | null = null;
  #body: RequestBody | null = null;
  #bodySince = 0;
  #stream: ReplyStream | null = null;
  #upgraded: Protocol | null = null;
  #abort: AbortController | null = null;
  #info: ConnectionInfo | null = null;
  #requests = 0;
  #handledAt = 0;
  /** `run` is on the stack: what is written is flushed when it ends. */
  #running = false;
  #readingPaused = false;
  /** No further request is read on this connection. */
  #last = false;
  #continueDue = false;
  /** Bytes that the peer had taken when the sweep looked last, and when that changed. */
  #taken = 0;
  #takenSince = 0;

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
    this.#last = true;
    // A client that is gone looks the same as one that only sends no more. The first is told by the signal
    // that it need not be served; the second gets its reply all the same.
    this.#abort?.abort(new DOMException("Client closed the connection", "AbortError"));
    if (this.#phase === "handling" || this.#phase === "streaming") {
      this.#body?.fail(new HttpError(400, "Body ends before its announced end"));
    } else {
      this.#close();
    }
  }

  override drainRequested(): void {
    if (this.#upgraded !== null) return this.#upgraded.drainRequested();
    this.#last = true;
    if (this.#phase === "idle" && this.#requests > 0) this.#close();
  }

  override connectionLost(reason: ConnectionClosed): void {
    const phase = this.#phase;
    this.#phase = "closing";
    this.#server.closed(this, this.#peerGroup);
    if (this.#upgraded !== null) return this.#upgraded.connectionLost(reason);
    this.#abort?.abort(reason);
    this.#body?.fail(reason);
    this.#stream?.cancel(reason);
    if (phase === "handling" || phase === "streaming") this.#replied(499, this.#stream?.bytes ?? 0, false);
  }

  // RequestOrigin

  get defaultOrigin(): string {
    const address = formatAddress(this.transport.host).replace(/^tcp:/, "");
    return `${this.transport.tls === null ? "http" : "https"}://${
      address.includes("/") ? "localhost" : address
    }`;
  }

  abortSignal(request: HttpRequest): AbortSignal {
    if (request !== this.#request) return AbortSignal.abort();
    this.#abort ??= new AbortController();
    if (this.#phase === "closing") this.#abort.abort();
    return this.#abort.signal;
  }

  // BodySource

  /** Somebody wants the body: hand over what is there, and ask for the rest. */
  wanted(): void {
    if (this.#parser.unread > 0) this.#run();
    if (!this.#continueDue || this.#body === null || this.#body.ended) return;
    this.#continueDue = false;
    if (this.#body.received > 0) return;
    this.#server.out.open(this.transport, continueLine.length);
    this.#server.out.latin1(continueLine);
    if (!this.#running) this.#server.out.flush();
  }

  pause(): void {
    this.#settleReading();
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
    this.#server.out.flush();
    if (this.#phase === "idle" && !this.#parser.atStart) this.#enter("receiving");
    this.#settleReading();
  }

  #readsOn(): boolean {
    switch (this.#phase) {
      case "handling":
      case "streaming":
        return this.#body !== null && !this.#body.ended && !this.#body.paused;
      case "closing":
      case "upgraded":
        return false;
      default:
        return true;
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
    this.#head = head;
    this.#requests++;
    server.counters.requests++;
    server.counters.inFlight++;
    if (server.timed) this.#handledAt = server.time.now();
    this.#enter("handling");
    this.#bodySince = this.#since;
    if (head.contentLength === null && !head.chunked) {
      this.#body = null;
      this.#parser.next();
    } else {
      this.#body = new RequestBody(this, head.contentLength);
      this.#continueDue = head.expectsContinue;
    }
    const request = this.#request = new HttpRequest(head, this, this.#body);
    let result: HandlerResult | Promise<HandlerResult>;
    try {
      result = server.handler(request, this.#info ??= new ConnectionInfo(this.transport));
    } catch (error) {
      return this.#fault(error);
    }
    if (result instanceof Reply) this.#send(result);
    else if (result instanceof Promise) result.then(this.#onResult, this.#onFault);
    else this.#answer(result);
  }

  #received(data: Uint8Array): void {
    if (this.#phase === "discarding") {
      const body = this.#body!;
      body.push(data);
      if (body.received > this.#server.limits.maxUnreadBody) this.#close();
    } else {
      this.#body!.push(data);
    }
  }

  #bodyEnded(): void {
    this.#body!.end();
    if (this.#phase === "discarding") this.#finishExchange();
  }

  /** What came is no request, or its body is none. */
  #refuse(error: HttpError): void {
    this.#last = true;
    const { counters } = this.#server;
    counters.refused++;
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
        this.#request = null;
        counters.inFlight++;
        this.#handledAt = this.#server.timed ? this.#server.time.now() : 0;
        this.#enter("handling");
        this.#body = null;
        this.#head = refusedHead;
        this.#send(replyFor(error));
    }
  }

  // Answering

  readonly #onResult = (result: HandlerResult): void => this.#answer(result);

  readonly #onFault = (error: unknown): void => this.#fault(error);

  #answer(result: HandlerResult): void {
    if (result instanceof Reply) {
      this.#send(result);
    } else if (result instanceof Response) {
      this.#sendResponse(result);
    } else if (typeof (result as { then?: unknown } | null)?.then === "function") {
      Promise.resolve(result as PromiseLike<HandlerResult>).then(this.#onResult, this.#onFault);
    } else {
      this.#fault(new TypeError("Handler returned neither a Reply nor a Response"));
    }
  }

  #sendResponse(response: Response): void {
    const headers: [string, string][] = [];
    response.headers.forEach((value, name) => headers.push([name, value]));
    const { status } = response;
    if (!hasStaticBody(response)) return this.#send(new Reply(response.body, { status, headers }));
    response.bytes().then((bytes) => this.#send(new Reply(bytes, { status, headers })), this.#onFault);
  }

  /** The handler threw, or what it returned cannot be sent. */
  #fault(error: unknown): void {
    if (this.#phase !== "handling") return;
    if (error instanceof HttpError) {
      if (error === this.#parser.error) this.#last = true;
      return this.#send(replyFor(error));
    }
    const { counters, log } = this.#server;
    counters.handlerErrors++;
    const request = this.#request;
    if (!(this.#abort?.signal.aborted && error === this.#abort.signal.reason)) {
      log.error("Handler failed: the request is answered by 500", {
        method: request?.method,
        path: request?.pathname,
        at: callSite(error),
        error,
      });
    }
    this.#send(new Reply("Internal Server Error\n", { status: 500 }));
  }

  #send(reply: Reply): void {
    if (this.#phase !== "handling") {
      ReplyStream.drop(reply.body);
      return;
    }
    try {
      if (reply instanceof UpgradeReply) this.#upgrade(reply);
      else this.#sendReply(reply);
    } catch (error) {
      ReplyStream.drop(reply.body);
      this.#fault(error);
    }
    if (!this.#running) {
      this.#server.out.flush();
      if (this.#parser.unread > 0) this.#run();
      else this.#settleReading();
    }
  }

  #sendReply(reply: Reply): void {
    const { heads, out } = this.#server;
    const { status, body } = reply;
    if (!Number.isInteger(status) || status < 200 || status > 599) {
      throw new RangeError(`Cannot send a reply: status must be 200-599, not "${status}"`);
    }
    let lines = heads.fields(reply.headers);
    const bodiless = this.#head.method === "HEAD" || status === 204 || status === 304;
    const { framing, length } = this.#framingOf(body, status, heads.length);
    const persistent = this.#persists(heads.close, framing);
    if (typeof body === "string" && body !== "" && !heads.typed) {
      lines += "content-type: text/plain;charset=UTF-8\r\n";
    }
    if (!persistent) lines += "connection: close\r\n";
    else if (this.#head.minorVersion === 0) lines += "connection: keep-alive\r\n";
    const head = heads.prefix(status) + lines +
      (framing === "length"
        ? `content-length: ${length}\r\n\r\n`
        : framing === "chunked"
        ? "transfer-encoding: chunked\r\n\r\n"
        : "\r\n");
    this.#last = !persistent;

    if (bodiless || body === null || body === "") {
      out.open(this.transport, head.length);
      out.ascii(head);
      ReplyStream.drop(body);
      this.#replied(status, 0, true);
      return this.#afterReply();
    }
    if (typeof body === "string" && out.takes(head.length + length!)) {
      out.open(this.transport, head.length + length!);
      out.ascii(head);
      if (length === body.length) out.ascii(body);
      else out.utf8(body);
    } else if (typeof body === "string" || body instanceof Uint8Array) {
      const bytes = typeof body === "string" ? encoder.encode(body) : body;
      const together = out.takes(head.length + bytes.length);
      out.open(this.transport, head.length + (together ? bytes.length : 0));
      out.ascii(head);
      if (together) {
        out.bytes(bytes);
      } else {
        out.flush();
        this.transport.write(bytes);
      }
    } else {
      out.open(this.transport, head.length);
      out.ascii(head);
      out.flush();
      return this.#startStream(status, body, framing, length);
    }
    this.#replied(status, length!, true);
    this.#afterReply();
  }

  /** How the body is delimited, and its length where that is known. */
  #framingOf(
    body: ReplyBody,
    status: number,
    announced: number | null,
  ): { framing: BodyFraming; length: number | null } {
    if (status === 204 || (status === 304 && announced === null)) return { framing: "none", length: 0 };
    if (body === null) {
      return {
        framing: "length",
        length: this.#head.method === "HEAD" || status === 304 ? announced ?? 0 : 0,
      };
    }
    if (typeof body === "string") return { framing: "length", length: utf8Length(body) };
    if (body instanceof Uint8Array) return { framing: "length", length: body.length };
    if (announced !== null) return { framing: "length", length: announced };
    return { framing: this.#head.minorVersion === 1 ? "chunked" : "close", length: null };
  }

  /** Whether another request may follow this one's reply. */
  #persists(closeWanted: boolean, framing: BodyFraming): boolean {
    if (this.#last || closeWanted || !this.#head.keepAlive || framing === "close") return false;
    const body = this.#body;
    if (body === null || body.ended) return true;
    // Nobody has read it. Reading on is worth it only if it is short, and will come.
    return !body.failed && !this.#continueDue && (body.length ?? 0) <= this.#server.limits.maxUnreadBody;
  }

  #startStream(
    status: number,
    body: Exclude<ReplyBody, string | Uint8Array | null>,
    framing: BodyFraming,
    length: number | null,
  ): void {
    this.#enter("streaming");
    const stream = this.#stream = new ReplyStream(this.transport, body, framing, length);
    stream.run().then(() => {
      this.#stream = null;
      if (this.#phase !== "streaming") return;
      this.#replied(status, stream.bytes, true);
      this.#afterReply();
      if (this.#parser.unread > 0) this.#run();
      else this.#settleReading();
    }, (error) => {
      this.#stream = null;
      if (this.#phase !== "streaming") return;
      const request = this.#request!;
      this.#server.counters.handlerErrors++;
      this.#server.log.error("Reply's body failed: the connection is closed", {
        method: request.method,
        path: request.pathname,
        at: callSite(error),
        error,
      });
      this.#replied(status, stream.bytes, false);
      this.#phase = "closing";
      this.transport.abortConnection("Reply's body failed");
    });
  }

  #upgrade(reply: UpgradeReply): void {
    const { heads, out } = this.#server;
    const head = heads.prefix(101) + heads.fields(reply.headers) + "connection: upgrade\r\n\r\n";
    out.open(this.transport, head.length);
    out.ascii(head);
    out.flush();
    this.#replied(101, 0, true);
    this.#server.counters.webSockets++;
    const rest = this.#parser.takeRest();
    this.#enter("upgraded");
    this.#upgraded = reply.protocol;
    reply.protocol.makeConnection(this.transport);
    if (rest.length > 0) reply.protocol.dataReceived(rest);
    if (this.#readingPaused) this.transport.resumeProducing();
  }

  /** The reply is on its way: count it, and tell whoever keeps a log. */
  #replied(status: number, bytes: number, complete: boolean): void {
    const { counters, onReply, time } = this.#server;
    counters.inFlight--;
    if (status !== 499) counters.replies[Math.floor(status / 100)]!++;
    if (onReply === null) return;
    onReply({ request: this.#request, status, bytes, duration: time.now() - this.#handledAt, complete });
  }

  #afterReply(): void {
    if (this.#last) return this.#close();
    if (this.#body !== null && !this.#body.ended) {
      this.#enter("discarding");
      this.#body.discard();
      return;
    }
    this.#finishExchange();
  }

  #finishExchange(): void {
    this.#request = null;
    this.#body = null;
    this.#abort = null;
    this.#enter("idle");
  }

  #close(): void {
    this.#body?.discard();
    this.#phase = "closing";
    this.#server.out.flush();
    this.transport.loseConnection();
  }

  #enter(phase: Phase): void {
    this.#phase = phase;
    this.#since = this.#server.now;
  }

  // Time

  /** Look whether something takes too long. Called every 250 ms. */
  sweep(now: number): void {
    const { limits } = this.#server;
    if (this.transport.bufferedBytes > 0) {
      const taken = this.transport.bytesWritten;
      if (taken !== this.#taken || this.#takenSince === 0) {
        this.#taken = taken;
        this.#takenSince = now;
      } else if (now - this.#takenSince >= limits.writeTimeout) {
        this.#server.counters.timeouts++;
        return this.transport.abortConnection("Peer does not read");
      }
    } else {
      this.#takenSince = 0;
    }
    switch (this.#phase) {
      case "idle":
        if (now - this.#since >= (this.#requests === 0 ? limits.headerTimeout : limits.idleTimeout)) {
          this.#close();
        }
        break;
      case "receiving":
        if (now - this.#since >= limits.headerTimeout) this.#timeout();
        break;
      case "handling":
      case "streaming":
      case "discarding":
        this.#sweepBody(now);
    }
  }

  #sweepBody(now: number): void {
    const body = this.#body;
    if (body === null || body.ended || body.failed) return;
    // Time in which we do not read is not the client's.
    if (body.paused || (!body.used && this.#phase === "handling")) {
      this.#bodySince += now - this.#server.before;
      return;
    }
    const { bodyTimeout, minBodyRate } = this.#server.limits;
    if (now - this.#bodySince < bodyTimeout + (body.received / minBodyRate) * 1000) return;
    this.#server.counters.timeouts++;
    this.#last = true;
    if (this.#phase === "discarding") this.#close();
    else body.fail(new HttpError(408, "Body comes too slowly"));
  }

  #timeout(): void {
    this.#server.counters.timeouts++;
    this.#refuse(new HttpError(408, "Request head comes too slowly"));
    this.#server.out.flush();
  }
}

const encoder = new TextEncoder();

/** What a reply needs to know of a request that could not be read. */
const refusedHead: RequestHead = {
  method: "GET",
  target: "/",
  plainTarget: true,
  minorVersion: 1,
  text: "",
  fieldsAt: 0,
  host: null,
  contentLength: null,
  chunked: false,
  keepAlive: false,
  expectsContinue: false,
  upgrade: false,
};

function replyFor(error: HttpError): Reply {
  return new Reply(`${error.message}\n`, { status: error.status, headers: error.headers });
}

/** Octets of `text` in UTF-8. */
function utf8Length(text: string): number {
  let length = text.length;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x80) continue;
    if (code < 0x800) length += 1;
    else if (code < 0xd800 || code > 0xdfff) length += 2;
    // A pair makes four octets of two units; a lone surrogate becomes U+FFFD, three of one.
    else if (code < 0xdc00 && (text.charCodeAt(i + 1) & 0xfc00) === 0xdc00) length += 2, i++;
    else length += 2;
  }
  return length;
}
