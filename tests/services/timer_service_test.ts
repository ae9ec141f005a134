import { type Ending, ServiceLife } from "../../services/service_life.ts";
import { MemoryReactor, recordingLogger } from "../../services/testing/mod.ts";
import { TimerService } from "../../services/timer_service.ts";
import { assertEquals, assertThrows } from "../assert.ts";

class Scene implements AsyncDisposable {
  readonly reactor = new MemoryReactor();
  readonly log = recordingLogger();
  failure: string | null = null;
  readonly life: ServiceLife = new ServiceLife({
    name: "timer",
    log: this.log,
    open: (options) => this.reactor.scope(options),
    tokens: { get: () => undefined as never, provide() {} },
  });

  static async started(ms: number, fn: (now: number) => unknown): Promise<Scene> {
    const scene = new Scene();
    void scene.life.ended.then((ending) => scene.failure = messageOf(ending));
    await scene.life.start(() => new TimerService(ms, () => fn(scene.reactor.now())));
    return scene;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const stopped = this.life.stop({ within: 0, hold: 0 });
    await this.reactor.settle();
    await stopped;
    assertEquals(this.reactor.clock.pending, [], "timers are left on the clock");
  }
}

Deno.test("TimerService calls at once, then at every interval", async () => {
  const times: number[] = [];
  await using scene = await Scene.started(1_000, (now) => times.push(now));
  await scene.reactor.advance(3_500);
  assertEquals(times, [0, 1_000, 2_000, 3_000]);
});

Deno.test("a call that throws or rejects fails the service, and is the last", async () => {
  for (const fail of [() => Promise.reject(new Error("no disk")), thrower("no disk")]) {
    let calls = 0;
    await using scene = await Scene.started(1_000, () => ++calls === 2 ? fail() : undefined);
    await scene.reactor.advance(5_000);
    assertEquals([calls, scene.failure], [2, "no disk"]);
  }
});

Deno.test("a stop waits for the call under way, and makes no more", async () => {
  const gates: PromiseWithResolvers<void>[] = [];
  await using scene = await Scene.started(1_000, () => {
    gates.push(Promise.withResolvers());
    return gates.at(-1)!.promise;
  });
  let stopped = false;
  const stop = scene.life.stop({ within: 10_000, hold: 0 }).then((leftovers) => {
    stopped = true;
    return leftovers;
  });
  await scene.reactor.advance(5_000);
  assertEquals(stopped, false);
  gates[0]!.resolve();
  assertEquals(await stop, []);
  await scene.reactor.advance(5_000);
  assertEquals(gates.length, 1);
});

Deno.test("a call that does not end is left behind at the deadline, by name", async () => {
  await using scene = await Scene.started(1_000, () => new Promise(() => {}));
  const stop = scene.life.stop({ within: 2_000, hold: 0 });
  await scene.reactor.advance(2_000);
  assertEquals(await stop, ["1 task"]);
});

Deno.test("TimerService refuses an interval that is none, when it is made", () => {
  for (const ms of [-1, NaN, Infinity]) {
    assertThrows(() => new TimerService(ms, () => {}), RangeError, `"${ms}"`);
  }
});

function messageOf(ending: Ending): string {
  return ending.kind === "failed" ? (ending.error as Error).message : "none: it finished";
}

function thrower(message: string): () => never {
  return () => {
    throw new Error(message);
  };
}
