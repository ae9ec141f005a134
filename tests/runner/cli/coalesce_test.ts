import { coalesce } from "../../../runner/cli/coalesce.ts";
import { assertEquals } from "../../assert.ts";

/** Work whose ends the test decides. */
function steered(): { work: () => Promise<void>; running: PromiseWithResolvers<void>[] } {
  const running: PromiseWithResolvers<void>[] = [];
  const work = () => {
    const end = Promise.withResolvers<void>();
    running.push(end);
    return end.promise;
  };
  return { work, running };
}

/** Lets all promises that can settle do so. */
function settled(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

Deno.test("coalesce() does once more what was asked for meanwhile, however often", async () => {
  const { work, running } = steered();
  const ask = coalesce(work);
  ask();
  ask();
  ask();
  assertEquals(running.length, 1);
  running[0]!.resolve();
  await settled();
  assertEquals(running.length, 2);
  running[1]!.resolve();
  await settled();
  assertEquals(running.length, 2);
});

Deno.test("coalesce() starts at once when nothing is under way", async () => {
  const { work, running } = steered();
  const ask = coalesce(work);
  ask();
  running[0]!.resolve();
  await settled();
  ask();
  assertEquals(running.length, 2);
  running[1]!.resolve();
  await settled();
});
