import { Protocol } from "../../protocol/protocol.ts";
import type { ConnectionClosed } from "../../reactor/errors.ts";
import type { OutBuffer } from "../_out_buffer.ts";
import { RequestSender } from "./_request_sender.ts";
import { ResponseBody, type ResponseSource } from "./_response_body.ts";
import { type ClientFailure, HttpClientError } from "./client_error.ts";
import type { ClientRequest, LazySignal } from "./client_request.ts";
import { ClientResponse } from "./client_response.ts";
import type { ClientLimits } from "./options.ts";
import { ResponseParser } from "./response_parser.ts";

/** What the connections of one client share. */
export interface ConnectionOwner {
  readonly limits: ClientLimits;
  readonly out: OutBuffer;
  /** The time of the last sweep, ms. */
  readonly now: number;
  /** The response is read to its end: the connection is free for another request. */
  released(connection: ClientConnection): void;
  /** It is over, or another protocol's. */
  gone(connection: ClientConnection): void;
  /** The service drains: no connection is to be kept any more. */
  drains(): void;
}

/**
 * `idle -> waiting` for a response's head `-> receiving` its body `-> idle`; from anywhere `closing`; after a 101
 * `upgraded`, for good.
 */
type Phase = "idle" | "waiting" | "receiving" | "closing" | "upgraded";

/** HTTP/1.1 on one connection to a server: one request after the other. */
export class ClientConnection extends Protocol implements ResponseSource {
  override readonly borrowsData = true;

  readonly #owner: ConnectionOwner;
  readonly #parser: ResponseParser;
  #phase: Phase = "idle";
  /** When something happened last, by the owner's coarse clock. */
  #since = 0;
  /** `bytesWritten` at the last sweep. */
  #written = 0;
  #requests = 0;
  /** `bytesRead` when the request under way was sent. */
  #readBefore = 0;
  #draining = false;
  /** Until when it may be used again. */
  #keptUntil = Infinity;
  #upgraded: Protocol | null = null;
  /** What came behind a 101. */
  #rest: Uint8Array = new Uint8Array(0);
  /** Why it is over, once it is. */
  #lostReason: ConnectionClosed | null = null;

  // The request under way
  #pending: PromiseWithResolvers<ClientResponse> | null = null;
  #response: ClientResponse | null = null;
  #body: ResponseBody | null = null;
  #sender: RequestSender | null = null;
  /** Not asked for yet. */
  #signal: LazySignal | null = null;
  /** Listens to the signal no more. */
  #unlisten: (() => void) | null = null;

  constructor(owner: ConnectionOwner) {
    super();
    this.#owner = owner;
    this.#parser = new ResponseParser(owner.limits);
  }

  /** Whether it may be given another request. */
  get usable(): boolean {
    return this.#phase === "idle" && !this.#draining && this.#owner.now < this.#keptUntil &&
      this.transport.state === "open";
  }

  /** Send `request`; resolves with its response, as soon as its head has come. Only when `usable`. */
  send(request: ClientRequest, signal: LazySignal | null): Promise<ClientResponse> {
    this.#signal = signal;
    const { out, now } = this.#owner;
    const { body, head } = request;
    this.#phase = "waiting";
    this.#since = now;
    this.#requests++;
    this.#readBefore = this.transport.bytesRead;
    this.#parser.expect(request.method, request.mayUpgrade);
    out.open(this.transport);
    out.latin1(head);
    if (body instanceof Uint8Array && out.takes(body.length)) out.bytes(body);
    out.flush();
    if (body instanceof Uint8Array && !out.takes(body.length)) this.transport.write(body);
    else if (body instanceof ReadableStream) this.#startBody(body, request.chunked);
    this.#pending = Promise.withResolvers();
    return this.#pending.promise;
  }

  /** Close when nothing is under way: now, or when the response is read. */
  retire(): void {
    this.#draining = true;
    if (this.#phase === "idle") this.#close();
  }

  // Protocol

  override dataReceived(chunk: Uint8Array): void {
    if (this.#upgraded !== null) return this.#upgraded.dataReceived(chunk);
    // A head that comes byte by byte has no more time than another.
    if (this.#phase === "receiving") this.#since = this.#owner.now;
    this.#parser.give(chunk);
    this.#run();
  }

  override readConnectionLost(): void {
    if (this.#upgraded !== null) return this.#upgraded.readConnectionLost();
    if (this.#phase === "receiving" && this.#parser.ended()) this.#responseEnded();
    this.#lost("Server closed the connection before its response was complete");
  }

  override drainRequested(): void {
    if (this.#upgraded !== null) return this.#upgraded.drainRequested();
    this.#owner.drains();
  }

  override connectionLost(reason: ConnectionClosed): void {
    if (this.#upgraded !== null) return this.#upgraded.connectionLost(reason);
    this.#lostReason = reason;
    this.#lost(reason.message, reason);
    this.#owner.gone(this);
  }

  // ResponseSource

  pause(): void {
    this.transport.pauseProducing();
  }

  resume(): void {
    this.#since = this.#owner.now;
    this.transport.resumeProducing();
  }

  abandon(): void {
    this.#fail("cancelled", "Response was given up");
  }

  #run(): void {
    while (this.#phase === "waiting" || this.#phase === "receiving" || this.#phase === "idle") {
      const event = this.#parser.next();
      if (event === "more") break;
      if (event === "head") this.#begin();
      else if (event === "data") this.#body!.push(this.#parser.data);
      else if (event === "end") this.#responseEnded();
      else this.#malformed();
    }
    this.#hand();
  }

  /** With what has come of its body in the same turn, so that a small response is there whole. */
  #hand(): void {
    if (this.#response === null) return;
    const response = this.#response;
    this.#response = null;
    this.#pending!.resolve(response);
    this.#pending = null;
  }

  #begin(): void {
    this.#forgetSignal();
    const head = this.#parser.head!;
    const body = this.#body = new ResponseBody(this);
    this.#response = new ClientResponse(head, this.#parser.fields, body, this.#become);
    this.#phase = "receiving";
    this.#since = this.#owner.now;
    if (!head.keepAlive) this.#draining = true;
    if (head.keptFor !== null) {
      // A second less: a request that crosses the server's farewell is lost.
      this.#keptUntil = this.#owner.now + head.keptFor - 1_000;
    }
    if (head.status !== 101) return;
    this.#phase = "upgraded";
    this.#body.end();
    // Until somebody takes it over.
    this.#rest = this.#parser.takeRest();
    this.transport.pauseProducing();
  }

  #responseEnded(): void {
    const body = this.#body!;
    this.#body = null;
    this.#phase = "idle";
    this.#since = this.#owner.now;
    body.end();
    // Who answers before the request is complete does not want the rest.
    if (this.#sender !== null) this.#endSending();
    if (body.paused) this.transport.resumeProducing();
    if (this.#draining) this.#close();
    else this.#owner.released(this);
  }

  #endSending(): void {
    this.#sender!.cancel(new HttpClientError("closed", "Server has answered already"));
    this.#sender = null;
    this.#draining = true;
  }

  #malformed(): void {
    if (this.#phase === "idle") this.#close();
    else this.#fail("malformed", this.#parser.error);
  }

  #lost(message: string, cause?: unknown): void {
    if (this.#phase === "idle") this.#close();
    else this.#fail("closed", message, cause);
  }

  #fail(failure: ClientFailure, message: string, cause?: unknown): void {
    if (this.#phase !== "waiting" && this.#phase !== "receiving") return;
    const answered = this.transport.bytesRead > this.#readBefore;
    const stale = failure === "closed" && !answered && this.#requests > 1;
    const error = new HttpClientError(failure, message, { cause, answered, stale });
    this.#phase = "closing";
    this.#forgetSignal();
    this.#sender?.cancel(error);
    this.#sender = null;
    this.#body?.fail(error);
    this.#body = null;
    this.#response = null;
    this.#pending?.reject(error);
    this.#pending = null;
    this.transport.abortConnection(message);
  }

  #close(): void {
    this.#phase = "closing";
    this.#owner.gone(this);
    // What is left of a request that was answered before it was complete is of interest to nobody.
    if (this.transport.bufferedBytes > 0) this.transport.abortConnection("Server has answered already");
    else this.transport.loseConnection();
  }

  #startBody(body: ReadableStream<Uint8Array>, chunked: boolean): void {
    const sender = this.#sender = new RequestSender(this.transport, body, chunked);
    sender.run().then(() => {
      if (this.#sender !== sender) return;
      this.#sender = null;
      this.#since = this.#owner.now;
    }, (error) => {
      if (this.#sender !== sender) return;
      this.#sender = null;
      this.#fail("body", "Request's body failed", error);
    });
  }

  readonly #become = (protocol: Protocol): void => {
    this.#upgraded = protocol;
    this.#owner.gone(this);
    this.transport.resumeProducing();
    protocol.makeConnection(this.transport);
    if (this.#rest.length > 0) protocol.dataReceived(this.#rest);
    if (this.#lostReason !== null) protocol.connectionLost(this.#lostReason);
  };

  /** It takes a moment: from now on the request may be given up. */
  #listen(): void {
    const signal = this.#signal?.();
    this.#signal = null;
    if (signal === undefined) return;
    const cancel = () => this.#fail("cancelled", "Request was given up", signal.reason);
    if (signal.aborted) return queueMicrotask(cancel);
    signal.addEventListener("abort", cancel);
    this.#unlisten = () => signal.removeEventListener("abort", cancel);
  }

  #forgetSignal(): void {
    this.#signal = null;
    this.#unlisten?.();
    this.#unlisten = null;
  }

  // Time

  /** See whether something takes too long. Called every 250 ms. */
  sweep(now: number): void {
    const { headTimeout, idleTimeout, keepAlive } = this.#owner.limits;
    const { bytesWritten, bufferedBytes } = this.transport;
    if (bytesWritten !== this.#written) {
      this.#written = bytesWritten;
      if (this.#phase !== "idle") this.#since = now;
    }
    const silence = now - this.#since;
    switch (this.#phase) {
      case "idle":
        if (silence >= keepAlive || now >= this.#keptUntil) this.#close();
        break;
      case "waiting":
        this.#listen();
        if (bufferedBytes > 0) {
          if (silence >= idleTimeout) this.#fail("timeout", `Server took no more for ${idleTimeout} ms`);
        } else if (this.#sender === null && silence >= headTimeout) {
          this.#fail("timeout", `No response within ${headTimeout} ms`);
        }
        break;
      case "receiving":
        if (this.#body!.paused) this.#since = now;
        else if (silence >= idleTimeout) {
          this.#fail("timeout", `Nothing more of the response for ${idleTimeout} ms`);
        }
    }
  }
}
