import type { FactoryLike } from "../../../services/protocol/factory.ts";
import { LineReceiver } from "../../../services/protocol/line_receiver.ts";
import { idleTimeout } from "../../../services/protocol/policies/idle_timeout.ts";
import { limitPerPeer } from "../../../services/protocol/policies/limit_per_peer.ts";
import { limitTotal } from "../../../services/protocol/policies/limit_total.ts";
import { throttle } from "../../../services/protocol/policies/throttle.ts";
import { Protocol } from "../../../services/protocol/protocol.ts";
import { formatAddress } from "../../../services/reactor/address.ts";
import { DenoReactor } from "../../../services/reactor/deno/deno_reactor.ts";
import type { ConnectionClosed } from "../../../services/reactor/errors.ts";
import { MemoryReactor } from "../../../services/reactor/memory/memory_reactor.ts";
import type { Reactor } from "../../../services/reactor/reactor.ts";
import { assertEquals, assertStrictEquals } from "../../assert.ts";

/** Keeps what it receives; its promises tell of the connection's begin and end. */
class Collector extends Protocol {
  readonly chunks: Uint8Array[] = [];
  readonly lost = Promise.withResolvers<ConnectionClosed>();
  override dataReceived(data: Uint8Array): void {
    this.chunks.push(data);
  }
  override connectionLost(reason: ConnectionClosed): void {
    this.lost.resolve(reason);
  }
  get length(): number {
    return this.chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  }
  bytes(): Uint8Array {
    return new Uint8Array(this.chunks.flatMap((chunk) => [...chunk]));
  }
}

class Echo extends Protocol {
  override readonly borrowsData = true;
  override dataReceived(data: Uint8Array): void {
    this.transport.write(data);
  }
}

async function connected(reactor: Reactor, factory: FactoryLike): Promise<Collector[]> {
  const port = await reactor.listen("tcp:127.0.0.1:0", factory);
  const connect = () => reactor.connect(formatAddress(port.host), () => new Collector());
  return [await connect(), await connect()];
}

Deno.test("on sockets: limitTotal and limitPerPeer close what is too much", async () => {
  for (const limit of [limitTotal, limitPerPeer]) {
    await using reactor = new DenoReactor();
    const [first, second] = await connected(reactor, limit(() => new Echo(), 1));
    await second!.lost.promise;
    assertStrictEquals(first!.transport.state, "open");
  }
});

Deno.test("on sockets: idleTimeout closes what is silent, for both ends", async () => {
  await using reactor = new DenoReactor();
  const servers: Collector[] = [];
  const clients = await connected(
    reactor,
    idleTimeout(() => servers[servers.push(new Collector()) - 1]!, 80, reactor),
  );
  await Promise.all(clients.map((client) => client.lost.promise));
  const reasons = await Promise.all(servers.map((server) => server.lost.promise));
  assertEquals(reasons.map((reason) => reason.message), Array(2).fill("Connection was idle for 0.08 s"));
});

Deno.test("on sockets: throttle delivers all that was written before loseConnection", async () => {
  await using reactor = new DenoReactor();
  const content = Uint8Array.from({ length: 200_000 }, (_, i) => i % 251);
  class Sender extends Protocol {
    override connectionMade(): void {
      this.transport.write(content);
      this.transport.loseConnection();
    }
  }
  const rates = { writeBytesPerSecond: 2_000_000 };
  const clients = await connected(reactor, throttle(() => new Sender(), rates, reactor));
  for (const client of clients) {
    await client.lost.promise;
    assertEquals(client.bytes(), content);
  }
});

Deno.test("on sockets: an over-long line ends the connection with its reason", async () => {
  await using reactor = new DenoReactor();
  const lost = Promise.withResolvers<ConnectionClosed>();
  class Lines extends LineReceiver {
    override lineReceived(): void {}
    override connectionLost(reason: ConnectionClosed): void {
      lost.resolve(reason);
    }
  }
  const port = await reactor.listen("tcp:127.0.0.1:0", () => new Lines());
  const client = await reactor.connect(formatAddress(port.host), () => new Collector());
  client.transport.write(new Uint8Array(20_000));
  assertStrictEquals((await lost.promise).message, "Line is longer than 16384 bytes");
  await client.lost.promise;
});

Deno.test("in memory: throttle holds an echo to its rates, and loses nothing that was lent", async () => {
  await using reactor = new MemoryReactor();
  const rates = { readBytesPerSecond: 20_000, writeBytesPerSecond: 10_000 };
  const [client] = await connected(reactor, throttle(() => new Echo(), rates, reactor));
  const content = Uint8Array.from({ length: 30_000 }, (_, i) => i % 251);
  client!.transport.write(content);
  await reactor.advance(1_000);
  assertEquals(client!.length >= 9_000 && client!.length <= 13_000, true, `${client!.length}`);
  await reactor.advance(3_000);
  assertEquals(client!.bytes(), content);
});

Deno.test("in memory: LineReceiver on borrowed chunks gets its lines whole", async () => {
  await using reactor = new MemoryReactor();
  const lines: string[] = [];
  class Lines extends LineReceiver {
    override readonly borrowsData = true;
    override lineReceived(line: Uint8Array): void {
      lines.push(new TextDecoder().decode(line));
    }
  }
  const [client] = await connected(reactor, () => new Lines());
  for (const piece of ["fir", "st\r", "\nsecond\r\nth", "ird\r\n"]) {
    client!.transport.write(new TextEncoder().encode(piece));
    await reactor.settle();
  }
  assertEquals(lines, ["first", "second", "third"]);
});

Deno.test("in memory: a paused LineReceiver gets the lines that came before the peer's end", async () => {
  await using reactor = new MemoryReactor();
  const lines: string[] = [];
  class Slow extends LineReceiver {
    override lineReceived(line: Uint8Array): void {
      lines.push(new TextDecoder().decode(line));
      this.pauseProducing();
      reactor.callLater(1_000, () => this.resumeProducing());
    }
  }
  const [client] = await connected(reactor, () => new Slow());
  client!.transport.write(new TextEncoder().encode("one\r\ntwo\r\nthree\r\n"));
  client!.transport.loseConnection();
  await reactor.advance(5_000);
  assertEquals(lines, ["one", "two", "three"]);
});
