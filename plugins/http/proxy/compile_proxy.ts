import type { RouteContext, RouteHandler } from "../route/route_kind.ts";
import type { ProxyOptions } from "./options.ts";
import { ReverseProxy } from "./reverse_proxy.ts";
import type { UpstreamSettings } from "./upstream.ts";
import { upstreamMetrics } from "./upstream_metrics.ts";
import { UpstreamSet } from "./upstream_set.ts";

/** Forwards every request of a route to one of its upstreams. */
export function compileProxy(options: ProxyOptions, context: RouteContext): RouteHandler {
  const { reactor, log, requestLog, name: route, draining } = context;
  const settings: UpstreamSettings = {
    reactor,
    log,
    requestLog,
    options,
    route,
    metrics: upstreamMetrics(context.metrics, route),
  };
  const discovers = options.to.some(({ kind }) => kind === "discover");
  const upstreams = context.use(
    new UpstreamSet(options.to, settings, discovers ? context.registry() : null),
  );
  // While the service drains, no connection is kept for a next request.
  draining.addEventListener("abort", () => upstreams[Symbol.dispose](), { signal: upstreams.disposed });
  return new ReverseProxy(upstreams, settings).handle;
}
