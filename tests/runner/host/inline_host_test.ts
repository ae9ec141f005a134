import { Echo } from "../../../plugins/echo/echo.ts";
import type { ServiceContext } from "../../../services/context.ts";
import { DatagramProtocol } from "../../../services/protocol/datagram_protocol.ts";
import { Protocol } from "../../../services/protocol/protocol.ts";
import { formatAddress } from "../../../services/reactor/address.ts";
import type { Service } from "../../../services/service.ts";
import { assert, assertEquals, assertRejects } from "../../assert.ts";
import { endingOf, HostScene } from "./_scene.ts";

const never = new Promise<never>(() => {});

/** Something to release, that leaves a trace. */
function resource(name: string, trace: string[]): Disposable {
  return { [Symbol.dispose]: () => void trace.push(`${name} released`) };
}

/** Opens one of each kind. */
async function openEverything(ctx: ServiceContext, trace: string[]): Promise<void> {
  ctx.use(resource("resource", trace));
  await ctx.reactor.listen("tcp:1", () => new Protocol());
  await ctx.reactor.listenDatagram("udp:1", new DatagramProtocol());
  await ctx.reactor.connect("tcp:127.0.0.1:1", () => new Protocol());
  ctx.reactor.callLater(50, () => trace.push("timer ran"));
  ctx.spawn(async (signal) => {
    await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
    trace.push("task ended");
  });
}

Deno.test("a start that fails is rolled back by stop: everything it had opened is released", async () => {
  await using scene = new HostScene();
  const trace: string[] = [];
  const instance = scene.launch("web", {
    async start(ctx) {
      await openEverything(ctx, trace);
      throw new Error("no database");
    },
    stop: () => void trace.push("service stopped"),
  });
  await assertRejects(() => instance.start(new AbortController().signal), Error, "no database");
  assertEquals(instance.stats().endpoints.map(formatAddress), ["tcp:0.0.0.0:1", "udp:0.0.0.0:1"]);
  await scene.stop(instance, { within: 0 });
  await scene.reactor.advance(100);
  assertEquals(trace, ["task ended", "resource released"]);
  assertEquals([instance.stats().endpoints, scene.reactor.clock.pending], [[], []]);
  await assertRejects(() => scene.connect("tcp:127.0.0.1:1"), Error, "refused");
});

Deno.test("a start that is given up half-way is rolled back, and can open nothing afterwards", async () => {
  await using scene = new HostScene();
  const trace: string[] = [];
  const gate = Promise.withResolvers<void>();
  const late = Promise.withResolvers<unknown>();
  const instance = scene.launch("web", {
    async start(ctx) {
      await openEverything(ctx, trace);
      await gate.promise;
      late.resolve(ctx.reactor.listen("tcp:2", () => new Protocol()).catch((error) => error));
    },
  });
  const giveUp = new AbortController();
  const started = instance.start(giveUp.signal);
  await scene.reactor.settle();
  giveUp.abort(new Error("start took too long"));
  await assertRejects(() => started, Error, "start took too long");
  await scene.stop(instance, { within: 0 });
  assertEquals(trace, ["task ended", "resource released"]);
  gate.resolve();
  const refusal = await late.promise;
  assert(refusal instanceof DOMException);
  assertEquals(refusal.message, 'Cannot listen: service "web" is stopping');
});

Deno.test("a stop ends a start that is under way", async () => {
  await using scene = new HostScene();
  const instance = scene.launch("web", { start: () => never });
  const started = instance.start(new AbortController().signal);
  const told = assertRejects(() => started, Error, 'Service "web" was stopped while it started');
  await scene.stop(instance);
  await told;
});

Deno.test("a service that is made too late is not started any more", async () => {
  await using scene = new HostScene();
  const made = Promise.withResolvers<Service>();
  let startedLate = false;
  const instance = scene.launch("web", () => made.promise);
  const started = instance.start(new AbortController().signal).catch(() => {});
  await scene.stop(instance);
  made.resolve({ start: () => void (startedLate = true) });
  await started;
  await scene.reactor.settle();
  assertEquals(startedLate, false);
});

Deno.test("a makeService that throws is a failed start", async () => {
  await using scene = new HostScene();
  const instance = scene.launch("web", () => {
    throw new Error("bad options");
  });
  await assertRejects(() => instance.start(new AbortController().signal), Error, "bad options");
});

Deno.test("a start with an aborted signal makes nothing", async () => {
  await using scene = new HostScene();
  let made = 0;
  const instance = scene.launch("web", () => ({ start: () => made++ }));
  await assertRejects(() => instance.start(AbortSignal.abort(new Error("too late"))), Error, "too late");
  assertEquals(made, 0);
});

Deno.test("a stop drains, then calls the service's stop, then releases last-in first-out", async () => {
  await using scene = new HostScene();
  const trace: string[] = [];
  class Farewell extends Protocol {
    override drainRequested(): void {
      trace.push("drain asked");
      this.transport.loseConnection();
    }
    override connectionLost(): void {
      trace.push("connection over");
    }
  }
  const instance = await scene.started("web", {
    async start(ctx) {
      ctx.draining.addEventListener("abort", () => trace.push("draining"));
      ctx.signal.addEventListener("abort", () => trace.push("signal"));
      ctx.use(resource("first", trace));
      ctx.use(resource("second", trace));
      await ctx.reactor.listen("tcp:1", () => new Farewell());
      ctx.use(resource("third", trace));
    },
    stop: () => void trace.push("service stopped"),
  });
  const client = await scene.connect("tcp:127.0.0.1:1");
  assertEquals(await scene.stop(instance), []);
  assertEquals(trace, [
    "draining",
    "drain asked",
    "connection over",
    "service stopped",
    "signal",
    "third released",
    "second released",
    "first released",
  ]);
  assert(client.reason?.clean);
});

Deno.test("what does not end in time is cut and named", async () => {
  await using scene = new HostScene();
  class Stubborn extends Protocol {
    override drainRequested(): void {}
  }
  const instance = await scene.started("web", {
    async start(ctx) {
      await ctx.reactor.listen("tcp:1", () => new Stubborn());
      ctx.spawn(() => never);
      ctx.use({ [Symbol.asyncDispose]: () => never });
    },
  });
  const [one, two] = [await scene.connect("tcp:127.0.0.1:1"), await scene.connect("tcp:127.0.0.1:1")];
  const stopped = instance.stop({ within: 1_000, hold: 0 });
  await scene.reactor.advance(999);
  assertEquals([one.closed, two.closed], [false, false]);
  await scene.reactor.advance(1);
  assertEquals([one.closed, two.closed], [true, true]);
  await scene.reactor.advance(5_000);
  const { leftovers } = await stopped;
  assertEquals(leftovers.map((leftover) => leftover.replace(/:\d{5}/, ":PORT")), [
    "connection from tcp:127.0.0.1:PORT and 1 more",
    "1 task",
    "resource Object",
  ]);
});

Deno.test("a stop of the service that hangs is bounded by the deadline, and one that throws is logged", async () => {
  await using scene = new HostScene();
  const hanging = await scene.started("hanging", { start() {}, stop: () => never });
  await scene.stop(hanging, { within: 300 });
  assertEquals(scene.reactor.now(), 300);
  const throwing = await scene.started("throwing", {
    start() {},
    stop() {
      throw new Error("lid is stuck");
    },
  });
  assertEquals(await scene.stop(throwing), []);
  const [record] = scene.log.records;
  assertEquals([record?.level, record?.message], ["error", "Service failed while it stopped"]);
});

Deno.test("the sooner deadline of two stops holds", async () => {
  await using scene = new HostScene();
  const instance = await scene.started("web", { start: (ctx) => ctx.spawn(() => never) });
  const stopped = instance.stop({ within: 60_000, hold: 0 });
  await scene.reactor.advance(10);
  const hastened = instance.stop({ within: 0, hold: 0 });
  await scene.reactor.advance(0);
  assertEquals([(await stopped).leftovers, (await hastened).leftovers], [["1 task"], ["1 task"]]);
});

Deno.test("it ends when a task rejects, a timer throws, or the service says so", async () => {
  const ways: Record<string, (ctx: ServiceContext) => void> = {
    "failed: task": (ctx) => ctx.spawn(() => Promise.reject(new Error("task"))),
    "failed: timer": (ctx) =>
      void ctx.reactor.callLater(10, () => {
        throw new Error("timer");
      }),
    "failed: said so": (ctx) => ctx.fail(new Error("said so")),
    "finished: 42": (ctx) => ctx.finish(42),
    "running": (ctx) => ctx.spawn(() => Promise.resolve()),
  };
  for (const [expected, end] of Object.entries(ways)) {
    await using scene = new HostScene();
    let context: ServiceContext | undefined;
    const instance = await scene.started("web", { start: (ctx) => void (context = ctx) });
    end(context!);
    await scene.reactor.advance(10);
    assertEquals(await endingOf(instance), expected);
  }
});

Deno.test("what fails while the service starts fails its start; one may finish while it starts", async () => {
  await using scene = new HostScene();
  const failing = scene.launch("failing", {
    start(ctx) {
      ctx.spawn(() => Promise.reject(new Error("task")));
      return never;
    },
  });
  await assertRejects(() => failing.start(new AbortController().signal), Error, "task");
  assertEquals(await endingOf(failing), "failed: task");

  const finishing = await scene.started("finishing", {
    async start(ctx) {
      ctx.finish("early");
      await Promise.resolve();
    },
  });
  assertEquals(await endingOf(finishing), "finished: early");
});

Deno.test("the first end counts", async () => {
  await using scene = new HostScene();
  const instance = await scene.started("web", {
    start(ctx) {
      ctx.finish(1);
      ctx.fail(new Error("afterthought"));
    },
  });
  assertEquals(await endingOf(instance), "finished: 1");
});

Deno.test("an exception in a protocol's callback closes its connection, and is no end of the service", async () => {
  await using scene = new HostScene();
  class Broken extends Protocol {
    override dataReceived(): void {
      throw new Error("oops");
    }
  }
  const instance = await scene.started("web", {
    start: (ctx) => ctx.reactor.listen("tcp:1", () => new Broken()),
  });
  const client = await scene.connect("tcp:127.0.0.1:1");
  await client.send("x");
  assertEquals([client.closed, await endingOf(instance)], [true, "running"]);
});

Deno.test("after a stop it does not end by itself any more: a late failure is logged", async () => {
  await using scene = new HostScene();
  const instance = await scene.started("web", {
    start(ctx) {
      ctx.spawn(() =>
        new Promise((_, reject) =>
          ctx.draining.addEventListener("abort", () => reject(new Error("cannot flush")))
        )
      );
    },
  });
  assertEquals(await scene.stop(instance), []);
  assertEquals(await endingOf(instance), "running");
  const [record] = scene.log.records;
  assertEquals([record?.message, (record?.fields.error as Error).message], [
    "Service failed while it stopped",
    "cannot flush",
  ]);
});

Deno.test("reload hands on the options and the answer; without a reload the answer is to replace it", async () => {
  await using scene = new HostScene();
  const given: unknown[] = [];
  const willing = await scene.started("willing", {
    start() {},
    reload: (options) => given.push(options) === 1,
  });
  assertEquals(
    [await willing.reload({ a: 1 }), await willing.reload({ a: 2 }), given],
    [true, false, [{ a: 1 }, { a: 2 }]],
  );
  const unable = await scene.started("unable", { start() {} });
  assertEquals(await unable.reload({}), false);
});

Deno.test("health rejects when the service throws, and a service without one is healthy", async () => {
  await using scene = new HostScene();
  const sick = await scene.started("sick", {
    start() {},
    health() {
      throw new Error("queue is full");
    },
  });
  await assertRejects(() => sick.health(), Error, "queue is full");
  const plain = await scene.started("plain", { start() {} });
  await plain.health();
});

Deno.test("stats count what goes through the service's own connections", async () => {
  await using scene = new HostScene();
  const [one, other] = [
    await scene.started("one", { start: (ctx) => ctx.reactor.listen("tcp:1", () => new Echo()) }),
    await scene.started("other", { start: (ctx) => ctx.reactor.listen("tcp:2", () => new Echo()) }),
  ];
  const client = await scene.connect("tcp:127.0.0.1:1");
  await client.send("12345");
  await client.close();
  await scene.connect("tcp:127.0.0.1:1");
  const { connections, bytesRead, bytesWritten } = one.stats();
  assertEquals([connections, bytesRead, bytesWritten], [1, 5, 5]);
  assertEquals([other.stats().connections, other.stats().bytesRead], [0, 0]);
});
