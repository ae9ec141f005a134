import fc from "fast-check";
import { LoopingCall } from "../../../services/async/looping_call.ts";
import type { DelayedCall, ReactorTime } from "../../../services/async/time.ts";
import { TimerQueue } from "../../../services/async/timer_queue.ts";
import { Clock } from "../../../services/async/clock.ts";
import { assert, assertEquals, assertFalse, assertRejects, assertThrows } from "../../assert.ts";
import { checkProperty } from "../../property.ts";

/** A machine that is now and then too busy to look at its timers: time jumps, and calls come late. */
class BusyClock implements ReactorTime {
  #now: number;
  readonly #queue = new TimerQueue(this);

  constructor(now = 0) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  callLater<A extends unknown[]>(ms: number, fn: (...args: A) => void, ...args: A): DelayedCall {
    return this.#queue.add(this.#now + ms, fn, ...args);
  }

  jumpTo(time: number): void {
    this.#now = time;
    const mark = this.#queue.mark;
    for (let call = this.#queue.popDue(time, mark); call !== null; call = this.#queue.popDue(time, mark)) {
      call.run();
    }
  }

  /** Go where the next call is due. */
  jumpToNext(): void {
    this.jumpTo(this.#queue.nextTime()!);
  }
}

// Twisted's documentation of LoopingCall.start.
Deno.test("LoopingCall skips the ticks that it missed, and keeps its phase", () => {
  const clock = new BusyClock();
  const seen: [number, number][] = [];
  const loop = new LoopingCall(clock, (ticks) => seen.push([clock.now(), ticks]));
  loop.start(1);
  for (const time of [1, 3.7, 3.9, 4.0, 5.0]) clock.jumpTo(time);
  assertEquals(seen, [[0, 1], [1, 1], [3.7, 2], [4, 1], [5, 1]]);
  loop.stop();
});

Deno.test("LoopingCall begins after one interval when told so", () => {
  const clock = new Clock();
  const seen: [number, number][] = [];
  const loop = new LoopingCall(clock, (ticks) => seen.push([clock.now(), ticks]));
  loop.start(10, false);
  clock.advance(25);
  assertEquals(seen, [[10, 1], [20, 1]]);
  loop.stop();
});

Deno.test("LoopingCall does not overlap with itself", async () => {
  const clock = new Clock();
  const seen: [number, number][] = [];
  const loop = new LoopingCall(clock, (ticks) => {
    seen.push([clock.now(), ticks]);
    return new Promise<void>((resolve) => void clock.callLater(25, resolve));
  });
  loop.start(10);
  await clock.advanceAsync(60);
  assertEquals(seen, [[0, 1], [30, 3], [60, 3]]);
  loop.stop();
});

Deno.test("LoopingCall.stop() resolves what start() returned, and nothing is left behind", async () => {
  const clock = new Clock();
  const loop = new LoopingCall(clock, () => {});
  assertFalse(loop.running);
  const done = loop.start(10);
  assert(loop.running);
  assertEquals(loop.interval, 10);
  loop.stop();
  loop.stop();
  assertFalse(loop.running);
  assertEquals(clock.pending, []);
  await done;
});

Deno.test("LoopingCall.stop() during a call waits for its end", async () => {
  const clock = new Clock();
  const { promise, resolve } = Promise.withResolvers<void>();
  const loop = new LoopingCall(clock, () => promise);
  let ended = false;
  const done = loop.start(10).then(() => ended = true);
  loop.stop();
  assertFalse(loop.running);
  await clock.advanceAsync(10);
  assertFalse(ended);
  await assertRejects(() => loop.start(10), Error, "Cannot start a LoopingCall that has not ended");
  resolve();
  await done;
  assertEquals(clock.pending, []);
});

Deno.test("LoopingCall may stop itself, and be started again", async () => {
  const clock = new Clock();
  const seen: number[] = [];
  const loop = new LoopingCall(clock, () => {
    seen.push(clock.now());
    if (seen.length % 3 === 0) loop.stop();
  });
  const first = loop.start(10);
  clock.advance(100);
  await first;
  const second = loop.start(1);
  clock.advance(100);
  await second;
  assertEquals(seen, [0, 10, 20, 100, 101, 102]);
});

for (
  const [how, fn] of [
    ["throws", () => {
      throw new Error("boom");
    }],
    ["rejects", () => Promise.reject(new Error("boom"))],
  ] as const
) {
  Deno.test(`LoopingCall ends with the error when the function ${how}`, async () => {
    const clock = new Clock();
    let calls = 0;
    const loop = new LoopingCall(clock, () => ++calls === 2 ? fn() : undefined);
    const done = assertRejects(() => loop.start(10), Error, "boom");
    await clock.advanceAsync(100);
    await done;
    assertFalse(loop.running);
    assertEquals([calls, clock.pending], [2, []]);
  });
}

Deno.test("LoopingCall.reset() begins a new phase", () => {
  const clock = new Clock();
  const seen: [number, number][] = [];
  const loop = new LoopingCall(clock, (ticks) => seen.push([clock.now(), ticks]));
  loop.start(10);
  clock.advance(13);
  loop.reset();
  clock.advance(20);
  assertEquals(seen, [[0, 1], [10, 1], [23, 1], [33, 1]]);
  loop.stop();
  assertThrows(() => loop.reset(), Error, "Cannot reset a LoopingCall that is not running");
});

Deno.test("LoopingCall.reset() during a call arranges no second one", async () => {
  const clock = new Clock();
  const seen: number[] = [];
  const loop = new LoopingCall(clock, () => {
    seen.push(clock.now());
    return new Promise<void>((resolve) => void clock.callLater(3, resolve));
  });
  loop.start(10);
  await clock.advanceAsync(1);
  loop.reset();
  await clock.advanceAsync(20);
  assertEquals(seen, [0, 11, 21]);
  loop.stop();
  await clock.advanceAsync(10);
});

// Twisted's test_withCountIntervalZero.
Deno.test("LoopingCall with interval 0 calls in every turn", async () => {
  const clock = new Clock();
  const seen: number[] = [];
  const loop = new LoopingCall(clock, (ticks) => {
    seen.push(ticks);
    if (seen.length === 5) loop.stop();
  });
  const done = loop.start(0, false);
  assertEquals(seen, []);
  clock.advance(0);
  await done;
  assertEquals(seen, [1, 1, 1, 1, 1]);
});

for (const interval of [-1, NaN, Infinity]) {
  Deno.test(`LoopingCall refuses an interval of ${interval}`, async () => {
    const loop = new LoopingCall(new Clock(), () => {});
    await assertRejects(() => loop.start(interval), RangeError, `Cannot call every "${interval}" ms`);
    assertFalse(loop.running);
  });
}

Deno.test("LoopingCall serves each tick once, however the fractions are rounded", () => {
  const fraction = { noNaN: true, noDefaultInfinity: true };
  checkProperty(
    fc.property(
      fc.double({ min: 0, max: 1e9, ...fraction }),
      fc.double({ min: 0.001, max: 1000, ...fraction }),
      (origin, interval) => {
        const clock = new BusyClock(origin);
        let ticks = 0;
        let calls = 0;
        const loop = new LoopingCall(clock, (n) => {
          ticks += n;
          calls++;
        });
        loop.start(interval, false);
        for (let i = 0; i < 50; i++) clock.jumpToNext();
        assertEquals([ticks, calls], [50, 50]);
        assert(Math.abs(clock.now() - (origin + 50 * interval)) < 1e-6);
        loop.stop();
      },
    ),
  );
});
