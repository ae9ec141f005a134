import { assert, assertEquals } from "../assert.ts";
import { Controlled } from "./_controlled.ts";

interface Attribute {
  readonly key: string;
  readonly value: { readonly stringValue?: string };
}

interface Resource {
  readonly attributes: readonly Attribute[];
}

interface SpanData {
  readonly name: string;
  readonly attributes: readonly Attribute[];
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
}

/** What an OTLP/HTTP collector is sent, as JSON. */
class Collector implements AsyncDisposable {
  readonly resources: Resource[] = [];
  readonly spans: SpanData[] = [];
  readonly metrics = new Set<string>();
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  #changed = Promise.withResolvers<void>();

  constructor() {
    this.#server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
      const body = await request.json();
      for (const { resource, scopeSpans } of body.resourceSpans ?? []) {
        for (const { scope, spans } of scopeSpans) this.#note(scope, resource) && this.spans.push(...spans);
      }
      for (const { resource, scopeMetrics } of body.resourceMetrics ?? []) {
        for (const { scope, metrics } of scopeMetrics) {
          if (!this.#note(scope, resource)) continue;
          for (const { name } of metrics) this.metrics.add(name);
        }
      }
      const { resolve } = this.#changed;
      this.#changed = Promise.withResolvers();
      resolve();
      return Response.json({});
    });
  }

  get env(): Record<string, string> {
    return {
      OTEL_DENO: "true",
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${this.#server.addr.port}`,
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
      OTEL_METRIC_EXPORT_INTERVAL: "100",
      OTEL_BSP_SCHEDULE_DELAY: "50",
    };
  }

  /** Wait until what was sent makes `test` true. */
  async until(test: () => boolean): Promise<void> {
    while (!test()) await this.#changed.promise;
  }

  /** Whether it comes from Heddle, not from Deno's own instruments; then on whose behalf. */
  #note({ name }: { readonly name: string }, resource: Resource): boolean {
    if (name === "heddle") this.resources.push(resource);
    return name === "heddle";
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}

function attribute({ attributes }: { readonly attributes: readonly Attribute[] }, name: string): string {
  return attributes.find(({ key }) => key === name)?.value.stringValue ?? "";
}

Deno.test("with OTEL_DENO=true a collector gets metrics and spans, under the application's name", async () => {
  await using collector = new Collector();
  {
    await using app = new Controlled(
      `name: demo\nservices: { echo: { plugin: echo, options: { listen: "tcp:127.0.0.1:0" } } }`,
      collector.env,
    );
    await app.served.ready();
    await app.open();
    assertEquals((await app.ask("/v1/reload", "POST")).status, 200);
    assertEquals((await app.ask("/v1/restart?unit=echo", "POST")).status, 200);
    const has = (name: string) => collector.spans.some((span) => span.name === name);
    await collector.until(() =>
      ["service.start", "service.stop", "application.reload", "application.restart"].every(has) &&
      collector.metrics.has("heddle_service_state") && collector.metrics.has("heddle_loop_lag_seconds_count")
    );
    app.served.kill("SIGTERM");
    assertEquals(await app.served.ended(), 0);
  }
  for (const resource of collector.resources) {
    assertEquals(attribute(resource, "service.name"), "demo");
    assert(attribute(resource, "service.instance.id").length > 8);
  }
  const start = collector.spans.find(({ name }) => name === "service.start")!;
  assertEquals([attribute(start, "heddle.service"), attribute(start, "heddle.state")], ["echo", "ready"]);
  assert(BigInt(start.endTimeUnixNano) > BigInt(start.startTimeUnixNano));
});
