import type { ServiceContext } from "../../services/context.ts";
import type { HandlerResult, RequestInfo } from "../../services/http/handler.ts";
import type { HttpOptions } from "../../services/http/options.ts";
import { Reply } from "../../services/http/reply.ts";
import type { HttpRequest } from "../../services/http/request.ts";
import { serveHttp } from "../../services/http/serve_http.ts";
import type { Service } from "../../services/service.ts";
import { type HttpPluginOptions, sitesOf } from "./options.ts";
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
  #context!: ServiceContext;
  #sites!: SiteTable<Site>;

  constructor(options: HttpPluginOptions) {
    this.#options = options;
  }

  async start(context: ServiceContext): Promise<void> {
    this.#context = context;
    this.#sites = await compileSites(sitesOf(this.#options), context, null);
    context.use({ [Symbol.asyncDispose]: () => releaseSites(this.#sites, null) });
    for (const endpoint of [this.#options.listen].flat()) {
      await serveHttp(context.reactor, endpoint, this.#handle, this.#serverOptions());
    }
  }

  /** Goes over to other sites between two requests. What listens, and with which limits, cannot be changed. */
  async reload(options: HttpPluginOptions): Promise<boolean> {
    if (fixedPart(options) !== fixedPart(this.#options)) return false;
    const before = this.#sites;
    this.#sites = await compileSites(sitesOf(options), this.#context, before);
    this.#options = options;
    await releaseSites(before, this.#sites);
    return true;
  }

  readonly #handle = (request: HttpRequest, info: RequestInfo): HandlerResult | Promise<HandlerResult> => {
    const site = this.#sites.find(request.hostname);
    if (site === null) return misdirected;
    if (request.target === "*") return serverOptions;
    const path = requestPath(request);
    if (path === null) return notFound;
    const route = site.routes.find(path);
    return route === null ? notFound : route.handle(request, info, path);
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
      log: this.#context.log,
    };
  }
}

/** What a reload cannot change, in a form that can be compared. */
function fixedPart({ listen, limits, timeouts }: HttpPluginOptions): string {
  return JSON.stringify([listen, limits, timeouts]);
}
