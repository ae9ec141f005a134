import { Clock } from "../../../services/async/clock.ts";
import { EmbeddedRegistry } from "../../../services/registry/embedded_registry.ts";
import type { RegistryChange, RegistrySnapshot } from "../../../services/registry/registry.ts";
import { AVOIDED_FOR } from "../../../services/registry/service_pool.ts";
import { assert, assertEquals, assertRejects } from "../../assert.ts";
import { reading, registrySuite } from "./registry_suite.ts";

for (const [name, run] of Object.entries(registrySuite)) {
  Deno.test(`embedded registry: ${name}`, async () => {
    const time = new Clock();
    using registry = new EmbeddedRegistry({ time });
    await run({ here: registry, there: registry, pass: (ms) => time.advanceAsync(ms) });
  });
}

Deno.test("an embedded registry's revisions count its changes", async () => {
  using registry = new EmbeddedRegistry({ time: new Clock() });
  const registration = await registry.register({ service: "web", endpoint: "tcp:10.0.0.5:80" });
  await registration.update({ weight: 2 });
  await registration.deregister();
  assertEquals(registry.revision, 3);
});

Deno.test("a reader that is too slow for the history is sent a snapshot in place of what it missed", async () => {
  using registry = new EmbeddedRegistry({ time: new Clock(), history: 4 });
  const registration = await registry.register({ service: "web", id: "one", endpoint: "tcp:10.0.0.5:80" });
  using watch = reading(registry.watch());
  await watch.next();
  for (let weight = 2; weight <= 6; weight++) await registration.update({ weight });
  const next = await watch.next() as RegistrySnapshot;
  assertEquals([next.kind, next.revision, next.instances[0]!.weight], ["snapshot", 6, 6]);
  await registration.update({ weight: 7 });
  assertEquals((await watch.next() as RegistryChange).instance.weight, 7);
  for (let weight = 8; weight <= 11; weight++) await registration.update({ weight });
  const changes = [];
  for (let i = 0; i < 4; i++) changes.push((await watch.next() as RegistryChange).instance.weight);
  assertEquals(changes, [8, 9, 10, 11]);
});

Deno.test("a watch resumes from the edge of the history, and not from before it", async () => {
  using registry = new EmbeddedRegistry({ time: new Clock(), history: 3 });
  const registration = await registry.register({ service: "web", endpoint: "tcp:10.0.0.5:80" });
  for (let weight = 2; weight <= 6; weight++) await registration.update({ weight });
  for (const [after, kind] of [[2, "snapshot"], [3, "put"], [6, "nothing"]] as const) {
    using watch = reading(registry.watch({ after }));
    const nothing = afterThisTurn().then(() => ({ kind: "nothing" }));
    assertEquals((await Promise.race([watch.next(), nothing])).kind, kind, `after ${after}`);
  }
});

Deno.test("instances are resolved in proportion to their weights", async () => {
  const chances = Array.from({ length: 6 }, (_, i) => i / 6);
  using registry = new EmbeddedRegistry({ time: new Clock(), random: () => chances.shift()! });
  for (const [id, weight] of [["a", 1], ["b", 2], ["c", 3]] as const) {
    await registry.register({ service: "web", id, endpoint: "tcp:10.0.0.5:80", weight });
  }
  const drawn = Array.from({ length: 6 }, () => registry.resolve("web")!.id);
  assertEquals(drawn, ["a", "b", "b", "c", "c", "c"]);
});

Deno.test("an instance that failed is tried again after a while", async () => {
  const time = new Clock();
  using registry = new EmbeddedRegistry({ time, random: () => 0 });
  const { instance } = await registry.register({ service: "web", id: "a", endpoint: "tcp:10.0.0.5:80" });
  await registry.register({ service: "web", id: "b", endpoint: "tcp:10.0.0.6:80" });
  registry.report(instance, "failed");
  time.advance(AVOIDED_FOR - 1);
  assertEquals(registry.resolve("web")!.id, "b");
  registry.report(registry.resolve("web")!, "failed");
  time.advance(1);
  assertEquals(registry.resolve("web")!.id, "a");
});

Deno.test("a registry that closes takes everything out, and nobody leads or watches any more", async () => {
  const registry = new EmbeddedRegistry({ time: new Clock() });
  const registration = await registry.register({ service: "web", endpoint: "tcp:10.0.0.5:80", ttl: 1000 });
  const leadership = await registry.elect("cron");
  const waiting = registry.elect("cron");
  const watch = registry.watch()[Symbol.asyncIterator]();
  await watch.next();
  registry[Symbol.dispose]();
  await assertRejects(() => waiting, Error, `Cannot elect for "cron": the registry has closed`);
  assert(registration.ended.aborted && leadership.lost.aborted);
  assertEquals((await watch.next()).done, true);
  await assertRejects(
    () => registry.register({ service: "web", endpoint: "tcp:10.0.0.5:80" }),
    Error,
    "closed",
  );
});

/** When all that follows from what has happened has come about. */
function afterThisTurn(): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, 0));
}
