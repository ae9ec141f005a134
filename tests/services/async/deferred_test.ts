import { AlreadyCalledError, CancelledError, TimeoutError } from "../../../services/async/errors.ts";
import { Deferred } from "../../../services/async/deferred.ts";
import { fail, maybeDeferred, succeed } from "../../../services/async/maybe_deferred.ts";
import { Clock } from "../../../services/async/clock.ts";
import { assert, assertEquals, assertInstanceOf, assertRejects, assertThrows } from "../../assert.ts";

function raise(error: unknown): never {
  throw error;
}

/** What the chain has come to, seen without waiting. */
function outcomeOf<T>(deferred: Deferred<T>): PromiseSettledResult<T> | "none yet" {
  let seen: PromiseSettledResult<T> | "none yet" = "none yet";
  deferred.addBoth((outcome) => {
    seen = outcome;
    return outcome.status === "fulfilled" ? outcome.value : undefined;
  });
  return seen;
}

/** The reasons of the unhandled rejections that `fn` causes. */
async function unhandledRejections(fn: () => void): Promise<unknown[]> {
  const reasons: unknown[] = [];
  const onUnhandled = (event: PromiseRejectionEvent) => {
    event.preventDefault();
    reasons.push(event.reason);
  };
  addEventListener("unhandledrejection", onUnhandled);
  fn();
  await new Clock().advanceAsync(0);
  removeEventListener("unhandledrejection", onUnhandled);
  return reasons;
}

Deno.test("Deferred runs callbacks in the stack of callback(), each with what the one before returned", () => {
  const seen: unknown[] = [];
  const deferred = new Deferred<string>();
  deferred
    .addCallback((text) => text.length)
    .addCallback((length) => seen.push(length));
  assertEquals([seen, deferred.called], [[], false]);
  deferred.callback("four");
  assertEquals([seen, deferred.called], [[4], true]);
});

Deno.test("Deferred runs a callback at once when the value is there", () => {
  const seen: number[] = [];
  succeed(1).addCallback((n) => seen.push(n));
  assertEquals(seen, [1]);
});

// The figure of Twisted's "Deferred Reference": callbacks and errbacks as two lines with crossings.
Deno.test("Deferred goes over to the errbacks when a callback throws, and back when an errback returns", () => {
  const seen: string[] = [];
  const deferred = new Deferred<number>();
  deferred
    .addCallback((n) => seen.push(`callback ${n}`))
    .addCallback((): string => raise(new Error("boom")))
    .addCallback(() => seen.push("skipped"))
    .addErrback((error) => (error as Error).message)
    .addErrback(() => seen.push("skipped"))
    .addCallback((result) => seen.push(`recovered from ${result}`));
  deferred.callback(1);
  assertEquals(seen, ["callback 1", "recovered from boom"]);
});

Deno.test("Deferred.errback() begins with the errbacks", () => {
  const deferred = new Deferred<number>();
  const result = deferred.addCallbacks((n) => n + 1, (error) => String(error));
  deferred.errback("no");
  assertEquals(outcomeOf(result), { status: "fulfilled", value: "no" });
});

Deno.test("Deferred.addCallbacks() does not give the errback what its own callback throws", () => {
  const result = succeed(1).addCallbacks(() => raise("boom"), () => "handled");
  assertEquals(outcomeOf(result), { status: "rejected", reason: "boom" });
});

Deno.test("Deferred.addBoth() sees either outcome", () => {
  assertEquals(outcomeOf(succeed(1).addBoth(({ status }) => status)), {
    status: "fulfilled",
    value: "fulfilled",
  });
  assertEquals(outcomeOf(fail(1).addBoth(({ status }) => status)), {
    status: "fulfilled",
    value: "rejected",
  });
});

Deno.test("Deferred may be called back once", () => {
  const deferred = succeed(1);
  assertThrows(() => deferred.callback(2), AlreadyCalledError);
  assertThrows(() => deferred.errback(2), AlreadyCalledError);
});

Deno.test("Deferred.callback() refuses a promise", () => {
  const deferred = new Deferred<unknown>();
  assertThrows(() => deferred.callback(succeed(1)), TypeError, "use Deferred.fromPromise");
  assertThrows(() => deferred.callback(Promise.resolve()), TypeError);
  assert(!deferred.called);
});

Deno.test("Deferred keeps the order of callbacks that are added while one runs", () => {
  const seen: string[] = [];
  const deferred = new Deferred<void>();
  deferred.addCallback(() => {
    deferred.addCallback(() => seen.push("c"));
    seen.push("a");
  });
  deferred.addCallback(() => seen.push("b"));
  deferred.callback();
  assertEquals(seen, ["a", "b", "c"]);
});

Deno.test("Deferred waits for a Deferred that a callback returned", () => {
  const inner = new Deferred<string>();
  const outer = succeed(1).addCallback(() => inner).addCallback((text) => text.length);
  assertEquals(outcomeOf(outer), "none yet");
  inner.callback("four");
  assertEquals(outcomeOf(outer), { status: "fulfilled", value: 4 });
});

Deno.test("Deferred takes over at once from one that has its result, value or failure", () => {
  assertEquals(outcomeOf(succeed(1).addCallback(() => succeed(2))), { status: "fulfilled", value: 2 });
  assertEquals(outcomeOf(succeed(1).addCallback(() => fail(2))), { status: "rejected", reason: 2 });
});

Deno.test("Deferred waits for a promise that a callback returned", async () => {
  const seen: number[] = [];
  await succeed(1).addCallback((n) => Promise.resolve(n + 1)).addCallback((n) => seen.push(n));
  assertEquals(seen, [2]);
  assertEquals(await succeed(1).addCallback(() => Promise.reject(3)).addErrback((error) => error), 3);
});

Deno.test("Deferred may be what several others wait for, also from within one of them", () => {
  const inner = new Deferred<number>();
  const seen: string[] = [];
  const wait = (name: string) =>
    succeed(name).addCallback(() => inner).addCallback((n) => void seen.push(`${name} ${n}`));
  wait("a").addCallback(() => wait("c"));
  wait("b");
  inner.callback(1);
  assertEquals(seen.toSorted(), ["a 1", "b 1", "c 1"]);
  assertEquals(outcomeOf(inner), { status: "fulfilled", value: 1 });
});

Deno.test("Deferred fails, instead of waiting for ever, when a callback returns the Deferred itself", () => {
  const deferred = new Deferred<unknown>();
  deferred.addCallback(() => deferred);
  deferred.callback(1);
  const outcome = outcomeOf(deferred);
  assert(outcome !== "none yet" && outcome.status === "rejected");
  assertInstanceOf(outcome.reason, TypeError);
});

Deno.test("Deferred resumes a chain of 100,000 that wait for each other without using up the stack", () => {
  const innermost = new Deferred<number>();
  let outermost = innermost;
  for (let i = 0; i < 100_000; i++) {
    const waits = outermost;
    outermost = succeed(0).addCallback(() => waits).addCallback((n) => n + 1);
  }
  innermost.callback(0);
  assertEquals(outcomeOf(outermost), { status: "fulfilled", value: 100_000 });
});

Deno.test("Deferred.cancel() reaches the innermost of 100,000 that wait for each other", () => {
  const innermost = new Deferred<number>();
  let outermost = innermost;
  for (let i = 0; i < 100_000; i++) {
    const waits = outermost;
    outermost = succeed(0).addCallback(() => waits);
  }
  outermost.addErrback(() => -1);
  outermost.cancel();
  assertEquals(outcomeOf(outermost), { status: "fulfilled", value: -1 });
});

Deno.test("Deferred.cancel() fails it with CancelledError and swallows one late result", async () => {
  const deferred = new Deferred<number>();
  deferred.cancel();
  deferred.cancel();
  deferred.callback(1);
  assertThrows(() => deferred.callback(2), AlreadyCalledError);
  await assertRejects(() => deferred.toPromise(), CancelledError);
});

Deno.test("Deferred.cancel() swallows a late result that an errback provokes", () => {
  const deferred = new Deferred<number>();
  deferred.addErrback(() => deferred.callback(1));
  deferred.cancel();
  assertEquals(outcomeOf(deferred), { status: "fulfilled", value: undefined as unknown as number });
});

Deno.test("Deferred.cancel() calls the canceller, which may give the result", () => {
  const cancelled: unknown[] = [];
  const plain = new Deferred<number>((deferred) => cancelled.push(deferred));
  plain.cancel();
  assertEquals(cancelled.length, 1);
  assert(cancelled[0] === plain);
  assertThrows(() => plain.callback(1), AlreadyCalledError);
  plain.addErrback((error) => assertInstanceOf(error, CancelledError));

  const partial = new Deferred<number>((deferred) => deferred.callback(7));
  partial.cancel();
  assertEquals(outcomeOf(partial), { status: "fulfilled", value: 7 });

  const throwing = new Deferred<number>(() => raise("stuck"));
  throwing.cancel();
  assertEquals(outcomeOf(throwing), { status: "rejected", reason: "stuck" });
});

Deno.test("Deferred.cancel() goes inward to what the chain waits for", () => {
  let innerCancelled = 0;
  let outerCancelled = 0;
  const inner = new Deferred<number>(() => innerCancelled++);
  const outer = new Deferred<void>(() => outerCancelled++);
  const result = outer.addCallback(() => inner).addErrback((error) => error);
  outer.callback();
  result.cancel();
  assertEquals([innerCancelled, outerCancelled], [1, 0]);
  result.addCallback((error) => assertInstanceOf(error, CancelledError));
});

Deno.test("Deferred.cancel() leaves a promise behind and ignores its outcome", async () => {
  const { promise, reject } = Promise.withResolvers<number>();
  const result = succeed(1).addCallback(() => promise).addErrback((error) => (error as Error).name);
  result.cancel();
  reject(new Error("late"));
  assertEquals(await result, "CancelledError");
});

Deno.test("Deferred.cancel() does nothing once the chain has ended", () => {
  const deferred = succeed(1);
  deferred.cancel();
  assertEquals(outcomeOf(deferred), { status: "fulfilled", value: 1 });
});

Deno.test("Deferred.fromPromise() can abort what is behind the promise", async () => {
  const controller = new AbortController();
  const promise = new Promise<number>((_, reject) => {
    controller.signal.addEventListener("abort", () => reject(controller.signal.reason));
  });
  const deferred = Deferred.fromPromise(promise, () => controller.abort());
  deferred.cancel();
  assert(controller.signal.aborted);
  await assertRejects(() => deferred.toPromise(), CancelledError);
  const late = Deferred.fromPromise(Promise.resolve("late"), () => {}).addErrback(() => "cancelled");
  late.cancel();
  assertEquals(await late, "cancelled");
  assertEquals(await Deferred.fromPromise(Promise.resolve(1)), 1);
  assertEquals(await Deferred.fromPromise(Promise.reject(2)).addErrback((error) => error), 2);
});

Deno.test("Deferred.addTimeout() fails with TimeoutError", () => {
  const clock = new Clock();
  const result = new Deferred<number>().addTimeout(500, clock).addErrback((error) => error);
  clock.advance(499);
  assertEquals(clock.pending, [500]);
  clock.advance(1);
  result.addCallback((error) => {
    assertInstanceOf(error, TimeoutError);
    assertEquals(error.message, "No result within 500 ms");
  });
});

Deno.test("Deferred.addTimeout() leaves no timer behind, and no trace, when the result is in time", () => {
  const clock = new Clock();
  const failing = new Deferred<number>().addTimeout(500, clock);
  const deferred = new Deferred<number>().addTimeout(500, clock);
  deferred.callback(1);
  failing.errback("no");
  assertEquals(clock.pending, []);
  assertEquals(outcomeOf(deferred), { status: "fulfilled", value: 1 });
  assertEquals(outcomeOf(failing), { status: "rejected", reason: "no" });
});

Deno.test("Deferred.addTimeout() leaves a CancelledError of other origin as it is", () => {
  const clock = new Clock();
  const deferred = new Deferred<number>().addTimeout(500, clock);
  deferred.cancel();
  const outcome = outcomeOf(deferred);
  assert(outcome !== "none yet" && outcome.status === "rejected");
  assertInstanceOf(outcome.reason, CancelledError);
});

Deno.test("Deferred can be awaited more than once, and shows its place in the chain", async () => {
  const deferred = new Deferred<number>();
  const before = deferred.toPromise();
  const after = deferred.addCallback((n) => n + 1).toPromise();
  deferred.callback(1);
  assertEquals([await before, await after, await deferred, await deferred], [1, 2, 2, 2]);
});

Deno.test("Deferred reports a failure that nobody handles as an unhandled rejection", async () => {
  assertEquals(await unhandledRejections(() => void fail("lost")), ["lost"]);
  assertEquals(
    await unhandledRejections(() => void succeed(1).addCallback(() => fail("inner"))),
    ["inner"],
    "once, not for the inner one too",
  );
  assertEquals(
    await unhandledRejections(() => void fail("first").addErrback(() => raise("second"))),
    ["second"],
  );
  assertEquals(
    await unhandledRejections(() => {
      const deferred = fail("first");
      deferred.toPromise().catch(() => {});
      deferred.addErrback(() => raise("second"));
    }),
    ["second"],
    "though the first was seen",
  );
});

Deno.test("Deferred reports no failure that somebody handles in time", async () => {
  const reasons = await unhandledRejections(() => {
    fail(1).addCallback(() => {}).addErrback(() => {});
    fail(2).toPromise().catch(() => {});
    fail(3).then(null, () => {});
    const late = fail(4);
    queueMicrotask(() => late.addErrback(() => {}));
  });
  assertEquals(reasons, []);
});

Deno.test("Deferred reports a failure once when it is awaited", async () => {
  assertEquals(await unhandledRejections(() => void fail("lost").toPromise()), ["lost"]);
});

Deno.test("maybeDeferred() makes a Deferred of whatever the function does", async () => {
  const inner = new Deferred<number>();
  assertEquals(outcomeOf(maybeDeferred(() => 1)), { status: "fulfilled", value: 1 });
  assertEquals(outcomeOf(maybeDeferred(() => raise("boom"))), { status: "rejected", reason: "boom" });
  assertEquals(outcomeOf(maybeDeferred(() => inner)), "none yet");
  assertEquals(await maybeDeferred(() => Promise.resolve(2)), 2);
});
