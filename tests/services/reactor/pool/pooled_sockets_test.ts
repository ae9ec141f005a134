import { DatagramProtocol } from "../../../../services/protocol/datagram_protocol.ts";
import { DenoReactor } from "../../../../services/reactor/deno/deno_reactor.ts";
import type { DatagramTransport } from "../../../../services/protocol/datagram_protocol.ts";
import type { Port } from "../../../../services/reactor/reactor.ts";
import type { Scope } from "../../../../services/reactor/scope/scope.ts";
import { recordingLogger } from "../../../../services/testing/mod.ts";
import { assert, assertEquals, assertRejects } from "../../../assert.ts";
import { bytes, Peer, turns } from "../peers.ts";

function scopeOf(reactor: DenoReactor, staged = false): Scope {
  return reactor.scope({ name: "web", staged, log: recordingLogger(), onFailure: () => {} });
}

/** Answers each byte with the name of who serves. */
function answerer(name: string, manners: { readonly lingers?: boolean } = {}): () => Peer {
  return () =>
    new Peer({
      data: (peer) => peer.transport.write(bytes(name)),
      drain: (peer) => manners.lingers ? undefined : peer.transport.loseConnection(),
    });
}

function portOf(port: Port): number {
  assert("port" in port.host);
  return port.host.port;
}

function dial(port: number): Promise<Deno.TcpConn> {
  return Deno.connect({ hostname: "127.0.0.1", port });
}

/** One whole conversation; what was answered, or the error. */
async function ask(conn: Promise<Deno.TcpConn>): Promise<string> {
  try {
    using opened = await conn;
    await opened.write(bytes("?"));
    const buffer = new Uint8Array(16);
    const size = await opened.read(buffer);
    return size === null ? "end" : new TextDecoder().decode(buffer.subarray(0, size));
  } catch (error) {
    return String(error);
  }
}

function count(answers: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const answer of answers) counts[answer] = (counts[answer] ?? 0) + 1;
  return counts;
}

Deno.test("100 connections that arrive at a parked socket are served by the successor, none is lost", async () => {
  await using reactor = new DenoReactor();
  const old = scopeOf(reactor);
  const port = portOf(await old.listen("tcp:127.0.0.1:0", answerer("old")));
  await old.drain({ within: 0, hold: 60_000 });
  const conns = await Promise.all(Array.from({ length: 100 }, () => dial(port)));
  const answers = Promise.all(conns.map((conn) => ask(Promise.resolve(conn))));
  await turns(reactor, 150);
  const successor = await scopeOf(reactor).listen("tcp:127.0.0.1:0", answerer("new"));
  assertEquals([portOf(successor), count(await answers)], [port, { new: 100 }]);
});

Deno.test("a drain accepts what is queued before it closes", async () => {
  await using reactor = new DenoReactor();
  for (const size of [1, 300, 1_500]) {
    const scope = scopeOf(reactor, true);
    const port = portOf(await scope.listen("tcp:127.0.0.1:0", answerer("served", { lingers: true })));
    const conns = await Promise.all(Array.from({ length: size }, () => dial(port)));
    scope.activate();
    const drained = scope.drain({ within: 10_000, hold: 0 });
    assertEquals(count(await Promise.all(conns.map((conn) => ask(Promise.resolve(conn))))), { served: size });
    assertEquals(await drained, []);
    await assertRejects(() => dial(port), Deno.errors.ConnectionRefused);
  }
});

Deno.test("take-overs under a connect storm lose no connection", async () => {
  await using reactor = new DenoReactor();
  let current = scopeOf(reactor);
  const port = portOf(await current.listen("tcp:127.0.0.1:0", answerer("0", { lingers: true })));
  let storming = true;
  const answers: string[] = [];
  const storm = Array.from({ length: 20 }, async () => {
    while (storming) answers.push(await ask(dial(port)));
  });
  const drains: Promise<string[]>[] = [];
  for (let generation = 1; generation <= 9; generation++) {
    const before = answers.length;
    while (answers.length < before + 60) await turns(reactor, 1);
    const next = scopeOf(reactor, true);
    await next.listen("tcp:127.0.0.1:0", answerer(String(generation), { lingers: true }));
    next.activate();
    drains.push(current.drain({ within: 10_000, hold: 0 }));
    current = next;
  }
  while (!answers.includes("9")) await turns(reactor, 1);
  storming = false;
  await Promise.all(storm);
  assertEquals(Object.keys(count(answers)).sort(), Array.from({ length: 10 }, (_, i) => String(i)));
  assertEquals((await Promise.all(drains)).flat(), []);
});

Deno.test("restarts through a parked socket under a connect storm lose no connection", async () => {
  await using reactor = new DenoReactor();
  let current = scopeOf(reactor);
  const port = portOf(await current.listen("tcp:127.0.0.1:0", answerer("0", { lingers: true })));
  let storming = true;
  const answers: string[] = [];
  const storm = Array.from({ length: 20 }, async () => {
    while (storming) answers.push(await ask(dial(port)));
  });
  for (let generation = 1; generation <= 9; generation++) {
    const before = answers.length;
    while (answers.length < before + 60) await turns(reactor, 1);
    assertEquals(await current.drain({ within: 10_000, hold: 60_000 }), []);
    await turns(reactor, generation);
    current = scopeOf(reactor);
    await current.listen("tcp:127.0.0.1:0", answerer(String(generation), { lingers: true }));
  }
  while (!answers.includes("9")) await turns(reactor, 1);
  storming = false;
  await Promise.all(storm);
  assertEquals(Object.keys(count(answers)).sort(), Array.from({ length: 10 }, (_, i) => String(i)));
});

Deno.test("a port is free again when stopListening or a drain has resolved, or its settings changed", async () => {
  await using reactor = new DenoReactor();
  const first = await reactor.listen("tcp:127.0.0.1:0", answerer("first"));
  const port = portOf(first);
  const place = `tcp:127.0.0.1:${port}`;
  await first.stopListening();
  const scope = scopeOf(reactor);
  await scope.listen(place, answerer("second"));
  await scope.drain({ within: 0, hold: 0 });
  const parked = scopeOf(reactor);
  await parked.listen(`${place}:backlog=10`, answerer("third"));
  await parked.drain({ within: 0, hold: 60_000 });
  const listening = scopeOf(reactor).listen(`${place}:backlog=20`, answerer("fourth"));
  await listening;
  assertEquals(await ask(dial(port)), "fourth");
});

Deno.test("a parked datagram port keeps its address, and its successor gets what waits", async () => {
  class Receiver extends DatagramProtocol {
    readonly heard: string[] = [];
    readonly #wanted = Promise.withResolvers<void>();
    constructor(readonly count: number) {
      super();
    }
    get all(): Promise<void> {
      return this.#wanted.promise;
    }
    override datagramReceived(data: Uint8Array): void {
      if (this.heard.push(new TextDecoder().decode(data)) === this.count) this.#wanted.resolve();
    }
  }
  await using reactor = new DenoReactor();
  const client = await reactor.listenDatagram("udp:127.0.0.1:0", new DatagramProtocol());
  const [first, second] = [new Receiver(1), new Receiver(20)];
  const old = scopeOf(reactor);
  const { host } = await old.listenDatagram("udp:127.0.0.1:0", first);
  client.write(bytes("before"), host);
  await first.all;
  await old.drain({ within: 0, hold: 60_000 });
  for (let i = 0; i < 20; i++) client.write(bytes(`${i}`), host);
  await turns(reactor, 20);
  const successor = await scopeOf(reactor).listenDatagram("udp:127.0.0.1:0", second);
  await second.all;
  assertEquals([successor.host, first.heard], [host, ["before"]]);
  assertEquals(second.heard, Array.from({ length: 20 }, (_, i) => `${i}`));
});

Deno.test("a borrowing datagram protocol echoes a flood unspoilt", async () => {
  class Echo extends DatagramProtocol {
    override readonly borrowsData = true;
    override datagramReceived(data: Uint8Array, from: Parameters<DatagramTransport["write"]>[1]): void {
      this.transport.write(data, from);
    }
  }
  class Checker extends DatagramProtocol {
    heard = 0;
    spoilt = 0;
    #wake: () => void = () => {};
    override datagramReceived(data: Uint8Array): void {
      this.heard++;
      if (!data.every((byte) => byte === data[0]) || data.length !== 1_000 + data[0]! * 8) this.spoilt++;
      this.#wake();
    }
    next(): Promise<void> {
      return new Promise((resolve) => this.#wake = resolve);
    }
  }
  await using reactor = new DenoReactor();
  const { host } = await reactor.listenDatagram("udp:127.0.0.1:0", new Echo());
  const checker = new Checker();
  const client = await reactor.listenDatagram("udp:127.0.0.1:0", checker);
  for (let round = 0; round < 200; round++) {
    const answered = checker.next();
    for (let i = 0; i < 8; i++) {
      const mark = (round * 8 + i) % 251;
      client.write(new Uint8Array(1_000 + mark * 8).fill(mark), host);
    }
    await answered;
  }
  assert(checker.heard >= 200);
  assertEquals(checker.spoilt, 0);
});
