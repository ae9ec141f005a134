import type { ClientEndpoint } from "../../endpoint/endpoint.ts";
import type { Reactor } from "../../reactor/reactor.ts";
import { ConnectionPool } from "./_connection_pool.ts";
import type { ClientRequest, LazySignal } from "./client_request.ts";
import type { ClientResponse } from "./client_response.ts";
import { type ClientLimits, defaultClientLimits } from "./options.ts";

/**
 * An HTTP/1.1 client of one server, which keeps its connections for further requests. It sends what it is given
 * and hands on what it gets: it follows no redirects, decodes nothing and adds no fields.
 *
 * @example
 * ```ts
 * import type { Reactor } from "@heddle/heddle";
 * import { HttpClient, requestHead } from "@heddle/heddle/http";
 *
 * async function statusOf(reactor: Reactor): Promise<number> {
 *   using client = new HttpClient(reactor, "tcp:127.0.0.1:8080");
 *   const head = requestHead("GET", "/", { host: "example.org" });
 *   const response = await client.send({ method: "GET", head, body: null, chunked: false, mayUpgrade: false });
 *   for await (const _chunk of response.body);
 *   return response.status;
 * }
 * ```
 */
export class HttpClient implements Disposable {
  readonly #pool: ConnectionPool;

  /** Connects with the first request. What it opens belongs to the scope of `reactor`. */
  constructor(reactor: Reactor, endpoint: ClientEndpoint | string, limits: Partial<ClientLimits> = {}) {
    this.#pool = new ConnectionPool(reactor, endpoint, { ...defaultClientLimits, ...limits });
  }

  /** Connections open now. */
  get connections(): number {
    return this.#pool.size;
  }

  /**
   * Send `request`. Resolves with the response when its head has come; until then `signal` gives it up.
   * Rejects with {@linkcode HttpClientError}.
   */
  send(request: ClientRequest, signal: LazySignal | null = null): Promise<ClientResponse> {
    return this.#pool.send(request, signal);
  }

  /** As {@linkcode HttpClient.send}, never on a connection that was used before. */
  sendAfresh(request: ClientRequest, signal: LazySignal | null = null): Promise<ClientResponse> {
    return this.#pool.sendAfresh(request, signal);
  }

  /** Close what is idle now, and the rest when its responses are read: what is still sent gets no connection kept. */
  [Symbol.dispose](): void {
    this.#pool.retire();
  }
}
