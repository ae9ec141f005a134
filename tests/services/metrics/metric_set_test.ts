import { MetricSet } from "../../../services/metrics/metric_set.ts";
import { assertEquals, assertThrows } from "../../assert.ts";

Deno.test("counters, gauges and histograms are collected with their labels", () => {
  const set = new MetricSet();
  const requests = set.counter("requests_total", { help: "Requests", labels: ["route"] });
  requests.with("/a").inc();
  requests.with("/a").inc(2);
  requests.with("/b").inc();
  const depth = set.gauge("depth", { help: "Depth" });
  set.onCollect(() => depth.with().set(7));
  const sizes = set.histogram("size_bytes", { help: "Sizes", buckets: [1, 10] });
  for (const size of [1, 5, 10, 11]) sizes.with().observe(size);
  assertEquals(set.collect(), [
    {
      name: "requests_total",
      help: "Requests",
      kind: "counter",
      labels: ["route"],
      samples: [{ labels: ["/a"], value: 3 }, { labels: ["/b"], value: 1 }],
    },
    { name: "depth", help: "Depth", kind: "gauge", labels: [], samples: [{ labels: [], value: 7 }] },
    {
      name: "size_bytes",
      help: "Sizes",
      kind: "histogram",
      labels: [],
      buckets: [1, 10],
      samples: [{ labels: [], value: 27, counts: [1, 2, 1] }],
    },
  ]);
});

Deno.test("what was removed is collected no more, and an update that was ended is not called", () => {
  const set = new MetricSet();
  const up = set.gauge("up", { help: "Up", labels: ["peer"] });
  up.with("a").set(1);
  up.with("b").set(1);
  up.remove("a");
  const end = set.onCollect(() => up.with("b").add());
  set.collect();
  end();
  assertEquals(set.collect()[0]!.samples, [{ labels: ["b"], value: 2 }]);
});

Deno.test("the same name is the same family, and of another kind it is refused", () => {
  const set = new MetricSet();
  set.counter("x_total", { help: "X" }).with().inc();
  set.counter("x_total", { help: "X" }).with().inc();
  assertEquals(set.collect()[0]!.samples[0]!.value, 2);
  assertThrows(() => set.gauge("x_total", { help: "X" }), RangeError, '"x_total": the name is in use');
  assertThrows(() => set.counter("x-y", { help: "X" }), RangeError, '"x-y" must be letters');
  assertThrows(() => set.counter("x_total", { help: "X" }).with("a"), RangeError, "1 label values: it has 0");
  assertThrows(() => set.counter("x_total", { help: "X" }).with().inc(-1), RangeError, "only grows");
});
