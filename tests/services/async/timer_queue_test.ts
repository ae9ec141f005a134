import fc from "fast-check";
import { AlreadyCalledError } from "../../../services/async/errors.ts";
import type { DelayedCall } from "../../../services/async/time.ts";
import { TimerQueue } from "../../../services/async/timer_queue.ts";
import { assert, assertEquals, assertFalse, assertStrictEquals, assertThrows } from "../../assert.ts";
import { checkProperty } from "../../property.ts";

/** A queue whose present the test sets, and what it told its owner. */
function makeQueue(): { queue: TimerQueue; owner: { time: number; earlier: number[] } } {
  const owner = {
    time: 0,
    earlier: [] as number[],
    now: () => owner.time,
    onEarlier: (time: number) => void owner.earlier.push(time),
  };
  return { queue: new TimerQueue(owner), owner };
}

function drain(queue: TimerQueue, now: number, mark?: number): void {
  for (let call = queue.popDue(now, mark); call !== null; call = queue.popDue(now, mark)) call.run();
}

const NOTHING = () => {};

Deno.test("TimerQueue hands out what is due, by time, then by arrangement", () => {
  const { queue } = makeQueue();
  const seen: string[] = [];
  const see = (name: string) => void seen.push(name);
  queue.add(2, see, "b");
  queue.add(1, see, "a");
  queue.add(2, see, "c");
  queue.add(3, see, "d");
  drain(queue, 2);
  assertEquals(seen, ["a", "b", "c"]);
  assertEquals(queue.nextTime(), 3);
  assertEquals(queue.size, 1);
});

Deno.test("TimerQueue.popDue() leaves what was arranged after the mark for the next turn", () => {
  const { queue } = makeQueue();
  const seen: number[] = [];
  const again = (n: number) => {
    seen.push(n);
    queue.add(0, again, n + 1);
  };
  again(0);
  drain(queue, 0, queue.mark);
  assertEquals(seen, [0, 1]);
  drain(queue, 0, queue.mark);
  assertEquals(seen, [0, 1, 2]);
});

Deno.test("TimerQueue tells its owner when the earliest time comes nearer, and only then", () => {
  const { queue, owner } = makeQueue();
  queue.add(10, NOTHING);
  queue.add(20, NOTHING);
  const late = queue.add(30, NOTHING);
  queue.add(5, NOTHING);
  late.reset(40);
  late.reset(7);
  late.reset(1);
  late.delay(-0.5);
  assertEquals(owner.earlier, [10, 5, 1, 0.5]);
});

Deno.test("TimerQueue tells its owner when the last call was cancelled, and of the next that is added", () => {
  const told: (number | "empty")[] = [];
  const queue = new TimerQueue({
    now: () => 0,
    onEarlier: (time) => void told.push(time),
    onEmpty: () => void told.push("empty"),
  });
  const [first, second] = [queue.add(10, NOTHING), queue.add(20, NOTHING)];
  first.cancel();
  second.cancel();
  queue.add(30, NOTHING);
  queue.clear();
  queue.clear();
  queue.add(40, NOTHING);
  assertEquals(told, [10, "empty", 30, "empty", 40]);
});

Deno.test("TimerQueue.clear() cancels every call", () => {
  const { queue } = makeQueue();
  const call = queue.add(1, NOTHING);
  queue.clear();
  assertFalse(call.active);
  call.cancel();
  assertEquals([queue.size, queue.nextTime(), queue.times()], [0, null, []]);
});

Deno.test("DelayedCall.cancel() is idempotent and forgets the call", () => {
  const { queue } = makeQueue();
  const call = queue.add(1, () => assert(false));
  assert(call.active);
  call.cancel();
  call.cancel();
  assertFalse(call.active);
  assertEquals([queue.size, queue.nextTime(), queue.popDue(1)], [0, null, null]);
});

Deno.test("DelayedCall.reset() counts from now, delay() from when it was due", () => {
  const { queue, owner } = makeQueue();
  const call = queue.add(10, NOTHING);
  owner.time = 4;
  call.reset(10);
  assertEquals([call.time, queue.nextTime()], [14, 14]);
  call.delay(6);
  assertEquals([call.time, queue.nextTime()], [20, 20]);
  call.delay(-100);
  assertEquals([call.time, queue.nextTime()], [4, 4]);
});

Deno.test("DelayedCall.reset() and delay() refuse what is not a delay", () => {
  const { queue } = makeQueue();
  const call = queue.add(10, NOTHING);
  assertThrows(() => call.reset(-1), RangeError, 'Cannot delay a call by "-1" ms');
  assertThrows(() => call.delay(NaN), RangeError, 'Cannot delay a call by "NaN" ms');
  assertEquals(call.time, 10);
});

Deno.test("DelayedCall.reset() and delay() throw once the call was called or cancelled", () => {
  const { queue } = makeQueue();
  const cancelled = queue.add(1, NOTHING);
  cancelled.cancel();
  const called = queue.add(1, NOTHING);
  drain(queue, 1);
  assertThrows(() => cancelled.reset(1), AlreadyCalledError, "Cannot reset a call that was cancelled");
  assertThrows(() => called.delay(1), AlreadyCalledError, "Cannot delay a call that was called");
  called.cancel();
  assertEquals(queue.size, 0);
});

Deno.test("DelayedCall is no longer active while it runs", () => {
  const { queue } = makeQueue();
  const call: DelayedCall = queue.add(1, () => {
    assertFalse(call.active);
    call.cancel();
  });
  drain(queue, 1);
  assertEquals(queue.size, 0);
});

Deno.test("TimerQueue lets what a call throws come through, and stays usable", () => {
  const { queue } = makeQueue();
  const boom = new Error("boom");
  queue.add(1, () => {
    throw boom;
  });
  queue.add(1, NOTHING);
  assertStrictEquals(assertThrows(() => drain(queue, 1)), boom);
  drain(queue, 1);
  assertEquals(queue.size, 0);
});

/** The same as a sorted array, and what an owner with one system timer would have it set to. */
class Model {
  calls: { id: number; time: number; call: DelayedCall }[] = [];
  armed = Infinity;

  next(): number {
    return Math.min(Infinity, ...this.calls.map(({ time }) => time));
  }

  takeDue(now: number): number[] {
    const due = this.calls.filter(({ time }) => time <= now);
    this.calls = this.calls.filter(({ time }) => time > now);
    return due.sort((a, b) => a.time - b.time || a.id - b.id).map(({ id }) => id);
  }
}

const delay = fc.integer({ min: 0, max: 20 });
const pick = fc.nat({ max: 1000 });
const step = fc.oneof(
  fc.record({ do: fc.constant("add" as const), times: fc.array(delay, { maxLength: 50, size: "max" }) }),
  fc.record({ do: fc.constant("cancel" as const), from: pick, count: fc.nat({ max: 60 }) }),
  fc.record({ do: fc.constant("reset" as const), at: pick, ms: delay }),
  fc.record({ do: fc.constant("delay" as const), at: pick, ms: fc.integer({ min: -20, max: 20 }) }),
  fc.record({ do: fc.constant("pass" as const), ms: fc.integer({ min: 0, max: 8 }) }),
);

Deno.test("TimerQueue does the same as a sorted array, whatever is done to it", () => {
  checkProperty(
    fc.property(fc.array(step, { maxLength: 60, size: "max" }), (steps) => {
      const model = new Model();
      let now = 0;
      let ids = 0;
      let ran: number[] = [];
      const queue = new TimerQueue({
        now: () => now,
        onEarlier: (time) => {
          assert(time < model.next(), "told of a time that is no earlier");
          model.armed = time;
        },
        onEmpty: () => {
          assertEquals(model.next(), Infinity, "told that it is empty");
          model.armed = Infinity;
        },
      });
      for (const step of steps) {
        if (step.do === "add") {
          for (const ms of step.times) {
            const id = ids++;
            const call = queue.add(now + ms, (id: number) => void ran.push(id), id);
            model.calls.push({ id, time: now + ms, call });
          }
        } else if (step.do === "cancel") {
          for (const { call } of model.calls.splice(step.from % (model.calls.length + 1), step.count)) {
            call.cancel();
          }
        } else if (step.do === "pass") {
          now += step.ms;
          ran = [];
          drain(queue, now);
          assertEquals(ran, model.takeDue(now));
          model.armed = queue.nextTime() ?? Infinity;
        } else {
          const chosen = model.calls[step.at % model.calls.length];
          if (chosen === undefined) continue;
          const time = step.do === "reset" ? now + step.ms : Math.max(now, chosen.time + step.ms);
          if (step.do === "reset") chosen.call.reset(step.ms);
          else chosen.call.delay(step.ms);
          chosen.time = time;
          assertEquals(chosen.call.time, time);
        }
        assertEquals(queue.size, model.calls.length);
        assert(model.armed <= model.next(), "the owner would wake up too late");
      }
      assertEquals(queue.times(), model.calls.map(({ time }) => time).sort((a, b) => a - b));
      assertEquals(queue.nextTime() ?? Infinity, model.next());
    }),
    { numRuns: 300 },
  );
});
