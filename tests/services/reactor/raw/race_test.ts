import { Clock } from "../../../../services/async/clock.ts";
import { race } from "../../../../services/reactor/raw/_race.ts";
import { interleaveFamilies } from "../../../../services/reactor/raw/_resolve.ts";
import { assertEquals, assertRejects, assertStrictEquals } from "../../../assert.ts";

/** Attempts that a test answers, on a clock that it advances. */
class Track {
  readonly clock = new Clock();
  readonly ending = new AbortController();
  readonly attempts: string[] = [];
  readonly aborted: string[] = [];
  readonly discarded: string[] = [];
  readonly #answers = new Map<string, PromiseWithResolvers<string>>();

  race(candidates: readonly string[]): Promise<string> {
    return race(candidates, (candidate, signal) => {
      this.attempts.push(candidate);
      signal.addEventListener("abort", () => this.aborted.push(candidate));
      const answer = Promise.withResolvers<string>();
      this.#answers.set(candidate, answer);
      return answer.promise;
    }, {
      time: this.clock,
      signal: this.ending.signal,
      discard: (late) => this.discarded.push(late),
    });
  }

  succeed(candidate: string): Promise<void> {
    this.#answers.get(candidate)!.resolve(`to ${candidate}`);
    return this.clock.advanceAsync(0);
  }

  fail(candidate: string): Promise<void> {
    this.#answers.get(candidate)!.reject(new Error(`no ${candidate}`));
    return this.clock.advanceAsync(0);
  }
}

Deno.test("race() tries the next address every 250 ms, and aborts the losers", async () => {
  const track = new Track();
  const won = track.race(["a", "b", "c"]);
  assertEquals(track.attempts, ["a"]);
  track.clock.advance(249);
  assertEquals(track.attempts, ["a"]);
  track.clock.advance(1);
  assertEquals(track.attempts, ["a", "b"]);
  track.clock.advance(250);
  assertEquals(track.attempts, ["a", "b", "c"]);
  await track.succeed("b");
  assertEquals(await won, "to b");
  assertEquals(track.aborted, ["a", "c"]);
  await track.succeed("a");
  await track.fail("c");
  assertEquals(track.discarded, ["to a"]);
  assertEquals(track.clock.pending, []);
});

Deno.test("race() tries the next address at once when one fails", async () => {
  const track = new Track();
  const won = track.race(["a", "b", "c"]);
  await track.fail("a");
  assertEquals(track.attempts, ["a", "b"]);
  track.clock.advance(249);
  assertEquals(track.attempts, ["a", "b"]);
  await track.succeed("b");
  assertEquals(await won, "to b");
  assertEquals(track.attempts, ["a", "b"]);
  assertEquals(track.clock.pending, []);
});

Deno.test("race() waits for the slowest, and rejects with the last error", async () => {
  const track = new Track();
  const lost = assertRejects(() => track.race(["a", "b"]), Error, "no a");
  track.clock.advance(250);
  await track.fail("b");
  await track.fail("a");
  await lost;
  assertEquals(track.clock.pending, []);
});

Deno.test("race() ends at once when it is aborted", async () => {
  const track = new Track();
  const reason = new Error("enough");
  const lost = assertRejects(() => track.race(["a", "b"]));
  track.ending.abort(reason);
  assertStrictEquals(await lost, reason);
  assertEquals(track.aborted, ["a"]);
  await track.succeed("a");
  assertEquals(track.discarded, ["to a"]);
  assertEquals(track.clock.pending, []);
  assertStrictEquals(await assertRejects(() => track.race(["c"])), reason);
  assertEquals(track.attempts, ["a"]);
});

Deno.test("interleaveFamilies() takes turns, from the family that the resolver preferred", () => {
  assertEquals(interleaveFamilies(["::1", "::2", "::3", "10.0.0.1", "::1"]), [
    "::1",
    "10.0.0.1",
    "::2",
    "::3",
  ]);
  assertEquals(interleaveFamilies(["10.0.0.1", "10.0.0.2", "::1"]), ["10.0.0.1", "::1", "10.0.0.2"]);
  assertEquals(interleaveFamilies([]), []);
});
