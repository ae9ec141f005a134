import type { ServiceContext } from "../../../services/context.ts";
import { applicationView } from "../../../services/control/application_view.ts";
import { metrics } from "../../../services/metrics/metrics.ts";
import { registry } from "../../../services/registry/registry.ts";
import type { AccessLogOptions } from "../access_log/options.ts";
import { wrapHandler } from "../around/wrap_handler.ts";
import type { Ledger } from "../ledger.ts";
import { RequestLog } from "../request_log.ts";
import type { RouteOptions } from "../options.ts";
import { formatPathPattern, type PathPattern } from "../routing/path_pattern.ts";
import { compileRoute } from "./compile_route.ts";
import type { RouteContext, RouteHandler } from "./route_kind.ts";

/** What the routes of a service share. */
export interface RouteSurroundings {
  readonly context: ServiceContext;
  /** What routes share, by its class. */
  readonly shared: Map<new () => unknown, unknown>;
  /** Where the requests of a route are written down; `route` is `""` for those that no route is for. */
  ledger(site: string, route: string, log: AccessLogOptions | null): Ledger;
}

/** A route that answers, and what it has opened. */
export class CompiledRoute implements AsyncDisposable {
  /** Tells routes apart: the same key, the same answers. */
  readonly key: string;
  readonly pattern: PathPattern;
  readonly handle: RouteHandler;
  readonly ledger: Ledger;
  readonly #resources: AsyncDisposableStack;

  private constructor(
    key: string,
    pattern: PathPattern,
    handle: RouteHandler,
    ledger: Ledger,
    resources: AsyncDisposableStack,
  ) {
    this.key = key;
    this.pattern = pattern;
    this.handle = handle;
    this.ledger = ledger;
    this.#resources = resources;
  }

  /** `site`: the first of the site's hosts, or `""`. */
  static async compile(
    key: string,
    site: string,
    route: RouteOptions,
    { context: { reactor, log, draining, get }, shared, ledger }: RouteSurroundings,
  ): Promise<CompiledRoute> {
    await using resources = new AsyncDisposableStack();
    const path = formatPathPattern(route.path);
    const context: RouteContext = {
      pattern: route.path,
      name: site + path,
      reactor,
      log,
      requestLog: new RequestLog(log, reactor),
      draining,
      metrics: get(metrics),
      application: () => get(applicationView),
      registry: () => get(registry),
      shared: <T>(Kind: new () => T) => {
        if (!shared.has(Kind)) shared.set(Kind, new Kind());
        return shared.get(Kind) as T;
      },
      use: (resource) => resources.use(resource),
    };
    const handle = await wrapHandler(await compileRoute(route, context), route, context);
    return new CompiledRoute(
      key,
      route.path,
      handle,
      ledger(site, path, route.log ?? null),
      resources.move(),
    );
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#resources.disposeAsync();
  }
}
