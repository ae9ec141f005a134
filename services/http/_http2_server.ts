import { type Logger, silentLogger } from "../log.ts";
import type { Address } from "../reactor/address.ts";
import { currentOwner, onAccountOf, type Owner } from "../reactor/attribution.ts";
import type { ForeignServer } from "../reactor/foreign_server.ts";
import type { Reactor } from "../reactor/reactor.ts";
import { callSite } from "./_call_site.ts";
import { PlatformBody } from "./_http2_body.ts";
import { lengthOf, requestFrom } from "./_http2_request.ts";
import { responseFrom } from "./_http2_response.ts";
import { Hosts } from "./_hosts.ts";
import type { Handler, HandlerResult, RequestInfo } from "./handler.ts";
import { HttpError } from "./http_error.ts";
import type { HttpLimits, HttpOptions } from "./options.ts";
import { Reply } from "./reply.ts";
import type { HttpRequest } from "./request.ts";
import type { HttpCounters, HttpServer } from "./serve_http.ts";
import type { UpgradeOptions, WebSocketUpgrade } from "./websocket/upgrade.ts";

/** Where the platform's server is to listen. */
interface Place {
  readonly hostname: string;
  readonly port: number;
  readonly tcpBacklog: number;
  readonly cert?: string;
  readonly key?: string;
}

/** A reply that the platform has made: that to a WebSocket handshake. */
class PlatformReply extends Reply {
  constructor(readonly response: Response) {
    super();
  }
}

/** The platform's server, guarded as far as that can be done around it, and owned by a scope. */
export class Http2Server implements HttpServer, ForeignServer {
  readonly #reactor: Reactor;
  readonly #handler: Handler;
  readonly #limits: HttpLimits;
  readonly #log: Logger;
  readonly #onReply: HttpOptions["onReply"];
  /** Whoever starts the server is to blame for what its handler does. */
  readonly #account: Owner | undefined = currentOwner();
  readonly #abort = new AbortController();
  readonly #counters = {
    connections: 0,
    connectionsTotal: 0,
    connectionsRefused: 0,
    requests: 0,
    inFlight: 0,
    handlerErrors: 0,
    badRequests: 0,
    timeouts: 0,
    upgrades: 0,
  };
  readonly #replies = [0, 0, 0, 0, 0, 0];
  #server!: Deno.HttpServer<Deno.NetAddr>;
  #hosts!: Hosts;
  #tls = false;
  #draining: Promise<void> | null = null;
  /** The platform closes it: it must not be told twice. */
  #closing = false;
  #idle: () => void = () => {};
  #end: () => Promise<void> = () => this.drain();

  constructor(reactor: Reactor, handler: Handler, limits: HttpLimits, options: HttpOptions) {
    this.#reactor = reactor;
    this.#handler = handler;
    this.#limits = limits;
    this.#log = options.log ?? silentLogger;
    this.#onReply = options.onReply;
  }

  /** Listen. Once. */
  listen(place: Place): void {
    this.#tls = place.cert !== undefined;
    this.#hosts = new Hosts(this.#tls ? "https" : "http");
    this.#server = Deno.serve({
      ...place as Deno.ServeTcpOptions,
      signal: this.#abort.signal,
      onListen: () => {},
    }, (request, info) => this.#serve(request, info));
  }

  /** `end` ends it by way of its owner. */
  adopted(end: () => Promise<void>): void {
    this.#end = end;
  }

  // HttpServer

  get address(): Address {
    return this.host;
  }

  /** Of connections, the platform tells nothing. */
  counters(): HttpCounters {
    const [, one = 0, two = 0, three = 0, four = 0, five = 0] = this.#replies;
    return {
      ...this.#counters,
      replies: { "1xx": one, "2xx": two, "3xx": three, "4xx": four, "5xx": five },
    };
  }

  stopListening(): Promise<void> {
    return this.#end();
  }

  // ForeignServer

  get host(): Address {
    const { hostname, port } = this.#server.addr;
    return { transport: "tcp", hostname, port };
  }

  get underWay(): string | null {
    const { inFlight } = this.#counters;
    return inFlight === 0 ? null : `${inFlight} request${inFlight === 1 ? "" : "s"}`;
  }

  drain(): Promise<void> {
    return this.#draining ??= this.#drain();
  }

  abort(): void {
    if (this.#closing) return;
    this.#closing = true;
    this.#abort.abort();
    this.#idle();
  }

  /** The platform's own shutdown fails what is under way: wait until nothing is. */
  async #drain(): Promise<void> {
    while (this.#counters.inFlight > 0 && !this.#closing) {
      await new Promise<void>((resolve) => this.#idle = resolve);
    }
    if (this.#closing) return await this.#server.finished;
    this.#closing = true;
    await this.#server.shutdown();
  }

  // Serving

  #serve(real: Request, info: Deno.ServeHandlerInfo<Deno.NetAddr>): Response | Promise<Response> {
    const exchange = new Exchange(peerOf(info), this.#reactor.now());
    this.#counters.inFlight++;
    info.completed.then(() => this.#over(exchange, true), () => this.#over(exchange, false));
    const respond = () => this.#respond(real, exchange);
    return this.#account === undefined ? respond() : onAccountOf(this.#account, respond);
  }

  #respond(real: Request, exchange: Exchange): Response | Promise<Response> {
    const body = real.body === null ? null : new PlatformBody(real.body, {
      length: lengthOf(real.headers),
      limits: this.#limits,
      time: this.#reactor,
      timedOut: () => this.#counters.timeouts++,
    });
    const response = this.#handled(real, body, exchange);
    if (body === null) return response;
    return Promise.resolve(response).then(async (settled) => {
      if (!body.body.ended && !body.body.touched) await body.readOver(this.#limits.maxUnreadBody);
      return settled;
    });
  }

  #handled(real: Request, body: PlatformBody | null, exchange: Exchange): Response | Promise<Response> {
    let result: HandlerResult | Promise<HandlerResult>;
    try {
      const request = exchange.request = requestFrom(real, body, this.#limits, this.#hosts);
      this.#counters.requests++;
      result = this.#handler(request, this.#infoOf(real, exchange.peer));
    } catch (error) {
      return this.#fault(error, real, exchange);
    }
    if (!(result instanceof Promise)) return this.#answer(result, real, exchange);
    return result.then(
      (settled) => this.#answer(settled, real, exchange),
      (error) => this.#fault(error, real, exchange),
    );
  }

  #answer(result: HandlerResult, { method }: Request, exchange: Exchange): Response {
    try {
      if (result instanceof PlatformReply) return this.#count(result.response, exchange);
      return this.#count(this.#responseFrom(Reply.from(result), method, exchange), exchange);
    } catch (error) {
      return this.#fail(error, exchange);
    }
  }

  #fault(error: unknown, { method }: Request, exchange: Exchange): Response {
    if (!(error instanceof HttpError)) return this.#fail(error, exchange);
    if (exchange.request === null) this.#counters.badRequests++;
    const { status, headers, message } = error;
    const reply = new Reply(`${message}\n`, { status, headers });
    return this.#count(this.#responseFrom(reply, method, exchange), exchange);
  }

  #responseFrom(reply: Reply, method: string, exchange: Exchange): Response {
    return responseFrom(reply, method, (bytes) => exchange.bytes += bytes);
  }

  #fail(error: unknown, exchange: Exchange): Response {
    this.#counters.handlerErrors++;
    const { method, pathname } = exchange.request ?? {};
    this.#log.error("Handler failed: the client gets 500", {
      method,
      path: pathname,
      at: callSite(error),
      error,
    });
    return this.#count(new Response("Internal Server Error\n", { status: 500 }), exchange);
  }

  #count(response: Response, exchange: Exchange): Response {
    exchange.status = response.status;
    this.#replies[Math.floor(response.status / 100)]!++;
    if (response.status === 101) this.#counters.upgrades++;
    return response;
  }

  #over(exchange: Exchange, complete: boolean): void {
    if (--this.#counters.inFlight === 0) this.#idle();
    const { request, peer, status, bytes, since } = exchange;
    this.#onReply?.({ request, peer, status, bytes, duration: this.#reactor.now() - since, complete });
  }

  #infoOf(real: Request, peer: Address): RequestInfo {
    return {
      peer,
      remoteAddr: peer,
      host: this.host,
      // What the platform has settled on, it keeps to itself.
      tls: this.#tls
        ? { version: "", alpn: null, serverName: null, authorized: false, peerName: null }
        : null,
      upgradeWebSocket: (_request: HttpRequest, options: UpgradeOptions = {}): WebSocketUpgrade => {
        const { protocol, pingInterval = 30_000 } = options;
        const { socket, response } = upgraded(real, {
          idleTimeout: pingInterval / 1_000,
          ...(protocol === undefined ? {} : { protocol }),
        });
        socket.binaryType = "arraybuffer";
        return { socket, response: new PlatformReply(response) };
      },
    };
  }
}

/** One request and what became of it. */
class Exchange {
  request: HttpRequest | null = null;
  status = 500;
  bytes = 0;
  constructor(readonly peer: Address, readonly since: number) {}
}

function peerOf({ remoteAddr: { hostname, port } }: Deno.ServeHandlerInfo<Deno.NetAddr>): Address {
  return { transport: "tcp", hostname, port };
}

function upgraded(real: Request, options: Deno.UpgradeWebSocketOptions): Deno.WebSocketUpgrade {
  try {
    return Deno.upgradeWebSocket(real, options);
  } catch (cause) {
    throw new HttpError(426, "This is for WebSocket clients", { headers: { upgrade: "websocket" }, cause });
  }
}
