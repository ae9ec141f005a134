/** Arranges 100,000 delayed calls, cancels half of them, lets the others run; prints the times as JSON. */
import { DenoReactor } from "../../mod.ts";

const COUNT = 100_000;
/** All are due at once, so that what is measured is the calls and not the waiting. */
const DELAY = 1_000;

const kind = Deno.args[0];
const { promise: done, resolve } = Promise.withResolvers<number>();
let left = COUNT / 2;
let firstRun = 0;
const run = (): void => {
  if (firstRun === 0) firstRun = performance.now();
  if (--left === 0) resolve(performance.now() - firstRun);
};

const before = performance.now();
let cancels: (() => void)[];
if (kind === "raw") {
  const timers = Array.from({ length: COUNT }, () => setTimeout(run, DELAY));
  cancels = timers.map((timer) => () => clearTimeout(timer));
} else {
  const reactor = new DenoReactor();
  const calls = Array.from({ length: COUNT }, () => reactor.callLater(DELAY, run));
  cancels = calls.map((call) => () => call.cancel());
}
const arranged = performance.now();
for (let i = 0; i < COUNT; i += 2) cancels[i]!();
const cancelled = performance.now();
const ran = await done;
console.log(JSON.stringify({ arrange: arranged - before, cancel: cancelled - arranged, run: ran }));
