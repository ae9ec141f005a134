import { Reply } from "../../../services/http/reply.ts";
import { PROMETHEUS_TYPE, prometheusText } from "../../../services/metrics/prometheus.ts";
import { unlessRead } from "../route/read_only.ts";
import type { RouteContext, RouteHandler } from "../route/route_kind.ts";

const headers = { "content-type": PROMETHEUS_TYPE, "cache-control": "no-store" };

/** All metrics of the application that the service is part of, as Prometheus scrapes them. */
export function compileMetrics(context: RouteContext): RouteHandler {
  const view = context.application();
  return ({ method }) => unlessRead(method) ?? new Reply(prometheusText(view.metrics()), { headers });
}
