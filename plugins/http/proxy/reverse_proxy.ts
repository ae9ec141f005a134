import { TimeoutError } from "../../../services/async/errors.ts";
import type { ReactorTime } from "../../../services/async/time.ts";
import { formatEndpoint } from "../../../services/endpoint/format.ts";
import { HttpClientError } from "../../../services/http/client/client_error.ts";
import type { ClientRequest } from "../../../services/http/client/client_request.ts";
import type { ClientResponse } from "../../../services/http/client/client_response.ts";
import type { RequestInfo } from "../../../services/http/handler.ts";
import { HttpError } from "../../../services/http/http_error.ts";
import { askedUpgrade, type ForwardedBody, forwardHead } from "../../../services/http/proxy/forward_head.ts";
import { forwardFields } from "../../../services/http/proxy/forward_response.ts";
import { TunnelEnd } from "../../../services/http/proxy/tunnel.ts";
import { Reply } from "../../../services/http/reply.ts";
import type { HttpRequest } from "../../../services/http/request.ts";
import { UpgradeReply } from "../../../services/http/upgrade_reply.ts";
import type { Logger } from "../../../services/log.ts";
import { ForwardedInfo } from "../forwarded/forwarded_info.ts";
import { type Balancer, balancer } from "./balance.ts";
import type { ProxyOptions } from "./options.ts";
import { ForwardedResponseBody } from "./response_body.ts";
import type { Upstream, UpstreamSettings } from "./upstream.ts";
import type { UpstreamSet } from "./upstream_set.ts";

/** A request's body up to this size is read before it is sent on: a slow client then holds no upstream, and it can be sent again. */
const SMALL_BODY = 64 * 1024;
/** A response up to this size that is there at once is sent in one piece. */
const SMALL_RESPONSE = 256 * 1024;

/** RFC 9110, section 9.2.2. */
const IDEMPOTENT: ReadonlySet<string> = new Set(["GET", "HEAD", "PUT", "DELETE", "OPTIONS"]);

/** Forwards the requests of a route. */
export class ReverseProxy {
  readonly #upstreams: UpstreamSet;
  readonly #options: ProxyOptions;
  readonly #time: ReactorTime;
  readonly #log: Logger;
  readonly #route: string;
  readonly #choose: Balancer;

  constructor(
    upstreams: UpstreamSet,
    { options, reactor, requestLog, route }: UpstreamSettings,
  ) {
    this.#upstreams = upstreams;
    this.#time = reactor;
    this.#options = options;
    this.#log = requestLog;
    this.#route = route;
    this.#choose = balancer(options.balance, Math.random);
  }

  readonly handle = (request: HttpRequest, info: RequestInfo): Promise<Reply> => {
    if (!request.hasBody) return this.#forward(request, info, null);
    const length = request.contentLength;
    if (length === null || length > SMALL_BODY) return this.#forward(request, info, request.body);
    return request.bytes().then((body) => this.#forward(request, info, body));
  };

  async #forward(
    request: HttpRequest,
    info: RequestInfo,
    body: Uint8Array | ReadableStream<Uint8Array> | null,
  ): Promise<Reply> {
    const upgrade = askedUpgrade(request);
    const signal = () => request.signal;
    const tried: Upstream[] = [];
    let upstream = this.#next(tried);
    if (upstream === null) return this.#noneHealthy(request);
    let afresh = false;
    for (;;) {
      if (!afresh) tried.push(upstream);
      const outgoing = this.#outgoing(request, info, body, upgrade, upstream);
      const { client } = upstream;
      upstream.begun();
      try {
        const sent = afresh ? client.sendAfresh(outgoing, signal) : client.send(outgoing, signal);
        const response = await sent;
        upstream.answered();
        return this.#reply(response, request, upstream);
      } catch (error) {
        upstream.inFlight--;
        const failure = upstreamFailure(error);
        const mayRetry = this.#mayRetry(request, body, failure);
        // A connection that was kept, and given up by the upstream just when it was used again, is no failure.
        afresh = mayRetry && failure.stale;
        if (afresh) continue;
        upstream.failed();
        const next = mayRetry && tried.length <= this.#options.retries ? this.#next(tried) : null;
        if (next === null) return this.#failed(request, upstream, failure, tried.length);
        this.#log.debug("Upstream failed: trying another", {
          route: this.#route,
          upstream: upstream.name,
          reason: failure.message,
        });
        upstream = next;
      }
    }
  }

  #outgoing(
    request: HttpRequest,
    info: RequestInfo,
    body: Uint8Array | ReadableStream<Uint8Array> | null,
    upgrade: string | null,
    upstream: Upstream,
  ): ClientRequest {
    const { host } = this.#options;
    const forwarded = info instanceof ForwardedInfo;
    const framing: ForwardedBody = body === null ? null : request.contentLength ?? "chunked";
    const head = forwardHead(request, forwarded ? info.connection : info, framing, upgrade, {
      host: host === "keep" ? null : host === "upstream" ? upstream.host : host,
      defaultHost: upstream.host,
      believed: forwarded,
    });
    return {
      method: request.method,
      head,
      body,
      chunked: framing === "chunked",
      mayUpgrade: upgrade !== null,
    };
  }

  /** The next to try; null when there is none that is well. */
  #next(tried: readonly Upstream[]): Upstream | null {
    const { all } = this.#upstreams;
    if (all.length === 1) return tried.length === 0 && all[0]!.healthy ? all[0]! : null;
    const healthy = all.filter((upstream) => upstream.healthy && !tried.includes(upstream));
    if (healthy.length === 0) return null;
    // Where all have failed of late, one of them is better than none.
    const fit = healthy.filter((upstream) => upstream.fit);
    return this.#choose(fit.length === 0 ? healthy : fit);
  }

  /** Nothing was answered, and sending it twice does no harm; or nothing was sent. */
  #mayRetry(request: HttpRequest, body: ClientRequest["body"], error: HttpClientError): boolean {
    if (error.answered || error.failure === "malformed" || error.failure === "body") return false;
    if (body instanceof ReadableStream && (!error.unsent || body.locked)) return false;
    return error.unsent || IDEMPOTENT.has(request.method);
  }

  #reply(response: ClientResponse, request: HttpRequest, upstream: Upstream): Reply {
    const { status } = response;
    const headers = forwardFields(response);
    if (status === 101) return this.#tunnel(response, headers, request, upstream);
    const whole = response.takeWhole(SMALL_RESPONSE);
    if (whole === null) {
      return new Reply(new ForwardedResponseBody(response.body, upstream, this.#route), { status, headers });
    }
    upstream.inFlight--;
    const withoutBody = status === 204 || status === 304 ||
      (request.method === "HEAD" && response.head.contentLength !== null);
    return new Reply(withoutBody ? null : request.method === "HEAD" ? response.body : whole, {
      status,
      headers,
    });
  }

  #tunnel(
    response: ClientResponse,
    headers: [string, string][],
    request: HttpRequest,
    upstream: Upstream,
  ): UpgradeReply {
    const [client, server] = TunnelEnd.pair({
      time: this.#time,
      idleTimeout: this.#options.timeouts.tunnel,
      closed: () => upstream.inFlight--,
    });
    response.become(server);
    const { signal } = request;
    if (signal.aborted) server.abandon();
    else signal.addEventListener("abort", () => server.abandon(), { once: true });
    return new UpgradeReply(headers, client);
  }

  #failed(request: HttpRequest, upstream: Upstream, error: HttpClientError, tries: number): Reply {
    const late = error.failure === "timeout" || causeOf(error) instanceof TimeoutError;
    const status = late ? 504 : 502;
    this.#log.error(`Upstream failed: the client gets ${status}`, {
      route: this.#route,
      upstream: upstream.name,
      method: request.method,
      path: request.pathname,
      reason: error.message,
      tries,
    });
    return new Reply(late ? "Gateway Timeout\n" : "Bad Gateway\n", { status });
  }

  #noneHealthy(request: HttpRequest): Reply {
    const { all } = this.#upstreams;
    const what = all.length === 0
      ? "No instance of the upstream's service is ready"
      : "No upstream is healthy";
    this.#log.error(`${what}: the client gets 503`, {
      route: this.#route,
      upstreams: all.map(({ name }) => name).join(", ") || this.#options.to.map(formatEndpoint).join(", "),
      method: request.method,
      path: request.pathname,
    });
    return new Reply("Service Unavailable\n", { status: 503 });
  }
}

/** @throws what is not the upstream's fault: the client's body, or that it has left */
function upstreamFailure(error: unknown): HttpClientError {
  if (!(error instanceof HttpClientError)) throw error;
  if (error.failure === "body" && error.cause instanceof HttpError) throw error.cause;
  if (error.failure === "cancelled") throw error.cause ?? error;
  return error;
}

/** The error beneath those that put it into words. */
function causeOf(error: Error): unknown {
  return error.cause instanceof Error && error.cause.cause instanceof Error ? error.cause.cause : error.cause;
}
