import { DeferredLock } from "../../../services/async/deferred_lock.ts";
import { DeferredSemaphore } from "../../../services/async/deferred_semaphore.ts";
import { assertEquals, assertFalse, assertRejects, assertThrows } from "../../assert.ts";

Deno.test("DeferredSemaphore lets as many through as it has permits, then in the order of asking", async () => {
  const semaphore = new DeferredSemaphore(2);
  const [first] = await Promise.all([semaphore.acquire(), semaphore.acquire()]);
  const seen: string[] = [];
  const waiting = ["a", "b"].map((name) => semaphore.run(() => seen.push(name)));
  assertEquals([semaphore.available, semaphore.waiting], [0, 2]);
  first!.release();
  await Promise.all(waiting);
  assertEquals(seen, ["a", "b"]);
  assertEquals([semaphore.available, semaphore.waiting], [1, 0]);
});

Deno.test("DeferredSemaphore hands a permit on before anybody can come between", async () => {
  const semaphore = new DeferredSemaphore(1);
  const permit = await semaphore.acquire();
  const seen: string[] = [];
  const patient = semaphore.run(() => seen.push("patient"));
  permit.release();
  const pushy = semaphore.run(() => seen.push("pushy"));
  await Promise.all([patient, pushy]);
  assertEquals(seen, ["patient", "pushy"]);
});

Deno.test("Permit.release() counts once, and `using` does it", async () => {
  const semaphore = new DeferredSemaphore(1);
  {
    using permit = await semaphore.acquire();
    assertEquals(semaphore.available, 0);
    permit.release();
    permit.release();
    assertEquals(semaphore.available, 1);
  }
  assertEquals(semaphore.available, 1);
});

Deno.test("DeferredSemaphore.acquire() loses no permit to one whose signal is aborted", async () => {
  const semaphore = new DeferredSemaphore(1);
  const permit = await semaphore.acquire();
  const controller = new AbortController();
  const impatient = semaphore.acquire({ signal: controller.signal });
  controller.abort(new Error("enough"));
  await assertRejects(() => impatient, Error, "enough");
  assertEquals(semaphore.waiting, 0);
  permit.release();
  assertEquals(semaphore.available, 1);
  await assertRejects(() => semaphore.acquire({ signal: controller.signal }), Error, "enough");
  assertEquals(semaphore.available, 1);
});

Deno.test("DeferredSemaphore.run() gives the permit back whatever the function does", async () => {
  const semaphore = new DeferredSemaphore(1);
  assertEquals(await semaphore.run(() => Promise.resolve(1)), 1);
  await assertRejects(() => semaphore.run(() => Promise.reject(new Error("later"))), Error, "later");
  await assertRejects(
    () =>
      semaphore.run(() => {
        throw new Error("now");
      }),
    Error,
    "now",
  );
  assertEquals(semaphore.available, 1);
});

for (const limit of [0, -1, 1.5, NaN, Infinity]) {
  Deno.test(`DeferredSemaphore refuses ${limit} permits`, () => {
    assertThrows(() => new DeferredSemaphore(limit), RangeError, `semaphore of "${limit}" permits`);
  });
}

Deno.test("DeferredLock lets one through at a time", async () => {
  const lock = new DeferredLock();
  const seen: string[] = [];
  const work = (name: string) => async () => {
    seen.push(`${name} begins`);
    await Promise.resolve();
    seen.push(`${name} ends`);
  };
  const both = Promise.all([lock.run(work("a")), lock.run(work("b"))]);
  assertEquals([lock.locked, lock.waiting], [true, 1]);
  await both;
  assertEquals(seen, ["a begins", "a ends", "b begins", "b ends"]);
  assertFalse(lock.locked);
});
