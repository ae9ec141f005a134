import type { Counter, Metrics } from "../../../services/metrics/metrics.ts";

/** What is only known when it is asked for. */
export interface UpstreamGauges {
  readonly name: string;
  readonly inFlight: number;
  readonly healthy: boolean;
  readonly fit: boolean;
}

/** What is counted of one upstream. */
export interface UpstreamMetrics {
  readonly requests: Counter;
  readonly failures: Counter;
  /** It is given no more requests. What was counted stays: after a reload, its successor goes on with it. */
  stop(): void;
  /** It will not come back: drop what was counted, or ports that come and go would fill the memory. */
  forget(): void;
}

/** Begins to count for an upstream. */
export type CountUpstream = (upstream: UpstreamGauges) => UpstreamMetrics;

/** What is counted of the upstreams of `route`. */
export function upstreamMetrics(metrics: Metrics, route: string): CountUpstream {
  const labels = ["route", "upstream"];
  const requests = metrics.counter("http_upstream_requests_total", {
    help: "Requests sent upstream",
    labels,
  });
  const failures = metrics.counter("http_upstream_failures_total", {
    help: "Requests that an upstream did not answer, or not to the end",
    labels,
  });
  const inFlight = metrics.gauge("http_upstream_requests_in_flight", { help: "Requests under way", labels });
  const up = metrics.gauge("http_upstream_up", { help: "1: is given requests, 0: is left out", labels });
  return (upstream) => {
    const { name } = upstream;
    const endCollecting = metrics.onCollect(() => {
      inFlight.with(route, name).set(upstream.inFlight);
      up.with(route, name).set(upstream.healthy && upstream.fit ? 1 : 0);
    });
    return {
      requests: requests.with(route, name),
      failures: failures.with(route, name),
      stop() {
        endCollecting();
        for (const gauge of [inFlight, up]) gauge.with(route, name).set(0);
      },
      forget() {
        for (const family of [requests, failures, inFlight, up]) family.remove(route, name);
      },
    };
  };
}
