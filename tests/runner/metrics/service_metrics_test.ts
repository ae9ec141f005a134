import { ServiceMetrics } from "../../../runner/metrics/service_metrics.ts";
import { assertEquals, fail as failTest } from "../../assert.ts";

const fail = (path: string, error: unknown): never => failTest(`${path}: ${error}`);

const options = { help: "Requests", labels: ["route"] };

Deno.test("what services count under one name is one family, with the services as a label", () => {
  const metrics = new ServiceMetrics(fail);
  metrics.of("web").counter("requests_total", options).with("/").inc(2);
  metrics.of("api").counter("requests_total", options).with("/").inc();
  assertEquals(metrics.collect(), [{
    name: "requests_total",
    help: "Requests",
    kind: "counter",
    labels: ["service", "route"],
    samples: [{ labels: ["web", "/"], value: 2 }, { labels: ["api", "/"], value: 1 }],
  }]);
});

Deno.test("of services that disagree about a name the first one's meaning holds; a removed one is gone", () => {
  const metrics = new ServiceMetrics(fail);
  metrics.of("web").counter("requests_total", options).with("/").inc();
  metrics.of("api").gauge("requests_total", options).with("/").set(5);
  assertEquals(metrics.collect().map(({ kind, samples }) => [kind, samples.length]), [["counter", 1]]);
  metrics.retain((path) => path === "api");
  assertEquals(metrics.collect().map(({ kind }) => kind), ["gauge"]);
});

Deno.test("a service that fails to bring its metrics up to date hides nobody's", () => {
  const failures: string[] = [];
  const metrics = new ServiceMetrics((path, error) => failures.push(`${path}: ${(error as Error).message}`));
  metrics.of("broken").counter("requests_total", options).with("/").inc();
  metrics.of("broken").onCollect(() => {
    throw new Error("no such table");
  });
  metrics.of("web").counter("requests_total", options).with("/").inc();
  assertEquals(metrics.collect()[0]!.samples.map(({ labels }) => labels[0]), ["broken", "web"]);
  assertEquals(failures, ["broken: no such table"]);
});
