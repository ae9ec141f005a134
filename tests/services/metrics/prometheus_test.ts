import { MetricSet } from "../../../services/metrics/metric_set.ts";
import { prometheusText } from "../../../services/metrics/prometheus.ts";
import { assertEquals, assertThrows } from "../../assert.ts";
import { parsePrometheus } from "../../support/prometheus.ts";

Deno.test("prometheusText() writes counters, gauges and histograms as Prometheus reads them", () => {
  const set = new MetricSet();
  set.counter("requests_total", { help: "Requests", labels: ["route"] }).with("/").inc(3);
  set.gauge("depth", { help: "Depth" }).with().set(-1.5);
  const times = set.histogram("seconds", { help: "Times", buckets: [0.1, 1] }).with();
  for (const value of [0.05, 0.5, 0.5, 7]) times.observe(value);
  assertEquals(
    prometheusText(set.collect()),
    `# HELP requests_total Requests
# TYPE requests_total counter
requests_total{route="/"} 3
# HELP depth Depth
# TYPE depth gauge
depth -1.5
# HELP seconds Times
# TYPE seconds histogram
seconds_bucket{le="0.1"} 1
seconds_bucket{le="1"} 3
seconds_bucket{le="+Inf"} 4
seconds_sum 8.05
seconds_count 4
`,
  );
});

Deno.test("prometheusText() escapes what a stranger put into a label, and a strict parser reads it back", () => {
  const set = new MetricSet();
  const nasty = 'a"b\\c\nd{e="f"} 1 # TYPE';
  set.gauge("odd", { help: "With \\ and\nanother line", labels: ["name"] }).with(nasty).set(Infinity);
  set.gauge("nan", { help: "" }).with().set(NaN);
  const families = parsePrometheus(prometheusText(set.collect()));
  assertEquals(families.get("odd")!.samples, [{ name: "odd", labels: { name: nasty }, value: Infinity }]);
  assertEquals(families.get("nan")!.samples[0]!.value, NaN);
});

Deno.test("the strict parser of these tests refuses what Prometheus would", () => {
  for (
    const text of [
      "x 1\n", // no TYPE
      "# HELP x\n# TYPE x counter\nx one\n",
      "# HELP x h\n# TYPE x counter\nx{a=b} 1\n",
      "# HELP x h\n# TYPE x counter\nx 1\nx 1\n",
      '# HELP x h\n# TYPE x histogram\nx_bucket{le="1"} 2\nx_bucket{le="+Inf"} 1\nx_sum 1\nx_count 1\n',
    ]
  ) assertThrows(() => parsePrometheus(text));
});
