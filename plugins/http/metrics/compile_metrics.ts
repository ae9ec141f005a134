import { Reply } from "../../../services/http/reply.ts";
import { PROMETHEUS_TYPE, prometheusText } from "../../../services/metrics/prometheus.ts";
import type { RouteContext, RouteHandler } from "../route/route_kind.ts";

const headers = { "content-type": PROMETHEUS_TYPE, "cache-control": "no-store" };
const notAllowed = new Reply("Method Not Allowed\n", { status: 405, headers: { allow: "GET, HEAD" } });

/** All metrics of the application that the service is part of, as Prometheus scrapes them. */
export function compileMetrics(context: RouteContext): RouteHandler {
  const view = context.application();
  return ({ method }) => {
    if (method !== "GET" && method !== "HEAD") return notAllowed;
    return new Reply(prometheusText(view.metrics()), { headers });
  };
}
