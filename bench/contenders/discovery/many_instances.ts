/**
 * A registry with many instances, `<instances> <services>`. Prints as JSON: ms to register them, KiB of heap that
 * each takes, microseconds to resolve a service among many and in one with all, ms until a watch has told of all.
 */
import { SystemTime } from "../../../services/async/system_time.ts";
import { EmbeddedRegistry } from "../../../services/registry/embedded_registry.ts";

const [instances, services] = Deno.args.map(Number) as [number, number];
const RESOLVED = 200_000;

function newRegistry(): EmbeddedRegistry {
  return new EmbeddedRegistry({ time: new SystemTime((error) => console.error(error)) });
}

async function fill(registry: EmbeddedRegistry, services: number): Promise<void> {
  for (let i = 0; i < instances; i++) {
    await registry.register({
      service: `service-${i % services}`,
      endpoint: `tcp:10.${i >> 16}.${(i >> 8) & 255}.${i & 255}:80`,
      weight: 1 + i % 3,
    });
  }
}

function microsecondsPerResolve(registry: EmbeddedRegistry, services: number): number {
  const names = Array.from({ length: services }, (_, i) => `service-${i}`);
  const turn = (): void => {
    for (let i = 0; i < RESOLVED; i++) {
      const found = registry.resolve(names[i % services]!)!;
      // As in use: now and then one fails.
      if (i % 100 === 0) registry.report(found, "failed");
    }
  };
  turn();
  const begin = performance.now();
  turn();
  return (performance.now() - begin) * 1_000 / RESOLVED;
}

const heapBefore = Deno.memoryUsage().heapUsed;
const begin = performance.now();
const registry = newRegistry();
await fill(registry, services);
const register = performance.now() - begin;
const memory = (Deno.memoryUsage().heapUsed - heapBefore) / 1024 / instances;
const told = performance.now();
for await (const change of registry.watch()) {
  if (change.kind === "snapshot" && change.instances.length === instances) break;
}
const watch = performance.now() - told;
const resolve = microsecondsPerResolve(registry, services);
const single = newRegistry();
await fill(single, 1);
console.log(
  JSON.stringify({ register, memory, watch, resolve, resolveInOne: microsecondsPerResolve(single, 1) }),
);
Deno.exit(0);
