/**
 * How long a change in etcd takes to reach a watcher, `<contender> <url> <changes>`: `fetch`, a bare watch of the
 * gateway, or `heddle`, a watch of the registry. Prints the median and the 99th percentile, ms, as JSON.
 */
import { openEtcd } from "../../../plugins/discovery/etcd/etcd_registry.ts";
import { encode } from "../../../plugins/discovery/etcd/messages.ts";
import { backendOptions } from "../../../plugins/discovery/etcd/options.ts";
import { SystemTime } from "../../../services/async/system_time.ts";
import { silentLogger } from "../../../services/log.ts";

const [contender, url, changes] = Deno.args as [string, string, string];
const PREFIX = "bench/instances/";
const arrivals = new Map<string, PromiseWithResolvers<number>>();

/** The change that `id` stands for has arrived. */
function arrived(id: string): void {
  arrivals.get(id)?.resolve(performance.now());
}

async function put(id: string): Promise<void> {
  const value = {
    service: "web",
    id,
    endpoint: "tcp:10.0.0.5:80",
    tags: [],
    metadata: {},
    state: "ready",
    weight: 1,
  };
  const response = await fetch(`${url}/v3/kv/put`, {
    method: "POST",
    body: JSON.stringify({
      key: encode(PREFIX + id),
      value: encode(JSON.stringify({ ...value, node: "there", session: "another" })),
    }),
  });
  await response.body?.cancel();
}

/** The least that a watch takes: lines of JSON, of which the key and the value are read. */
async function watchByFetch(): Promise<void> {
  const response = await fetch(`${url}/v3/watch`, {
    method: "POST",
    body: JSON.stringify({ create_request: { key: encode(PREFIX), range_end: encode("bench/instances0") } }),
  });
  const lines = response.body!.pipeThrough(new TextDecoderStream());
  let rest = "";
  for await (const text of lines) {
    const [...whole] = (rest + text).split("\n");
    rest = whole.pop()!;
    for (const line of whole) {
      for (const { kv } of JSON.parse(line).result.events ?? []) arrived(JSON.parse(atob(kv.value)).id);
    }
  }
}

async function watchByRegistry(): Promise<void> {
  const time = new SystemTime((error) => console.error(error));
  const registry = await openEtcd(
    backendOptions.parse({ etcd: [url], prefix: "bench" }),
    { time, log: silentLogger, node: "here" },
  );
  for await (const change of registry.watch()) if (change.kind === "put") arrived(change.instance.id);
}

void (contender === "heddle" ? watchByRegistry() : watchByFetch());
const taken: number[] = [];
// The first ones find nothing warm, and perhaps nobody watching yet.
const WARM = 50;
await new Promise((resolve) => setTimeout(resolve, 500));
for (let i = 0; i < Number(changes) + WARM; i++) {
  const id = `${contender}-${i}-${crypto.randomUUID()}`;
  const arrival = Promise.withResolvers<number>();
  arrivals.set(id, arrival);
  const begin = performance.now();
  await put(id);
  const took = await arrival.promise - begin;
  arrivals.delete(id);
  if (i >= WARM) taken.push(took);
}
const sorted = taken.toSorted((a, b) => a - b);
const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!;
console.log(JSON.stringify({ median: at(0.5), late: at(0.99) }));
Deno.exit(0);
