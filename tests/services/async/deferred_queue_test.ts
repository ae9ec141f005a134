import fc from "fast-check";
import { DeferredQueue, QueueOverflow, QueueUnderflow } from "../../../services/async/deferred_queue.ts";
import { assertEquals, assertRejects, assertThrows } from "../../assert.ts";
import { checkProperty } from "../../property.ts";

Deno.test("DeferredQueue gives values in the order in which they were put", async () => {
  const queue = new DeferredQueue<number>();
  for (const n of [1, 2, 3]) queue.put(n);
  assertEquals(queue.pending, 3);
  assertEquals([await queue.get(), await queue.get(), await queue.get()], [1, 2, 3]);
});

Deno.test("DeferredQueue gives values to those who wait, in the order in which they asked", async () => {
  const queue = new DeferredQueue<number>();
  const got = Promise.all([queue.get(), queue.get()]);
  assertEquals(queue.waiting, 2);
  queue.put(1);
  queue.put(2);
  assertEquals(await got, [1, 2]);
  assertEquals([queue.pending, queue.waiting], [0, 0]);
});

Deno.test("DeferredQueue.put() throws QueueOverflow beyond its size", async () => {
  const queue = new DeferredQueue<number>({ size: 1 });
  queue.put(1);
  assertThrows(() => queue.put(2), QueueOverflow, "the queue holds 1 already");
  assertEquals(await queue.get(), 1);
  queue.put(3);
});

Deno.test("DeferredQueue of size 0 takes a value only for somebody who waits", async () => {
  const queue = new DeferredQueue<number>({ size: 0 });
  assertThrows(() => queue.put(1), QueueOverflow);
  const got = queue.get();
  queue.put(2);
  assertEquals(await got, 2);
});

Deno.test("DeferredQueue.get() rejects with QueueUnderflow beyond its backlog", async () => {
  const queue = new DeferredQueue<number>({ backlog: 1 });
  const first = queue.get();
  await assertRejects(() => queue.get(), QueueUnderflow, "1 calls wait for one already");
  queue.put(1);
  assertEquals(await first, 1);
});

Deno.test("DeferredQueue.get() leaves the line when its signal is aborted, and loses no value", async () => {
  const queue = new DeferredQueue<number>();
  const controller = new AbortController();
  const aborted = queue.get({ signal: controller.signal });
  const patient = queue.get();
  controller.abort(new Error("enough"));
  await assertRejects(() => aborted, Error, "enough");
  assertEquals(queue.waiting, 1);
  queue.put(1);
  assertEquals(await patient, 1);
  queue.put(2);
  await assertRejects(() => queue.get({ signal: controller.signal }), Error, "enough");
  assertEquals(queue.pending, 1);
});

Deno.test("DeferredQueue.get() keeps its value when the signal is aborted afterwards", async () => {
  const queue = new DeferredQueue<number>();
  const controller = new AbortController();
  const got = queue.get({ signal: controller.signal });
  queue.put(1);
  controller.abort();
  assertEquals(await got, 1);
});

for (const size of [-1, 1.5, NaN]) {
  Deno.test(`DeferredQueue refuses a size of ${size}`, () => {
    assertThrows(() => new DeferredQueue({ size }), RangeError, `size "${size}"`);
    assertThrows(() => new DeferredQueue({ backlog: size }), RangeError, `backlog "${size}"`);
  });
}

Deno.test("DeferredQueue holds what an array would hold", () => {
  checkProperty(fc.property(fc.array(fc.constantFrom("put", "get")), (steps) => {
    const queue = new DeferredQueue<number>();
    let balance = 0;
    steps.forEach((step, n) => {
      if (step === "put") queue.put(n);
      else void queue.get();
      balance += step === "put" ? 1 : -1;
      assertEquals([queue.pending, queue.waiting], [Math.max(0, balance), Math.max(0, -balance)]);
    });
  }));
});

Deno.test("DeferredQueue passes on every value, in order, however puts and gets are mixed", async () => {
  await checkProperty(
    fc.asyncProperty(fc.array(fc.constantFrom("put", "get"), { size: "+1" }), async (steps) => {
      const queue = new DeferredQueue<number>();
      const gets: Promise<number>[] = [];
      let puts = 0;
      for (const step of steps) {
        if (step === "put") queue.put(puts++);
        else gets.push(queue.get());
      }
      while (puts < gets.length) queue.put(puts++);
      assertEquals(await Promise.all(gets), gets.map((_, n) => n));
    }),
  );
});
