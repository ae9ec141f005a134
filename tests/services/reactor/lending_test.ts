import type { SocketEndpoint, UdpEndpoint } from "../../../services/endpoint/endpoint.ts";
import { DatagramProtocol } from "../../../services/protocol/datagram_protocol.ts";
import type { InetAddress } from "../../../services/reactor/address.ts";
import { MemoryNetwork } from "../../../services/reactor/memory/memory_network.ts";
import type { DialOptions } from "../../../services/reactor/network.ts";
import type { RawConn, RawDatagram } from "../../../services/reactor/raw.ts";
import { recordingLogger } from "../../../services/testing/mod.ts";
import { assertEquals } from "../../assert.ts";
import { NetworkReactor } from "./network_reactor.ts";
import { addressOf, assertBytes, bytes, connected, pattern, Peer } from "./peers.ts";

/** A network whose senders look at their bytes late, as a system does that is not ready to take them. */
class LateNetwork extends MemoryNetwork {
  /** While true, nothing is taken. */
  stalled = false;
  readonly underWay: Uint8Array[] = [];
  #release = Promise.withResolvers<void>();

  goOn(): void {
    this.stalled = false;
    this.#release.resolve();
    this.#release = Promise.withResolvers();
  }

  override async connect(endpoint: SocketEndpoint, options: DialOptions): Promise<RawConn> {
    const conn = await super.connect(endpoint, options);
    conn.write = this.#late(conn.write.bind(conn));
    return conn;
  }

  override async bindDatagram(endpoint: UdpEndpoint): Promise<RawDatagram> {
    const socket = await super.bindDatagram(endpoint);
    socket.send = this.#late(socket.send.bind(socket));
    return socket;
  }

  #late<A extends unknown[], R>(send: (data: Uint8Array, ...args: A) => Promise<R>) {
    return async (data: Uint8Array, ...args: A): Promise<R> => {
      this.underWay.push(data);
      while (this.stalled) await this.#release.promise;
      return await send(data, ...args);
    };
  }
}

/** Sends back what it receives, from the buffer that it was lent. */
const echo = { borrows: true, data: (peer: Peer, chunk: Uint8Array) => peer.transport.write(chunk) };

Deno.test("nothing is read over what was lent and is on its way, not even when that stalls", async () => {
  const network = new LateNetwork();
  await using reactor = new NetworkReactor(network);
  const heard: Uint8Array[] = [];
  const { server, client } = await connected(reactor, {
    data: (_, chunk) => heard.push(chunk),
  }, echo);
  const sent = pattern(60_000);
  network.stalled = true;
  for (let at = 0; at < sent.length; at += 10_000) {
    server.transport.write(sent.slice(at, at + 10_000));
    await reactor.advance(50);
  }
  assertEquals(client.bytes, sent.length, "reads on while its write stalls");
  network.goOn();
  await reactor.advance(1_000);
  await assertBytes(heard, sent);
});

Deno.test("what was lent to a write that is given up is lent to nobody else", async () => {
  const network = new LateNetwork();
  await using reactor = new NetworkReactor(network);
  const first = await connected(reactor, {}, {
    borrows: true,
    data: (peer, chunk) => {
      // What a small buffer holds goes out; what stands in a large one stalls.
      if (chunk.length <= 1_024) return;
      network.stalled = true;
      peer.transport.write(chunk);
    },
  });
  first.server.transport.write(new Uint8Array(20_000).fill(1));
  await reactor.settle();
  const given = network.underWay.splice(0);
  first.client.transport.abortConnection();
  await first.client.lost;
  for (let i = 0; i < 3; i++) {
    const other = await connected(reactor, {}, {});
    other.server.transport.write(new Uint8Array(60_000).fill(2));
    await reactor.settle();
    assertEquals(other.client.bytes, 60_000);
  }
  assertEquals(given.length > 0 && given.every((data) => data.every((byte) => byte === 1)), true);
  network.goOn();
  await reactor.settle();
});

Deno.test("what a paused connection has read is not read over by another", async () => {
  await using reactor = new NetworkReactor(new MemoryNetwork());
  const heard: Uint8Array[] = [];
  const paused = await connected(reactor, { data: (_, chunk) => heard.push(chunk) });
  const sent = pattern(30_000);
  // After some bursts it waits with the large buffer in hand.
  for (let at = 0; at < 25_000; at += 5_000) {
    paused.client.transport.write(sent.slice(at, at + 5_000));
    await reactor.settle();
  }
  paused.server.transport.pauseProducing();
  paused.client.transport.write(sent.slice(25_000));
  await reactor.settle();
  const other = await connected(reactor);
  other.client.transport.write(new Uint8Array(60_000).fill(0xee));
  await reactor.settle();
  paused.server.transport.resumeProducing();
  await reactor.settle();
  await assertBytes(heard, sent);
});

Deno.test("connections that pause after a burst leave the large buffers to the others", async () => {
  await using reactor = new NetworkReactor(new MemoryNetwork());
  const port = await reactor.listen("tcp:127.0.0.1:0", () =>
    new Peer({
      data: (peer, chunk) => {
        if (chunk.length > 1_024) peer.transport.pauseProducing();
      },
    }));
  for (let i = 0; i < 300; i++) {
    const client = await reactor.connect(addressOf(port), () => new Peer());
    client.transport.write(new Uint8Array(200_000));
  }
  await reactor.settle();
  const sizes: number[] = [];
  const { client } = await connected(reactor, { data: (_, chunk) => sizes.push(chunk.length) });
  client.transport.write(new Uint8Array(60_000));
  await reactor.settle();
  assertEquals(sizes, [1_024, 58_976]);
});

class DatagramEcho extends DatagramProtocol {
  override readonly borrowsData = true;
  readonly heard: string[] = [];
  override datagramReceived(data: Uint8Array, from: InetAddress): void {
    this.heard.push(new TextDecoder().decode(data));
    this.transport.write(data, from);
  }
}

class DatagramRecorder extends DatagramProtocol {
  readonly heard: string[] = [];
  override datagramReceived(data: Uint8Array): void {
    this.heard.push(new TextDecoder().decode(data));
  }
}

Deno.test("a datagram is not received over one that was lent and is on its way", async () => {
  const network = new LateNetwork();
  await using reactor = new NetworkReactor(network);
  const server = new DatagramEcho();
  const { host } = await reactor.listenDatagram("udp:127.0.0.1:0", server);
  const recorder = new DatagramRecorder();
  const client = await reactor.listenDatagram("udp:127.0.0.1:0", recorder);
  for (const text of ["aaaa", "bb"]) client.write(bytes(text), host);
  network.stalled = true;
  await reactor.settle();
  network.goOn();
  await reactor.settle();
  assertEquals([server.heard, recorder.heard], [["aaaa", "bb"], ["aaaa", "bb"]]);
});

Deno.test("a send that ends after its port was parked takes nothing from the successor", async () => {
  const network = new LateNetwork();
  await using reactor = new NetworkReactor(network);
  const scope = () => reactor.scope({ name: "web", log: recordingLogger(), onFailure: () => {} });
  const [first, second] = [new DatagramEcho(), new DatagramEcho()];
  const client = await reactor.listenDatagram("udp:127.0.0.1:0", new DatagramRecorder());
  const old = scope();
  const port = await old.listenDatagram("udp:127.0.0.1:53", first);
  await reactor.settle();
  client.write(bytes("for the successor"), port.host);
  network.stalled = true;
  port.write(bytes("late"), client.host);
  const drained = old.drain({ within: 0, hold: 5_000 });
  await reactor.settle();
  network.goOn();
  await reactor.settle();
  await drained;
  await scope().listenDatagram("udp:127.0.0.1:53", second);
  await reactor.settle();
  assertEquals([first.heard, second.heard], [[], ["for the successor"]]);
});
