import type { SocketEndpoint } from "../../../../services/endpoint/endpoint.ts";
import { DatagramProtocol } from "../../../../services/protocol/datagram_protocol.ts";
import { Protocol } from "../../../../services/protocol/protocol.ts";
import { MemoryNetwork } from "../../../../services/reactor/memory/memory_network.ts";
import type { DialOptions } from "../../../../services/reactor/network.ts";
import type { RawConn } from "../../../../services/reactor/raw.ts";
import type { Port } from "../../../../services/reactor/reactor.ts";
import type { Scope } from "../../../../services/reactor/scope/scope.ts";
import { MemoryReactor, type RecordingLogger, recordingLogger } from "../../../../services/testing/mod.ts";
import { assert, assertEquals, assertRejects, assertThrows } from "../../../assert.ts";
import { NetworkReactor } from "../network_reactor.ts";
import { addressOf, bytes, connected, Peer } from "../peers.ts";

const never = new Promise<never>(() => {});

class Scene implements AsyncDisposable {
  readonly reactor = new MemoryReactor();
  readonly log: RecordingLogger = recordingLogger();
  readonly failures: unknown[] = [];

  scope(name = "web", staged = false): Scope {
    const { log } = this;
    return this.reactor.scope({ name, log, staged, onFailure: (error) => this.failures.push(error) });
  }

  errors(): string[] {
    return this.log.records.filter(({ level }) => level === "error").map(({ message }) => message);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.reactor[Symbol.asyncDispose]();
  }
}

/** A drain, and whether it is over. */
function drain(scope: Scope, within: number, hold = 0): { leftovers: Promise<string[]>; over: boolean } {
  const draining = { leftovers: scope.drain({ within, hold }), over: false };
  void draining.leftovers.then(() => draining.over = true);
  return draining;
}

Deno.test("a drained scope has let go of everything that was opened through it", async () => {
  await using scene = new Scene();
  const { reactor } = scene;
  const outside = await reactor.listen("tcp:127.0.0.1:1", () => new Peer());
  const scope = scene.scope();
  const { server, client, port } = await connected(scope);
  const outgoing = await scope.connect("tcp:127.0.0.1:1", () => new Peer());
  await scope.listenDatagram("udp:127.0.0.1:5", new DatagramProtocol());
  let fired = 0;
  scope.callLater(1_000, () => fired++);
  const released: string[] = [];
  scope.use({ [Symbol.dispose]: () => released.push("resource") });
  scope.spawn((signal) => new Promise((resolve) => signal.addEventListener("abort", () => resolve())));
  assertEquals(scope.endpoints.length, 2);
  assertEquals(await scope.drain({ within: 0, hold: 0 }), [
    "connection from tcp:127.0.0.1:49153 and 2 more",
    "1 task",
  ]);
  assertEquals(scope.endpoints, []);
  for (const peer of [server, client, outgoing]) assertEquals(peer.events.at(-1), "lost");
  assertEquals(released, ["resource"]);
  await reactor.advance(10_000);
  assertEquals([fired, outside.connections, reactor.clock.pending], [0, 0, []]);
  for (const place of [addressOf(port), "tcp:127.0.0.1:5"]) {
    await assertRejects(() => reactor.connect(place, () => new Peer()), Error, "connection refused");
  }
  await (await reactor.listen(addressOf(port), () => new Peer())).stopListening();
});

Deno.test("resources are released last-in first-out, each awaited, and an exception holds nothing up", async () => {
  await using scene = new Scene();
  const scope = scene.scope();
  const order: string[] = [];
  scope.use({ [Symbol.dispose]: () => order.push("a") });
  scope.use({
    [Symbol.asyncDispose]: async () => {
      order.push("b begins");
      await Promise.resolve();
      order.push("b ends");
    },
  });
  scope.use({
    [Symbol.dispose]: () => {
      throw new Error("c broke");
    },
  });
  scope.use({ [Symbol.asyncDispose]: () => Promise.reject(new Error("d broke")) });
  scope.use({ [Symbol.dispose]: () => order.push("e") });
  assertEquals(await scope.drain({ within: 1_000, hold: 0 }), []);
  assertEquals(order, ["e", "b begins", "b ends", "a"]);
  assertEquals(scene.errors(), ["Cannot release resource Object", "Cannot release resource Object"]);
});

Deno.test("a resource that does not let go is left behind by name; what is released at once is not", async () => {
  await using scene = new Scene();
  const scope = scene.scope();
  class Database {
    [Symbol.asyncDispose](): Promise<void> {
      return never;
    }
  }
  let released = false;
  scope.use({ [Symbol.dispose]: () => released = true });
  scope.use(new Database());
  const { leftovers } = drain(scope, 1_000);
  await scene.reactor.advance(5_000);
  assertEquals([await leftovers, released], [["resource Database"], true]);
});

Deno.test("nested scopes drain with the outer one, and are released in their turn", async () => {
  await using scene = new Scene();
  const outer = scene.scope("outer");
  const order: string[] = [];
  const note = (text: string) => ({ [Symbol.dispose]: () => order.push(text) });
  outer.use(note("outer, first"));
  const inner = outer.child({ name: "inner", log: scene.log, onFailure: () => {} });
  inner.use(note("inner"));
  outer.use(note("outer, last"));
  const port = await inner.listen("tcp:1", () => new Peer());
  const client = await scene.reactor.connect("tcp:localhost:1", () => new Peer());
  assertEquals([outer.endpoints, outer.counters().connections], [[port.host], 1]);
  inner.draining.addEventListener("abort", () => order.push("inner is draining"));
  outer.draining.addEventListener("abort", () => order.push("outer is draining"));
  const { leftovers } = drain(outer, 1_000);
  await scene.reactor.advance(1_000);
  assertEquals(await leftovers, [`connection from tcp:127.0.0.1:49152`]);
  assertEquals(order, ["inner is draining", "outer is draining", "outer, last", "inner", "outer, first"]);
  assertEquals([client.events.at(-1), inner.signal.aborted], ["lost", true]);
});

Deno.test("a nested scope may end alone; the outer one keeps its counters", async () => {
  await using scene = new Scene();
  const outer = scene.scope("outer");
  const inner = outer.child({ name: "inner", log: scene.log, onFailure: () => {} });
  const { server, client } = await connected(inner);
  client.transport.write(bytes("12345"));
  await scene.reactor.settle();
  assertEquals(server.text, "12345");
  await inner.drain({ within: 0, hold: 0 });
  assertEquals([outer.draining.aborted, outer.endpoints], [false, []]);
  assertEquals(outer.counters(), {
    connections: 0,
    connectionsTotal: 2,
    bytesRead: 5,
    bytesWritten: 5,
    protocolErrors: 0,
  });
});

Deno.test("a connection is told once of the drain, however many scopes drain around it", async () => {
  await using scene = new Scene();
  const outer = scene.scope("outer");
  const inner = outer.child({ name: "inner", log: scene.log, onFailure: () => {} });
  const { server } = await connected(inner);
  const drains = [inner, outer].map((scope) => scope.drain({ within: 1_000, hold: 0 }));
  await scene.reactor.advance(1_000);
  await Promise.all(drains);
  assertEquals(server.events, ["made", "drain", "lost"]);
});

Deno.test("a drain closes the listeners, then tells everybody, then waits for the connections", async () => {
  await using scene = new Scene();
  const scope = scene.scope();
  const order: string[] = [];
  const port = await scope.listen("tcp:1", () => new Peer({ drain: () => order.push("connection told") }));
  const client = await scene.reactor.connect("tcp:localhost:1", () => new Peer());
  scope.draining.addEventListener("abort", () => {
    const refused = scene.reactor.connect("tcp:localhost:1", () => new Peer()).then(
      () => "accepted",
      () => "refused",
    );
    void refused.then((outcome) => order.push(outcome));
  });
  const draining = drain(scope, 10_000);
  await scene.reactor.settle();
  assertEquals([order, scope.draining.aborted, scope.signal.aborted], [
    ["connection told", "refused"],
    true,
    false,
  ]);
  await scene.reactor.advance(9_999);
  assertEquals([draining.over, port.connections], [false, 1]);
  client.transport.loseConnection();
  await scene.reactor.settle();
  assertEquals([await draining.leftovers, scope.signal.aborted], [[], true]);
});

Deno.test("at the deadline signal is aborted, connections are cut, and both are named", async () => {
  await using scene = new Scene();
  const scope = scene.scope();
  await scope.listen("tcp:1", () => new Peer());
  const client = await scene.reactor.connect("tcp:localhost:1", () => new Peer());
  await scene.reactor.connect("tcp:localhost:1", () => new Peer());
  scope.spawn(() => never);
  scope.spawn(() => never);
  const draining = drain(scope, 10_000);
  await scene.reactor.advance(9_999);
  assertEquals([draining.over, scope.signal.aborted], [false, false]);
  await scene.reactor.advance(1);
  assertEquals(await draining.leftovers, ["connection from tcp:127.0.0.1:49152 and 1 more", "2 tasks"]);
  assertEquals([scope.signal.aborted, client.events.at(-1)], [true, "lost"]);
  assertEquals(scene.reactor.clock.pending, []);
});

Deno.test("a second, sooner drain hastens the first; a later one does not put it off", async () => {
  for (const [second, end] of [[0, 0], [100, 100], [60_000, 10_000]] as const) {
    await using scene = new Scene();
    const scope = scene.scope();
    scope.spawn(() => never);
    const first = drain(scope, 10_000);
    await scene.reactor.settle();
    const hastened = drain(scope, second);
    if (end > 0) await scene.reactor.advance(end - 1);
    assertEquals(first.over, false);
    await scene.reactor.advance(Math.min(end, 1));
    assertEquals(await first.leftovers, ["1 task"]);
    assertEquals(await hastened.leftovers, ["1 task"]);
    assertEquals(await scope.drain({ within: 5_000, hold: 0 }), ["1 task"]);
    assertEquals(scene.reactor.clock.pending, []);
  }
});

Deno.test("what is under way may still use timers, tasks, connections and resources while it drains", async () => {
  await using scene = new Scene();
  const { reactor } = scene;
  await reactor.listen("tcp:2", () => new Peer());
  const scope = scene.scope();
  const trace: string[] = [];
  await scope.listen("tcp:1", () =>
    new Peer({
      drain: (peer) => {
        scope.callLater(10, () => trace.push("timer"));
        scope.use({ [Symbol.dispose]: () => trace.push("resource") });
        scope.spawn(async () => {
          const upstream = await scope.connect("tcp:localhost:2", () => new Peer());
          trace.push("connected");
          upstream.transport.loseConnection();
        });
        scope.callLater(20, () => peer.transport.loseConnection());
      },
    }));
  await reactor.connect("tcp:localhost:1", () => new Peer());
  const { leftovers } = drain(scope, 10_000);
  await reactor.advance(20);
  assertEquals([await leftovers, trace], [[], ["connected", "timer", "resource"]]);
  assertEquals(scene.failures, []);
});

Deno.test("nothing can be opened in a scope that is over, and what is handed to it is released", async () => {
  await using scene = new Scene();
  const scope = scene.scope();
  await scope.drain({ within: 0, hold: 0 });
  const refusal = (what: string) => `Cannot ${what}: service "web" is stopping`;
  assertThrows(() => scope.callLater(1, () => {}), DOMException, refusal("arrange a call"));
  assertThrows(() => scope.spawn(() => never), DOMException, refusal("spawn a task"));
  assertThrows(
    () => scope.child({ name: "x", log: scene.log, onFailure: () => {} }),
    DOMException,
    refusal("open a scope"),
  );
  await assertRejects(() => scope.listen("tcp:1", () => new Peer()), DOMException, refusal("listen"));
  await assertRejects(
    () => scope.connect("tcp:localhost:1", () => new Peer()),
    DOMException,
    refusal("connect"),
  );
  let released = 0;
  const resource = { [Symbol.dispose]: () => released++ };
  assertThrows(() => scope.use(resource), DOMException, refusal("use a resource"));
  assertEquals(released, 1);
});

Deno.test("a listen that comes through after the scope has ended leaves nothing behind", async () => {
  for (const staged of [false, true]) {
    await using scene = new Scene();
    const scope = scene.scope("web", staged);
    const listening = scope.listen("tcp:1", () => new Peer());
    await Promise.all([
      scope.drain({ within: 0, hold: 0 }),
      assertRejects(() => listening, DOMException, 'Cannot listen: service "web" is stopping'),
    ]);
    await (await scene.reactor.listen("tcp:1", () => new Peer())).stopListening();
  }
});

Deno.test("a connection that comes about after its scope was cut is closed again", async () => {
  const gate = Promise.withResolvers<void>();
  class SlowNetwork extends MemoryNetwork {
    override async connect(endpoint: SocketEndpoint, { time, timeout }: DialOptions): Promise<RawConn> {
      await gate.promise;
      return super.connect(endpoint, { time, timeout });
    }
  }
  await using reactor = new NetworkReactor(new SlowNetwork());
  const scope = reactor.scope({ name: "web", log: recordingLogger(), onFailure: () => {} });
  const server = Promise.withResolvers<Peer>();
  await reactor.listen("tcp:1", () => new Peer({ made: server.resolve }));
  const connecting = assertRejects(
    () => scope.connect("tcp:localhost:1", () => new Peer()),
    DOMException,
    'Service "web" has stopped',
  );
  await scope.drain({ within: 0, hold: 0 });
  gate.resolve();
  await connecting;
  await (await server.promise).lost;
  assertEquals(scope.counters().connectionsTotal, 0);
});

Deno.test("the service's own end comes after the drain and before the release, with a moment of its own", async () => {
  for (const late of [false, true]) {
    await using scene = new Scene();
    const scope = scene.scope();
    const order: string[] = [];
    scope.use({ [Symbol.dispose]: () => order.push("released") });
    if (late) scope.spawn(() => never);
    const draining = scope.drain({
      within: 100,
      hold: 0,
      beforeRelease: async () => {
        order.push("stopping");
        await new Promise<void>((resolve) => scope.callLater(50, resolve));
        order.push("stopped");
      },
    });
    await scene.reactor.advance(200);
    assertEquals(await draining, late ? ["1 task"] : []);
    assertEquals(order, ["stopping", "stopped", "released"]);
  }
});

Deno.test("an end that hangs is named, one that fails is logged; the release comes all the same", async () => {
  await using scene = new Scene();
  let released = 0;
  const resource = { [Symbol.dispose]: () => released++ };
  const hanging = scene.scope("hanging");
  hanging.use(resource);
  const first = hanging.drain({ within: 1_000, hold: 0, beforeRelease: () => never });
  await scene.reactor.advance(1_000);
  assertEquals(await first, ["stop of the service"]);
  const failing = scene.scope("failing");
  failing.use(resource);
  const stop = () => {
    throw new Error("broken");
  };
  assertEquals(await failing.drain({ within: 1_000, hold: 0, beforeRelease: stop }), []);
  assertEquals([released, scene.errors()], [2, ["Service failed while it stopped"]]);
});

Deno.test("tasks that end when they are cut do so before their resources are released", async () => {
  await using scene = new Scene();
  const scope = scene.scope();
  const order: string[] = [];
  scope.use({ [Symbol.dispose]: () => order.push("released") });
  scope.spawn(async (signal) => {
    await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
    await Promise.resolve();
    order.push("task ended");
  });
  await scope.drain({ within: 0, hold: 0 });
  assertEquals(order, ["task ended", "released"]);
});

Deno.test("a factory is started before its first use and stopped after its last, once", async () => {
  await using scene = new Scene();
  const scope = scene.scope();
  const trace: string[] = [];
  const factory = {
    startFactory: () => trace.push("start"),
    stopFactory: () => trace.push("stop"),
    buildProtocol: () => new Protocol(),
  };
  const ports = [await scope.listen("tcp:1", factory), await scope.listen("tcp:2", factory)];
  await assertRejects(() => scope.listen("tcp:1", factory));
  await assertRejects(() => scope.connect("tcp:localhost:9", factory));
  const client = await scope.connect("tcp:localhost:1", factory);
  for (const port of ports) await port.stopListening();
  assertEquals(trace, ["start"]);
  client.transport.abortConnection();
  await scene.reactor.settle();
  assertEquals(trace, ["start", "stop"]);
  await (await scope.listen("tcp:1", factory)).stopListening();
  assertEquals(trace, ["start", "stop", "start", "stop"]);
});

Deno.test("a factory that throws when it is stopped does not keep its port or its scope from ending", async () => {
  await using scene = new Scene();
  const scope = scene.scope();
  const factory = {
    buildProtocol: () => new Peer(),
    stopFactory: () => {
      throw new Error("broken");
    },
  };
  await (await scope.listen("tcp:1", factory)).stopListening();
  await scope.listen("tcp:1", factory);
  assertEquals(await scope.drain({ within: 0, hold: 0 }), []);
  assertEquals(scene.errors().length, 2);
  assertEquals(scope.endpoints, []);
});

Deno.test("a client's factory that throws or refuses leaves no connection behind", async () => {
  await using scene = new Scene();
  const scope = scene.scope();
  const port = await scene.reactor.listen("tcp:1", () => new Peer());
  const broken = () => {
    throw new Error("broken");
  };
  await assertRejects(() => scope.connect("tcp:localhost:1", broken), Error, "broken");
  await assertRejects(
    () => scope.connect("tcp:localhost:1", () => null),
    DOMException,
    "refused the connection",
  );
  await scene.reactor.settle();
  assertEquals([port.connections, scope.counters().connections], [0, 0]);
});

Deno.test("a drain within 0 needs no time, whoever holds on", async () => {
  await using scene = new Scene();
  const scope = scene.scope();
  await connected(scope);
  scope.spawn(() => never);
  const leftovers = await scope.drain({ within: 0, hold: 0 });
  assert(leftovers.includes("1 task"));
});

Deno.test("maxConnections leaves the others in the queue until there is room", async () => {
  await using scene = new Scene();
  const scope = scene.scope();
  const served: Peer[] = [];
  const factory = () => (served.push(new Peer()), served.at(-1)!);
  const port: Port = await scope.listen("tcp:1", factory, { maxConnections: 2 });
  const clients: Peer[] = [];
  for (let i = 0; i < 5; i++) clients.push(await scene.reactor.connect("tcp:localhost:1", () => new Peer()));
  await scene.reactor.settle();
  assertEquals([served.length, port.connections], [2, 2]);
  served[0]!.transport.abortConnection();
  await scene.reactor.settle();
  assertEquals([served.length, port.connections], [3, 2]);
  for (const client of clients) client.transport.abortConnection();
  await scene.reactor.settle();
  assertEquals([served.length, port.connections], [5, 0]);
});
