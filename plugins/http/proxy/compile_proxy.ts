import type { RouteContext, RouteHandler } from "../route/route_kind.ts";
import type { ProxyOptions } from "./options.ts";
import { upstreamMetrics } from "./upstream_metrics.ts";
import { Proxy } from "./proxy.ts";
import { UpstreamSet } from "./upstream_set.ts";

/** Forwards every request of a route to one of its upstreams. */
export function compileProxy(options: ProxyOptions, context: RouteContext): RouteHandler {
  const { reactor, log, name, draining, metrics } = context;
  const discovers = options.to.some((target) => "service" in target);
  const upstreams = context.use(
    new UpstreamSet(
      options.to,
      { reactor, log, options, route: name, metrics: upstreamMetrics(metrics, name) },
      discovers ? context.registry() : null,
    ),
  );
  draining.addEventListener("abort", () => upstreams[Symbol.dispose](), { once: true });
  return new Proxy(upstreams, options, log, name).handle;
}
