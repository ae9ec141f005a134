import { Clock } from "../../../services/async/clock.ts";
import { assert, assertEquals, assertRejects, assertStrictEquals, assertThrows } from "../../assert.ts";

Deno.test("Clock starts at 0 and stands still", () => {
  const clock = new Clock();
  assertEquals(clock.now(), 0);
  assertEquals(clock.pending, []);
});

Deno.test("Clock.advance() shows each call the time it is due at", () => {
  const clock = new Clock();
  const seen: number[] = [];
  for (const ms of [3, 1, 5, 6]) clock.callLater(ms, () => seen.push(clock.now()));
  clock.advance(5);
  assertEquals(seen, [1, 3, 5]);
  assertEquals(clock.now(), 5);
  assertEquals(clock.pending, [6]);
});

Deno.test("Clock.advance() runs calls that are arranged meanwhile and due within it", () => {
  const clock = new Clock();
  const seen: number[] = [];
  const tick = () => {
    seen.push(clock.now());
    clock.callLater(2, tick);
  };
  clock.callLater(1, tick);
  clock.advance(6);
  assertEquals(seen, [1, 3, 5]);
  assertEquals(clock.pending, [7]);
});

Deno.test("Clock.callLater() passes its arguments and never calls in the same turn", () => {
  const clock = new Clock();
  const seen: [number, string][] = [];
  clock.callLater(0, (a: number, b: string) => void seen.push([a, b]), 1, "b");
  assertEquals(seen, []);
  clock.advance(0);
  assertEquals(seen, [[1, "b"]]);
});

Deno.test("Clock.callLater() runs calls due together in the order of arrangement", () => {
  const clock = new Clock();
  const seen: string[] = [];
  for (const name of ["a", "b", "c"]) clock.callLater(1, () => seen.push(name));
  clock.advance(1);
  assertEquals(seen, ["a", "b", "c"]);
});

for (const ms of [-1, NaN, Infinity]) {
  Deno.test(`Clock refuses a delay of ${ms}`, () => {
    const clock = new Clock();
    assertThrows(() => clock.callLater(ms, () => {}), RangeError, `Cannot delay a call by "${ms}" ms`);
    assertThrows(() => clock.advance(ms), RangeError);
    assertThrows(() => clock.callLater(1, () => {}).reset(ms), RangeError);
  });
}

Deno.test("Clock.advance() loses no call to one that throws", () => {
  const clock = new Clock();
  const boom = new Error("boom");
  const seen: number[] = [];
  clock.callLater(1, () => {
    throw boom;
  });
  clock.callLater(2, () => seen.push(clock.now()));
  assertStrictEquals(assertThrows(() => clock.advance(3)), boom);
  assertEquals(seen, [2]);
  assertEquals(clock.now(), 3);
});

Deno.test("Clock.advance() throws an AggregateError when several calls threw", () => {
  const clock = new Clock();
  for (const message of ["a", "b"]) {
    clock.callLater(1, () => {
      throw new Error(message);
    });
  }
  const error = assertThrows(() => clock.advance(1), AggregateError, "2 delayed calls threw");
  assertEquals(error.errors.map((each: Error) => each.message), ["a", "b"]);
});

Deno.test("Clock.advance() ends a loop of calls that arrange each other at one instant", () => {
  const clock = new Clock();
  const again = () => void clock.callLater(0, again);
  again();
  assertThrows(() => clock.advance(1), Error, "Cannot advance beyond 0 ms");
});

Deno.test("Clock.advance() may be called by a call", () => {
  const clock = new Clock();
  const seen: number[] = [];
  clock.callLater(1, () => clock.advance(10));
  clock.callLater(2, () => seen.push(clock.now()));
  clock.advance(2);
  assertEquals(seen, [2]);
  assertEquals(clock.now(), 11);
});

Deno.test("Clock.advanceAsync() lets promise jobs run before, between and after the calls", async () => {
  const clock = new Clock();
  const seen: number[] = [];
  const wait = (ms: number) => new Promise<void>((resolve) => void clock.callLater(ms, resolve));
  const work = (async () => {
    await Promise.resolve();
    for (const ms of [1, 2, 3]) {
      await wait(ms);
      seen.push(clock.now());
    }
  })();
  await clock.advanceAsync(5);
  assertEquals(seen, [1, 3]);
  assertEquals(clock.now(), 5);
  await clock.advanceAsync(1);
  await work;
  assertEquals(seen, [1, 3, 6]);
});

Deno.test("Clock.advanceAsync() lets what the last call woke arrange and run more at that instant", async () => {
  const clock = new Clock();
  let done = false;
  clock.callLater(1, async () => {
    for (let i = 0; i < 20; i++) await Promise.resolve();
    clock.callLater(0, () => done = true);
  });
  await clock.advanceAsync(1);
  assert(done);
});

Deno.test("Clock.advanceAsync() rejects with what a call threw", async () => {
  const clock = new Clock();
  clock.callLater(1, () => {
    throw new Error("boom");
  });
  await assertRejects(() => clock.advanceAsync(1), Error, "boom");
});

Deno.test("Clock.pump() advances in steps", () => {
  const clock = new Clock();
  const seen: number[] = [];
  clock.callLater(2, () => seen.push(clock.now()));
  clock.pump([1, 1, 1]);
  assertEquals(seen, [2]);
  assertEquals(clock.now(), 3);
});
