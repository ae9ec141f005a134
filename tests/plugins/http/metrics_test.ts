import { assertEquals } from "../../assert.ts";
import { ask, requestText, type Running, startHttp } from "./_scene.ts";

const plain = new URL("./fixtures/plain.ts", import.meta.url).pathname;

/** The samples of a family that are not 0: by labels, joined by spaces. */
function samples(app: Running, name: string): Record<string, unknown> {
  const family = app.metrics.collect().find((family) => family.name === name)!;
  return Object.fromEntries(
    family.samples.map((
      sample,
    ) => [sample.labels.join(" "), sample.counts?.reduce((sum, count) => sum + count) ?? sample.value])
      .filter(([, value]) => value !== 0),
  );
}

Deno.test("requests, bytes and durations are counted by site and route", async () => {
  await using app = await startHttp({
    sites: [
      { hosts: "a.example", routes: [{ path: "/x/*", respond: "12345" }, { path: "/y", redirect: "/x" }] },
      { routes: [{ path: "/x/*", handler: plain }] },
    ],
  });
  for (const path of ["/x/1", "/x/2", "/y", "/gone"]) await ask(app, path, { host: "a.example" });
  await ask(app, "/x/1", { host: "b.example" });
  const bad = await app.connect();
  await bad.send("nonsense\r\n\r\n");
  assertEquals(samples(app, "http_requests_total"), {
    "a.example /x/* 2xx": 2,
    "a.example /y 3xx": 1,
    "a.example  4xx": 1,
    " /x/* 2xx": 1,
    "  4xx": 1,
  });
  assertEquals(samples(app, "http_response_bytes_total")["a.example /x/*"], 10);
  assertEquals(samples(app, "http_request_duration_seconds")["a.example /x/*"], 2);
  assertEquals(samples(app, "http_requests_in_flight"), {});
});

Deno.test("what is in flight is counted until it is answered or its client leaves", async () => {
  await using app = await startHttp({ routes: [{ handler: plain }] });
  const client = await app.connect();
  await client.send(requestText("/patient"));
  assertEquals(samples(app, "http_requests_in_flight"), { " /*": 1 });
  client.transport.abortConnection();
  await app.reactor.settle();
  assertEquals(samples(app, "http_requests_in_flight"), {});
  assertEquals(samples(app, "http_requests_total"), { " /* 499": 1 });
});

Deno.test("counts outlive a reload of the routes", async () => {
  const options = { routes: [{ path: "/a", respond: "a" }] };
  await using app = await startHttp(options);
  await ask(app, "/a");
  await app.reload({ routes: [{ path: "/b", respond: "b" }, { path: "/a", respond: "changed" }] });
  await ask(app, "/a");
  assertEquals(samples(app, "http_requests_total"), { " /a 2xx": 2 });
});
