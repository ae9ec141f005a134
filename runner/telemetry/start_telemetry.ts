import type { Runner } from "../runner.ts";
import { OtelMetrics } from "./otel_metrics.ts";
import { OtelSpans } from "./otel_spans.ts";

/**
 * Hand metrics and spans of a runner to the exporter that Deno has where `OTEL_DENO=true`, until what is returned is
 * disposed of. Before it runs.
 */
export function startTelemetry(runner: Runner): Disposable {
  const spans = new OtelSpans((time) => runner.epochOf(time));
  runner.supervisor.subscribe((event) => spans.see(event));
  runner.control.operations.observe(spans.observe);
  return new OtelMetrics(() => runner.control.metrics());
}
