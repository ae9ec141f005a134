import type { ServiceContext } from "../../services/context.ts";
import type { HandlerResult, RequestInfo } from "../../services/http/handler.ts";
import type { HttpOptions, ReplyOutcome } from "../../services/http/options.ts";
import { Reply } from "../../services/http/reply.ts";
import type { HttpRequest } from "../../services/http/request.ts";
import { serveHttp } from "../../services/http/serve_http.ts";
import { metrics } from "../../services/metrics/metrics.ts";
import type { Service } from "../../services/service.ts";
import { AccessLogs } from "./access_log/access_logs.ts";
import { ForwardedInfo } from "./forwarded/forwarded_info.ts";
import { TrustedProxies } from "./forwarded/trusted_proxies.ts";
import { type Entry, ForwardedEntry, Ledger } from "./ledger.ts";
import { RouteMetrics } from "./metrics/route_metrics.ts";
import { type HttpPluginOptions, sitesOf } from "./options.ts";
import { RequestLog } from "./request_log.ts";
import type { RouteSurroundings } from "./route/compiled_route.ts";
import { requestPath } from "./routing/request_path.ts";
import type { SiteTable } from "./routing/site_table.ts";
import { compileSites, releaseSites, type Site } from "./sites.ts";

const notFound = new Reply("Not Found\n", { status: 404 });
/** RFC 9110, section 15.5.20: no site has that name. */
const misdirected = new Reply("No such site\n", { status: 421 });
const serverOptions = new Reply(null, { status: 204 });

/** Serves the sites of its options. */
export class HttpService implements Service<HttpPluginOptions> {
  #options: HttpPluginOptions;
  #proxies: TrustedProxies;
  #surroundings!: RouteSurroundings;
  #sites!: SiteTable<Site>;
  /** For requests that no site is for, and for what is no request. */
  #elsewhere!: { readonly ledger: Ledger };

  constructor(options: HttpPluginOptions) {
    this.#options = options;
    this.#proxies = new TrustedProxies(options.trustedProxies);
  }

  async start(context: ServiceContext): Promise<void> {
    const logs = context.use(new AccessLogs(context.reactor, context.log));
    this.#surroundings = {
      context,
      shared: new Map(),
      ledger: (site, route, log) =>
        new Ledger(new RouteMetrics(context.get(metrics), site, route), log === null ? null : logs.get(log)),
    };
    this.#sites = await compileSites(sitesOf(this.#options), this.#surroundings, null);
    this.#elsewhere = { ledger: this.#surroundings.ledger("", "", this.#options.log ?? null) };
    context.use({ [Symbol.asyncDispose]: () => releaseSites(this.#sites, null) });
    for (const endpoint of [this.#options.listen].flat()) {
      await serveHttp(context.reactor, endpoint, this.#handle, this.#serverOptions());
    }
    for (const endpoint of [this.#options.http2].flat()) {
      const { serveHttp2 } = await import("../../services/http/serve_http2.ts");
      await serveHttp2(context.reactor, endpoint, this.#handle, this.#serverOptions());
    }
  }

  /** Goes over to other sites between two requests. What listens, and with which limits, cannot be changed. */
  async reload(options: HttpPluginOptions): Promise<boolean> {
    if (fixedPart(options) !== fixedPart(this.#options)) return false;
    const before = this.#sites;
    this.#sites = await compileSites(sitesOf(options), this.#surroundings, before);
    this.#elsewhere = { ledger: this.#surroundings.ledger("", "", options.log ?? null) };
    this.#proxies = new TrustedProxies(options.trustedProxies);
    this.#options = options;
    await releaseSites(before, this.#sites);
    return true;
  }

  readonly #handle = (
    request: HttpRequest,
    connection: RequestInfo,
  ): HandlerResult | Promise<HandlerResult> => {
    const info = this.#proxies.see(request, connection);
    const site = this.#sites.find(request.hostname);
    const path = site === null || request.target === "*" ? null : requestPath(request);
    const route = path === null ? null : site!.routes.find(path);
    const { ledger } = route ?? site ?? this.#elsewhere;
    request.note = info instanceof ForwardedInfo ? new ForwardedEntry(ledger, info.peer) : ledger;
    ledger.begin();
    if (route !== null) return route.handle(request, info, path!);
    return site === null ? misdirected : request.target === "*" ? serverOptions : notFound;
  };

  readonly #replied = (outcome: ReplyOutcome): void => {
    if (outcome.request !== null) return (outcome.request.note as Entry).end(outcome);
    this.#elsewhere.ledger.begin();
    this.#elsewhere.ledger.end(outcome);
  };

  #serverOptions(): HttpOptions {
    const { limits, timeouts } = this.#options;
    return {
      maxConnections: limits.connections,
      maxConnectionsPerPeer: limits.connectionsPerClient,
      maxHead: limits.head,
      maxTarget: limits.target,
      maxHeaders: limits.headers,
      minBodyRate: limits.bodyRate,
      headerTimeout: timeouts.header,
      bodyTimeout: timeouts.body,
      idleTimeout: timeouts.idle,
      writeTimeout: timeouts.write,
      // Each route has its own.
      maxBody: Infinity,
      log: new RequestLog(this.#surroundings.context.log, this.#surroundings.context.reactor),
      onReply: this.#replied,
    };
  }
}

/** What a reload cannot change, in a form that can be compared. */
function fixedPart({ listen, http2, limits, timeouts }: HttpPluginOptions): string {
  return JSON.stringify([listen, http2, limits, timeouts]);
}
