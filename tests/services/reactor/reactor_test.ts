import type { BaseReactor } from "../../../services/reactor/base_reactor.ts";
import { DenoReactor } from "../../../services/reactor/deno/deno_reactor.ts";
import { MemoryReactor, type RecordingLogger, recordingLogger } from "../../../services/testing/mod.ts";
import { assert, assertEquals, assertRejects, assertThrows } from "../../assert.ts";
import { connected, Peer, turns } from "./peers.ts";

const never = new Promise<never>(() => {});
const reactors: [string, (log?: RecordingLogger) => BaseReactor][] = [
  ["MemoryReactor", (log) => new MemoryReactor(log && { log })],
  ["DenoReactor", (log) => new DenoReactor(log && { log })],
];

for (const [name, make] of reactors) {
  Deno.test(`${name} runs from startup to shutdown, until it is stopped`, async () => {
    const reactor = make();
    const trace: string[] = [];
    for (const event of ["startup", "shutdown"] as const) {
      for (const phase of ["after", "during", "before"] as const) {
        reactor.addSystemEventTrigger(phase, event, () => trace.push(`${phase} ${event}`));
      }
    }
    reactor.callWhenRunning(() => trace.push("running"));
    assertEquals(reactor.running, false);
    const running = reactor.run();
    await turns(reactor, 1);
    assertEquals([reactor.running, trace], [true, [
      "before startup",
      "during startup",
      "after startup",
      "running",
    ]]);
    reactor.callWhenRunning(() => trace.push("soon"));
    assertEquals(trace.at(-1), "running", "called within callWhenRunning");
    await turns(reactor, 1);
    await assertRejects(() => reactor.run(), Error, "Cannot run the reactor: it is running already");
    reactor.stop();
    reactor.stop();
    await running;
    assertEquals(trace.slice(4), ["soon", "before shutdown", "during shutdown", "after shutdown"]);
    assertEquals(reactor.running, false);
    await assertRejects(() => reactor.run(), Error, "it is stopped already");
  });

  Deno.test(`${name} lets go of everything at the end, also of what scopes have left open`, async () => {
    const reactor = make();
    const running = reactor.run();
    const own = await connected(reactor);
    const scope = reactor.scope({ name: "web", log: recordingLogger(), onFailure: () => {} });
    const left = await connected(scope);
    let fired = 0;
    reactor.callLater(60_000, () => fired++);
    scope.callLater(60_000, () => fired++);
    reactor.stop();
    await running;
    for (const { server, client } of [own, left]) {
      assertEquals([server.events.at(-1), client.events.at(-1)], ["lost", "lost"]);
    }
    assertEquals([fired, scope.endpoints, scope.signal.aborted], [0, [], true]);
    assertThrows(() => reactor.callLater(1, () => {}), DOMException, "the reactor is stopping");
  });

  Deno.test(`${name} is stopped by being disposed of, however often`, async () => {
    const trace: string[] = [];
    {
      await using reactor = make();
      reactor.addSystemEventTrigger("during", "shutdown", () => trace.push("shutdown"));
      const running = reactor.run().then(() => trace.push("over"));
      await connected(reactor);
      await Promise.all([reactor[Symbol.asyncDispose](), reactor[Symbol.asyncDispose]()]);
      await running;
    }
    assertEquals(trace, ["shutdown", "over"]);
    await using idle = make();
    await connected(idle);
  });

  Deno.test(`${name}.callLater calls in time with its arguments; cancel, reset and delay move it`, async () => {
    await using reactor = make();
    const trace: string[] = [];
    const begun = reactor.now();
    const note = (text: string): void => void trace.push(text);
    const done = Promise.withResolvers<void>();
    const cancelled = reactor.callLater(1, note, "cancelled");
    const put = reactor.callLater(1, note, "put off");
    const sooner = reactor.callLater(60_000, note, "sooner");
    reactor.callLater(3, note, "third");
    reactor.callLater(12, done.resolve);
    cancelled.cancel();
    cancelled.cancel();
    put.delay(8);
    sooner.reset(1);
    assertEquals([cancelled.active, put.active], [false, true]);
    assert(put.time >= begun + 9);
    if (reactor instanceof MemoryReactor) await reactor.advance(12);
    await done.promise;
    assertEquals(trace, ["sooner", "third", "put off"]);
    assertEquals(put.active, false);
    assert(reactor.now() >= begun + 12);
    assertThrows(() => put.reset(1), Error, "Cannot reset a call that was called");
    for (const bad of [-1, NaN, Infinity]) assertThrows(() => reactor.callLater(bad, note, ""), RangeError);
  });

  Deno.test(`${name} logs what calls outside any service throw, and goes on`, async () => {
    const log = recordingLogger();
    await using reactor = make(log);
    const running = reactor.run();
    await turns(reactor, 1);
    const broken = () => {
      throw new Error("broken");
    };
    const done = Promise.withResolvers<void>();
    reactor.callLater(0, broken);
    reactor.callWhenRunning(broken);
    reactor.callLater(1, done.resolve);
    if (reactor instanceof MemoryReactor) await reactor.advance(1);
    await done.promise;
    assertEquals(log.records.map(({ message }) => message), [
      "Unhandled error outside any service",
      "Unhandled error outside any service",
    ]);
    reactor.stop();
    await running;
  });
}

Deno.test("a reactor that is stopped before it runs starts up and shuts down", async () => {
  const reactor = new MemoryReactor();
  const trace: string[] = [];
  reactor.addSystemEventTrigger("during", "startup", () => trace.push("startup"));
  reactor.addSystemEventTrigger("during", "shutdown", () => trace.push("shutdown"));
  reactor.stop();
  await reactor.run();
  assertEquals(trace, ["startup", "shutdown"]);
});

Deno.test("before triggers run in turn, each awaited; those of during side by side; after comes last", async () => {
  const reactor = new MemoryReactor();
  const trace: string[] = [];
  const slow = (text: string) => async () => {
    trace.push(`${text} {`);
    await new Promise<void>((resolve) => reactor.callLater(1, resolve));
    trace.push("}");
  };
  for (const phase of ["before", "during", "after"] as const) {
    reactor.addSystemEventTrigger(phase, "shutdown", slow(`${phase} 1`));
    reactor.addSystemEventTrigger(phase, "shutdown", slow(`${phase} 2`));
  }
  const remove = reactor.addSystemEventTrigger("before", "shutdown", () => trace.push("removed"));
  remove();
  remove();
  reactor.stop();
  const running = reactor.run();
  await reactor.advance(4);
  await running;
  assertEquals(
    trace.join(" "),
    [
      "before 1 { } before 2 { }",
      "during 1 { during 2 { } }",
      "after 1 { after 2 { } }",
    ].join(" "),
  );
});

Deno.test("a trigger that fails is logged, and the rest goes on", async () => {
  const log = recordingLogger();
  const reactor = new MemoryReactor({ log });
  let calls = 0;
  const count = () => calls++;
  for (const phase of ["before", "during", "after"] as const) {
    reactor.addSystemEventTrigger(phase, "startup", () => {
      throw new Error("broken");
    });
    reactor.addSystemEventTrigger(phase, "startup", () => Promise.reject(new Error("broken")));
    // One function, twice.
    reactor.addSystemEventTrigger(phase, "startup", count);
    reactor.addSystemEventTrigger(phase, "startup", count);
  }
  reactor.stop();
  await reactor.run();
  assertEquals([calls, log.records.length], [6, 6]);
  assertEquals(log.records[0]?.message, "A trigger before startup failed");
});

Deno.test("a trigger that hangs holds the event up for ten seconds; the others run all the same", async () => {
  for (const phase of ["before", "during", "after"] as const) {
    const log = recordingLogger();
    const reactor = new MemoryReactor({ log });
    const trace: string[] = [];
    reactor.addSystemEventTrigger(phase, "shutdown", () => never);
    reactor.addSystemEventTrigger(phase, "shutdown", () => trace.push("next"));
    let over = false;
    reactor.stop();
    const running = reactor.run().then(() => over = true);
    await reactor.advance(9_999);
    assertEquals(over, false);
    await reactor.advance(1);
    await running;
    assertEquals(trace, ["next"]);
    assertEquals(log.records.map(({ message }) => message), [
      `A trigger ${phase} shutdown did not finish within 10 s: going on without it`,
    ]);
    assertEquals(reactor.clock.pending, []);
  }
});

Deno.test("a scope's callWhenRunning calls nothing once the scope is over", async () => {
  const reactor = new MemoryReactor();
  const scope = reactor.scope({ name: "web", log: recordingLogger(), onFailure: () => {} });
  let calls = 0;
  scope.callWhenRunning(() => calls++);
  await scope.drain({ within: 0, hold: 0 });
  reactor.stop();
  await reactor.run();
  assertEquals(calls, 0);
});

Deno.test("names resolve, and what nobody listens on refuses, in memory as on the machine", async () => {
  for (const [, make] of reactors) {
    await using reactor = make();
    const port = await reactor.listen("tcp:127.0.0.1:0", () => new Peer());
    assert("port" in port.host && port.host.port > 0);
    const place = `tcp:localhost:${port.host.port}`;
    const client = await reactor.connect(place, () => new Peer());
    assertEquals(client.transport.peer, port.host);
    await port.stopListening();
    await assertRejects(() => reactor.connect(place, () => new Peer()), Error, "connection refused");
  }
});
