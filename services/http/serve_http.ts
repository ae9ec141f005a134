import type { ServerEndpoint } from "../endpoint/endpoint.ts";
import type { Address } from "../reactor/address.ts";
import type { Port, Reactor } from "../reactor/reactor.ts";
import { ServerCore } from "./_server_core.ts";
import type { Handler } from "./handler.ts";
import type { HttpOptions } from "./options.ts";

/** What a server has done so far. */
export interface HttpCounters {
  /** Open now. */
  readonly connections: number;
  /** Ever opened. */
  readonly connectionsTotal: number;
  /** Closed at once, because their peer had as many as it may. */
  readonly connectionsRefused: number;
  /** Requests that reached the handler. */
  readonly requests: number;
  /** Requests not yet answered. */
  readonly inFlight: number;
  /** Replies by status class: `"2xx"` and so on; `1xx` are upgrades. */
  readonly replies: Readonly<Record<"1xx" | "2xx" | "3xx" | "4xx" | "5xx", number>>;
  /** Handlers that threw, and bodies of replies that failed. */
  readonly handlerErrors: number;
  /** Requests that broke the rules. */
  readonly badRequests: number;
  /** Heads, bodies and writes that took too long. */
  readonly timeouts: number;
  /** WebSockets ever opened. */
  readonly upgrades: number;
}

/** A server at work. It belongs to the scope of its reactor, which drains and ends it. */
export interface HttpServer {
  /** Where it really listens. */
  readonly address: Address;
  /** What it has done. */
  counters(): HttpCounters;
  /** Accept no more connections; those that are open go on. */
  stopListening(): Promise<void>;
}

/**
 * Serve HTTP/1.1 (RFC 9110, RFC 9112) on `endpoint`. When the reactor's scope is drained, requests and
 * uploads in flight are finished, idle connections closed at once; the rest is cut at the scope's deadline.
 *
 * @throws {CannotListenError} naming the endpoint and the cause
 * @throws {RangeError} when a limit is no number of at least 0
 *
 * @example
 * ```ts
 * import type { Reactor } from "@heddle/heddle";
 * import { Reply, serveHttp } from "@heddle/heddle/http";
 *
 * async function start(reactor: Reactor): Promise<void> {
 *   await serveHttp(reactor, "tcp:8080", (request) => new Reply(`You asked for ${request.pathname}`));
 * }
 * ```
 */
export async function serveHttp(
  reactor: Reactor,
  endpoint: ServerEndpoint | string,
  handler: Handler,
  options: HttpOptions = {},
): Promise<HttpServer> {
  const core = new ServerCore(reactor, handler, options);
  const port = await reactor.listen(endpoint, core, { maxConnections: core.limits.maxConnections });
  return new Server(core, port);
}

class Server implements HttpServer {
  readonly #core: ServerCore;
  readonly #port: Port;

  constructor(core: ServerCore, port: Port) {
    this.#core = core;
    this.#port = port;
  }

  get address(): Address {
    return this.#port.host;
  }

  counters(): HttpCounters {
    const { counters, connections } = this.#core;
    const { replies, ...rest } = counters;
    const [, one = 0, two = 0, three = 0, four = 0, five = 0] = replies;
    return {
      ...rest,
      connections: connections.size,
      replies: { "1xx": one, "2xx": two, "3xx": three, "4xx": four, "5xx": five },
    };
  }

  stopListening(): Promise<void> {
    return this.#port.stopListening();
  }
}
