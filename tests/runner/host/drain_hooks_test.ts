import { DRAIN_NOTICE, DrainHooks } from "../../../runner/host/drain_hooks.ts";
import { Clock } from "../../../services/async/clock.ts";
import { recordingLogger } from "../../../services/testing/mod.ts";
import { assert, assertEquals } from "../../assert.ts";

Deno.test("a drain waits for its hooks, and no longer than the notice or half of its time", async () => {
  const clock = new Clock();
  const hooks = new DrainHooks(clock, recordingLogger());
  const slow = Promise.withResolvers<void>();
  hooks.add(() => slow.promise);
  for (const [within, bound] of [[10_000, DRAIN_NOTICE], [800, 400]] as const) {
    let waited = false;
    void hooks.run("web", within)!.then(() => waited = true);
    await clock.advanceAsync(bound - 1);
    assert(!waited);
    await clock.advanceAsync(1);
    assert(waited);
  }
  const done = hooks.run("web", 10_000)!;
  slow.resolve();
  await done;
  assertEquals(clock.pending, []);
});

Deno.test("a drain does not wait when nobody has anything to do, nor when it is cut", () => {
  const hooks = new DrainHooks(new Clock(), recordingLogger());
  const told: string[] = [];
  const forget = hooks.add((path) => void told.push(path));
  assertEquals(hooks.run("web", 10_000), null);
  forget();
  hooks.add(() => Promise.resolve());
  assertEquals(hooks.run("web", 0), null);
  assertEquals(told, ["web"]);
});

Deno.test("a hook that fails is logged, and holds up nobody", async () => {
  const log = recordingLogger();
  const hooks = new DrainHooks(new Clock(), log);
  hooks.add(() => {
    throw new Error("one");
  });
  hooks.add(() => Promise.reject(new Error("two")));
  await hooks.run("web", 10_000);
  assertEquals(log.records.map(({ level, fields }) => `${level} ${fields?.draining} ${fields?.error}`), [
    "warn web Error: one",
    "warn web Error: two",
  ]);
});
