import type { DelayedCall } from "../../../services/async/time.ts";
import type { SocketEndpoint } from "../../../services/endpoint/endpoint.ts";
import { formatEndpoint } from "../../../services/endpoint/format.ts";
import { HttpClient } from "../../../services/http/client/http_client.ts";
import { requestHead } from "../../../services/http/client/request_head.ts";
import type { Logger } from "../../../services/log.ts";
import type { Reactor } from "../../../services/reactor/reactor.ts";
import type { Candidate } from "./balance.ts";
import { CheckVerdict, FailureWindow } from "./health.ts";
import type { ProxyOptions } from "./options.ts";
import type { CountUpstream, UpstreamMetrics } from "./upstream_metrics.ts";

/** What the upstreams of a route share. */
export interface UpstreamSettings {
  readonly reactor: Reactor;
  /** For what changes: who is out, and who is back. */
  readonly log: Logger;
  /** For what becomes of single requests. */
  readonly requestLog: Logger;
  readonly options: ProxyOptions;
  /** The field `route` of log records. */
  readonly route: string;
  readonly metrics: CountUpstream;
}

/** One server that requests are forwarded to. */
export class Upstream implements Candidate, Disposable {
  /** As it is written in a file: `tcp:127.0.0.1:3000`. */
  readonly name: string;
  /** Its own host, for the Host field. */
  readonly host: string;
  readonly client: HttpClient;
  inFlight = 0;
  weight = 1;
  readonly #metrics: UpstreamMetrics;
  readonly #settings: UpstreamSettings;
  readonly #window: FailureWindow;
  readonly #verdict: CheckVerdict | null;
  #check: DelayedCall | null = null;
  #disposed = false;
  /** Tells a registry what came of requests, where the upstream is from one. */
  readonly #report: (outcome: "failed" | "ok") => void;
  /** Its latest request has failed, and that is told. */
  #failing = false;

  constructor(
    endpoint: SocketEndpoint,
    settings: UpstreamSettings,
    report: (outcome: "failed" | "ok") => void = () => {},
  ) {
    const { options, reactor } = settings;
    const { connect, response, idle } = options.timeouts;
    this.name = nameOf(endpoint);
    this.host = hostOf(endpoint);
    this.#settings = settings;
    this.#report = report;
    this.#window = new FailureWindow(options.failures);
    this.#verdict = options.health === undefined ? null : new CheckVerdict(options.health);
    this.client = new HttpClient(reactor, endpoint, {
      connectTimeout: connect,
      headTimeout: response,
      idleTimeout: idle,
    });
    this.#metrics = settings.metrics(this);
    if (options.health !== undefined) this.#check = reactor.callLater(0, this.#runCheck);
  }

  /** Whether checks say that it may be given requests. */
  get healthy(): boolean {
    return this.#verdict?.healthy ?? true;
  }

  /** Whether it has not failed too often of late. */
  get fit(): boolean {
    return this.#window.isFit(this.#settings.reactor.now());
  }

  /** A request is sent to it. */
  begun(): void {
    this.inFlight++;
    this.#metrics.requests.inc();
  }

  /** A request to it has been answered. */
  answered(): void {
    if (!this.#failing) return;
    this.#failing = false;
    this.#report("ok");
  }

  /** A request to it has failed. */
  failed(): void {
    this.#metrics.failures.inc();
    this.#failing = true;
    this.#report("failed");
    const { reactor, log, options, route } = this.#settings;
    if (!this.#window.failed(reactor.now())) return;
    const { count, pause } = options.failures;
    log.warn(
      `Upstream has failed ${count} times: it gets no requests for ${pause / 1_000} s where others can`,
      {
        route,
        upstream: this.name,
      },
    );
  }

  /** Take no more; what is under way goes on. */
  [Symbol.dispose](): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#check?.cancel();
    this.#metrics.stop();
    this.client[Symbol.dispose]();
  }

  /** As disposing, of one that is gone for good. */
  forget(): void {
    this[Symbol.dispose]();
    this.#metrics.forget();
  }

  readonly #runCheck = async (): Promise<void> => {
    const reason = await this.#askHealth();
    if (this.#disposed) return;
    const { reactor, log, options, route } = this.#settings;
    if (this.#verdict!.checked(reason === null)) {
      const fields = { route, upstream: this.name };
      if (reason === null) log.info("Upstream is healthy again", fields);
      else log.error("Upstream is not healthy: it gets no requests", { ...fields, reason });
    }
    this.#check = reactor.callLater(options.health!.interval, this.#runCheck);
  };

  /** Null when it is well; else why not. */
  async #askHealth(): Promise<string | null> {
    const { reactor, options } = this.#settings;
    const { path, timeout } = options.health!;
    const giveUp = new AbortController();
    const deadline = reactor.callLater(timeout, () => giveUp.abort(new Error("too late")));
    try {
      const head = requestHead("GET", path, {
        host: this.host,
        "user-agent": "heddle",
        "connection": "close",
      });
      const response = await this.client.sendAfresh(
        { method: "GET", head, body: null, chunked: false, mayUpgrade: false },
        () => giveUp.signal,
      );
      giveUp.signal.addEventListener("abort", () => void response.body.return!());
      for await (const _chunk of response.body);
      return response.status < 400 ? null : `status ${response.status}`;
    } catch (error) {
      if (giveUp.signal.aborted) return `no answer within ${timeout / 1_000} s`;
      return error instanceof Error ? error.message : String(error);
    } finally {
      deadline.cancel();
    }
  }
}

function nameOf(endpoint: SocketEndpoint): string {
  return endpoint.kind === "tls"
    ? formatEndpoint({ kind: "tls", hostname: endpoint.hostname, port: endpoint.port, tls: {} })
    : formatEndpoint(endpoint);
}

function hostOf(endpoint: SocketEndpoint): string {
  if (endpoint.kind === "unix") return "localhost";
  const { kind, port } = endpoint;
  const hostname = (kind === "tls" ? endpoint.tls.serverName : undefined) ?? endpoint.hostname;
  const name = hostname.includes(":") ? `[${hostname}]` : hostname;
  return port === (kind === "tls" ? 443 : 80) ? name : `${name}:${port}`;
}
