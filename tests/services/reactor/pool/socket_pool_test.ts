import { DatagramProtocol } from "../../../../services/protocol/datagram_protocol.ts";
import { CannotListenError } from "../../../../services/reactor/errors.ts";
import { MemoryNetwork } from "../../../../services/reactor/memory/memory_network.ts";
import type { Scope } from "../../../../services/reactor/scope/scope.ts";
import { MemoryReactor, recordingLogger } from "../../../../services/testing/mod.ts";
import { assertEquals, assertNotEquals, assertRejects } from "../../../assert.ts";
import { NetworkReactor } from "../network_reactor.ts";
import { addressOf, bytes, Peer } from "../peers.ts";

type TestReactor = MemoryReactor | NetworkReactor;

function scopeOf(reactor: TestReactor, name = "web", staged = false): Scope {
  return reactor.scope({ name, staged, log: recordingLogger(), onFailure: () => {} });
}

/** Says who serves it. */
function greeter(name: string): () => Peer {
  return () => new Peer({ made: (peer) => peer.transport.write(bytes(name)) });
}

function dial(reactor: TestReactor, address = "tcp:127.0.0.1:80"): Promise<Peer> {
  return reactor.connect(address, () => new Peer());
}

async function greeting(reactor: TestReactor, address?: string): Promise<string> {
  const peer = await dial(reactor, address);
  await reactor.settle();
  peer.transport.abortConnection();
  await reactor.settle();
  return peer.text;
}

Deno.test("a parked socket keeps its port, and its successor serves what arrived meanwhile", async () => {
  for (const endpoint of ["tcp:127.0.0.1:80", "tcp:127.0.0.1:0"]) {
    await using reactor = new MemoryReactor();
    const old = scopeOf(reactor);
    const port = await old.listen(endpoint, greeter("old"));
    const address = addressOf(port);
    await old.drain({ within: 0, hold: 5_000 });
    const waiting = [await dial(reactor, address), await dial(reactor, address)];
    await reactor.advance(4_999);
    assertEquals(waiting.map(({ text, reason }) => [text, reason]), [["", null], ["", null]]);
    const successor = await scopeOf(reactor).listen(endpoint, greeter("new"));
    await reactor.advance(10_000);
    assertEquals(successor.host, port.host);
    assertEquals(waiting.map(({ text }) => text), ["new", "new"]);
    assertEquals([successor.connections, await greeting(reactor, address)], [2, "new"]);
  }
});

Deno.test("a hold that expires closes the socket and what has waited in vain", async () => {
  await using reactor = new MemoryReactor();
  const old = scopeOf(reactor);
  await old.listen("tcp:127.0.0.1:80", greeter("old"));
  await old.drain({ within: 0, hold: 5_000 });
  const waiting = await dial(reactor);
  await reactor.advance(5_000);
  assertEquals(waiting.reason?.name, "ConnectionDone");
  await assertRejects(() => dial(reactor), Error, "connection refused");
  assertEquals(reactor.clock.pending, []);
  await scopeOf(reactor).listen("tcp:127.0.0.1:80", greeter("new"));
  assertEquals(await greeting(reactor), "new");
});

Deno.test("a drain without a hold serves what is queued, then closes", async () => {
  await using reactor = new MemoryReactor();
  const scope = scopeOf(reactor);
  await scope.listen("tcp:127.0.0.1:80", greeter("served"));
  const queued = await Promise.all(Array.from({ length: 100 }, () => dial(reactor)));
  const drained = scope.drain({ within: 1_000, hold: 0 });
  await reactor.settle();
  assertEquals(queued.map(({ text }) => text), queued.map(() => "served"));
  await assertRejects(() => dial(reactor), Error, "connection refused");
  for (const { transport } of queued) transport.abortConnection();
  assertEquals(await drained, []);
});

Deno.test("stopListening serves what is queued, and leaves open connections alone", async () => {
  await using reactor = new MemoryReactor();
  const port = await reactor.listen("tcp:127.0.0.1:80", greeter("served"));
  const queued = await dial(reactor);
  await port.stopListening();
  await port.stopListening();
  await reactor.settle();
  assertEquals([queued.text, queued.reason, port.connections], ["served", null, 1]);
  await assertRejects(() => dial(reactor), Error, "connection refused");
});

Deno.test("a staged successor shares the socket, takes over at activate, and the old one drains", async () => {
  await using reactor = new MemoryReactor();
  const old = scopeOf(reactor);
  const port = await old.listen("tcp:127.0.0.1:80", greeter("old"));
  const staged = scopeOf(reactor, "web", true);
  const successor = await staged.listen("tcp:127.0.0.1:80", greeter("new"));
  assertEquals([successor.host, await greeting(reactor)], [port.host, "old"]);
  staged.activate();
  assertEquals(await greeting(reactor), "new");
  await old.drain({ within: 0, hold: 0 });
  assertEquals(await greeting(reactor), "new");
  await staged.drain({ within: 0, hold: 0 });
  await assertRejects(() => dial(reactor), Error, "connection refused");
});

Deno.test("a staged successor that gives up leaves the socket to the old one", async () => {
  await using reactor = new MemoryReactor();
  await scopeOf(reactor).listen("tcp:127.0.0.1:80", greeter("old"));
  const staged = scopeOf(reactor, "web", true);
  await staged.listen("tcp:127.0.0.1:80", greeter("new"));
  await staged.drain({ within: 0, hold: 0 });
  staged.activate();
  assertEquals(await greeting(reactor), "old");
});

Deno.test("when the old one goes first, what arrives waits for the staged one", async () => {
  await using reactor = new MemoryReactor();
  const old = scopeOf(reactor);
  await old.listen("tcp:127.0.0.1:80", greeter("old"));
  const staged = scopeOf(reactor, "web", true);
  await staged.listen("tcp:127.0.0.1:80", greeter("new"));
  await old.drain({ within: 0, hold: 0 });
  const waiting = await dial(reactor);
  await reactor.advance(60_000);
  assertEquals([waiting.text, waiting.reason], ["", null]);
  staged.activate();
  await reactor.settle();
  assertEquals(waiting.text, "new");
});

Deno.test("two ports chosen by the system are handed over one to one; a third is new", async () => {
  await using reactor = new MemoryReactor();
  const old = scopeOf(reactor);
  const first = [await old.listen("tcp:0", greeter("a")), await old.listen("tcp:0", greeter("b"))];
  const other = await scopeOf(reactor, "other").listen("tcp:0", greeter("other"));
  const staged = scopeOf(reactor, "web", true);
  const second = [];
  for (let i = 0; i < 3; i++) second.push(await staged.listen("tcp:0", greeter(`new ${i}`)));
  assertEquals(second.slice(0, 2).map(({ host }) => host), first.map(({ host }) => host));
  for (const port of [...first, other]) assertNotEquals(second[2]!.host, port.host);
  staged.activate();
  const greetings = [];
  for (const port of second) greetings.push(await greeting(reactor, addressOf(port)));
  assertEquals(greetings, ["new 0", "new 1", "new 2"]);
});

Deno.test("a conflict names the service that listens there", async () => {
  await using reactor = new MemoryReactor();
  const web = scopeOf(reactor);
  await web.listen("tcp:127.0.0.1:80", greeter("web"));
  await assertRejects(
    () => scopeOf(reactor, "mail").listen("tcp:127.0.0.1:80", greeter("mail")),
    CannotListenError,
    'Cannot listen on "tcp:127.0.0.1:80": service "web" listens there; choose another port',
  );
  await assertRejects(
    () => web.listen("tcp:127.0.0.1:80", greeter("web")),
    CannotListenError,
    'service "web" listens there already',
  );
  await assertRejects(
    () => scopeOf(reactor, "mail", true).listen("tcp:127.0.0.1:80", greeter("mail")),
    CannotListenError,
    'service "web" listens there',
  );
  assertEquals(await greeting(reactor), "web");
});

Deno.test("of two services that ask for one place in the same turn, the second is refused", async () => {
  await using reactor = new MemoryReactor();
  const outcomes = await Promise.allSettled(
    ["a", "b", "c"].map((name) => scopeOf(reactor, name).listen("tcp:127.0.0.1:80", greeter(name))),
  );
  assertEquals(outcomes.map(({ status }) => status), ["fulfilled", "rejected", "rejected"]);
  assertEquals(await greeting(reactor), "a");
});

Deno.test("who asks while a socket has just been opened for another does not slip in", async () => {
  const opened = Promise.withResolvers<void>();
  class SlowNetwork extends MemoryNetwork {
    override async listen(endpoint: Parameters<MemoryNetwork["listen"]>[0]) {
      await opened.promise;
      return await super.listen(endpoint);
    }
  }
  for (let jobs = 0; jobs < 12; jobs++) {
    await using reactor = new NetworkReactor(new SlowNetwork());
    const first = scopeOf(reactor, "first").listen("tcp:127.0.0.1:80", greeter("first"));
    opened.resolve();
    for (let i = 0; i < jobs; i++) await Promise.resolve();
    const second = scopeOf(reactor, "second").listen("tcp:127.0.0.1:80", greeter("second"));
    await assertRejects(() => second, CannotListenError, 'service "first" listens there');
    await first;
    assertEquals(await greeting(reactor), "first");
  }
});

Deno.test("a socket that was parked with other settings is closed and opened anew", async () => {
  await using reactor = new MemoryReactor();
  const old = scopeOf(reactor);
  await old.listen("tcp:127.0.0.1:80:backlog=10", greeter("old"));
  await old.drain({ within: 0, hold: 5_000 });
  await scopeOf(reactor).listen("tcp:127.0.0.1:80:backlog=20", greeter("new"));
  await reactor.advance(10_000);
  assertEquals(await greeting(reactor), "new");
});

Deno.test("a listen that fails leaves the place free", async () => {
  let failures = 1;
  class FailingNetwork extends MemoryNetwork {
    override listen(endpoint: Parameters<MemoryNetwork["listen"]>[0]) {
      if (failures-- > 0) throw new CannotListenError("Cannot listen: broken");
      return super.listen(endpoint);
    }
  }
  await using reactor = new NetworkReactor(new FailingNetwork());
  await assertRejects(() => scopeOf(reactor).listen("tcp:127.0.0.1:80", greeter("a")), Error, "broken");
  await scopeOf(reactor, "other").listen("tcp:127.0.0.1:80", greeter("b"));
  assertEquals(await greeting(reactor), "b");
});

Deno.test("a listener whose accept fails is tried again, and says so", async () => {
  let failures = 2;
  class FailingNetwork extends MemoryNetwork {
    override async listen(endpoint: Parameters<MemoryNetwork["listen"]>[0]) {
      const listener = await super.listen(endpoint);
      const accept = listener.accept.bind(listener);
      listener.accept = () => failures-- > 0 ? Promise.reject(new Error("no descriptors left")) : accept();
      return listener;
    }
  }
  const log = recordingLogger();
  await using reactor = new NetworkReactor(new FailingNetwork(), log);
  const port = await reactor.listen("tcp:127.0.0.1:80", greeter("served"));
  const waiting = await dial(reactor);
  await reactor.advance(199);
  assertEquals(waiting.text, "");
  await reactor.advance(1);
  assertEquals(waiting.text, "served");
  assertEquals(log.records.map(({ message }) => message), [
    'Cannot accept on "tcp:127.0.0.1:80": trying again',
    'Cannot accept on "tcp:127.0.0.1:80": trying again',
  ]);
  waiting.transport.abortConnection();
  failures = 1;
  await reactor.settle();
  await port.stopListening();
  assertEquals(reactor.clock.pending, []);
});

Deno.test("a reactor that ends while a listen is under way leaves no socket behind", async () => {
  const opened = Promise.withResolvers<void>();
  const network = new (class extends MemoryNetwork {
    override async listen(endpoint: Parameters<MemoryNetwork["listen"]>[0]) {
      await opened.promise;
      return await super.listen(endpoint);
    }
  })();
  const reactor = new NetworkReactor(network);
  const listening = assertRejects(() => reactor.listen("tcp:127.0.0.1:80", greeter("late")), Error);
  await reactor[Symbol.asyncDispose]();
  opened.resolve();
  await listening;
  await (await network.listen({ kind: "tcp", interface: "127.0.0.1", port: 80, backlog: 1 })).close();
});

Deno.test("a datagram port is parked too: its successor gets what came meanwhile", async () => {
  class Receiver extends DatagramProtocol {
    readonly heard: string[] = [];
    stopped = 0;
    override datagramReceived(data: Uint8Array): void {
      this.heard.push(new TextDecoder().decode(data));
    }
    override stopProtocol(): void {
      this.stopped++;
    }
  }
  await using reactor = new MemoryReactor();
  const client = await reactor.listenDatagram("udp:127.0.0.1:0", new DatagramProtocol());
  const send = (text: string) => client.write(bytes(text), { hostname: "127.0.0.1", port: 53 });
  const [first, second, third] = [new Receiver(), new Receiver(), new Receiver()];
  const old = scopeOf(reactor);
  await old.listenDatagram("udp:127.0.0.1:53", first);
  send("a");
  await reactor.settle();
  await old.drain({ within: 0, hold: 5_000 });
  for (const text of ["b", "c", "d"]) {
    send(text);
    await reactor.settle();
  }
  await scopeOf(reactor).listenDatagram("udp:127.0.0.1:53", second);
  await reactor.settle();
  const staged = scopeOf(reactor, "web", true);
  await staged.listenDatagram("udp:127.0.0.1:53", third);
  send("e");
  await reactor.settle();
  staged.activate();
  send("f");
  await reactor.settle();
  assertEquals([first.heard, second.heard, third.heard], [["a"], ["b", "c", "d", "e"], ["f"]]);
  assertEquals([first.stopped, second.stopped], [1, 0]);
  await assertRejects(
    () => scopeOf(reactor, "dns").listenDatagram("udp:127.0.0.1:53", new Receiver()),
    CannotListenError,
    'service "web" listens there',
  );
});
