import type { Outcome } from "../../../../plugins/smtp/client/outgoing.ts";
import { type Job, Lanes } from "../../../../plugins/smtp/relay/lanes.ts";
import type { Routes } from "../../../../plugins/smtp/relay/routes.ts";
import { Clock } from "../../../../services/testing/mod.ts";
import { assert, assertEquals } from "../../../assert.ts";

const delivered: Outcome = {
  kind: "delivered",
  status: "2.0.0",
  answer: "250",
  byServer: true,
  reportsSuccess: true,
};

/** Destinations that take a turn of the event loop for each message, and count who is connected. */
class Destinations implements Routes {
  readonly connected = new Map<string, number>();
  most = 0;
  mostOfOne = 0;
  opened = 0;

  keyFor(address: string): string {
    return address;
  }

  open(key: string) {
    this.opened++;
    this.#change(key, 1);
    return Promise.resolve({
      usable: true,
      deliver: async () => {
        await new Promise<void>((resolve) => queueMicrotask(resolve));
        return [delivered];
      },
      quit: () => Promise.resolve(this.#change(key, -1)),
    });
  }

  #change(key: string, by: number): void {
    this.connected.set(key, (this.connected.get(key) ?? 0) + by);
    this.mostOfOne = Math.max(this.mostOfOne, this.connected.get(key)!);
    this.most = Math.max(this.most, [...this.connected.values()].reduce((sum, count) => sum + count, 0));
  }
}

function job(key: string, done: () => void): Job {
  return { key, recipients: [], message: () => ({}) as never, done };
}

Deno.test("Lanes serve many destinations with few connections, and each of them in the end", async () => {
  const [clock, routes] = [new Clock(), new Destinations()];
  const lanes = new Lanes(routes, clock, { connections: 7, connectionsPerDestination: 3 });
  const done = new Map<string, number>();
  const JOBS = 600;
  for (let at = 0; at < JOBS; at++) {
    const key = `d${at % 40}`;
    lanes.add(job(key, () => void done.set(key, (done.get(key) ?? 0) + 1)));
  }
  const total = () => [...done.values()].reduce((sum, count) => sum + count, 0);
  for (let turn = 0; total() < JOBS && turn < 1000; turn++) await clock.advanceAsync(2_000);
  assertEquals([done.size, new Set(done.values())], [40, new Set([JOBS / 40])]);
  assert(routes.most <= 7, `${routes.most} connections`);
  assert(routes.mostOfOne <= 3);
  lanes.stop();
  await lanes.settled();
  assertEquals(new Set(routes.connected.values()), new Set([0]));
});

Deno.test("Lanes keep a session for the next message for a while, unless others need the place", async () => {
  const [clock, routes] = [new Clock(), new Destinations()];
  const lanes = new Lanes(routes, clock, { connections: 1, connectionsPerDestination: 1 });
  const done: string[] = [];
  const add = async (key: string, wait: number) => {
    lanes.add(job(key, () => void done.push(key)));
    await clock.advanceAsync(wait);
  };
  await add("a", 500);
  await add("a", 500);
  assertEquals([done, routes.opened], [["a", "a"], 1]);
  await add("b", 0);
  await clock.advanceAsync(0);
  assertEquals([done, routes.opened], [["a", "a", "b"], 2]);
  await clock.advanceAsync(5_000);
  await add("b", 0);
  assertEquals([done.length, routes.opened], [4, 3]);
  lanes.stop();
  await lanes.settled();
});

Deno.test("Lanes with ten thousand destinations are not slow", async () => {
  const [clock, routes] = [new Clock(), new Destinations()];
  routes.open = () =>
    Promise.resolve({
      usable: true,
      deliver: () => Promise.resolve([delivered]),
      quit: () => Promise.resolve(),
    });
  const lanes = new Lanes(routes, clock, { connections: 10, connectionsPerDestination: 5 });
  let done = 0;
  const begin = performance.now();
  for (let at = 0; at < 10_000; at++) lanes.add(job(`d${at}`, () => void done++));
  while (done < 10_000) await clock.advanceAsync(0);
  // It takes half a second; a look at all lanes for each message would take minutes.
  assert(performance.now() - begin < 60_000);
  lanes.stop();
  await lanes.settled();
});
