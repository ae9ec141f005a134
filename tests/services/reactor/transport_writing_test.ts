import { LoopingCall } from "../../../services/async/looping_call.ts";
import type { Producer } from "../../../services/reactor/transport.ts";
import { MemoryReactor, recordingLogger } from "../../../services/testing/mod.ts";
import { assert, assertEquals, assertStringIncludes, assertThrows } from "../../assert.ts";
import { bytes, connected, type Peer } from "./peers.ts";

const KiB = 1024;
const MiB = 1024 * KiB;

/** Keeps what it is told. */
class RecordingProducer implements Producer {
  readonly calls: string[] = [];
  pauseProducing(): void {
    this.calls.push("pause");
  }
  resumeProducing(): void {
    this.calls.push("resume");
  }
  stopProducing(): void {
    this.calls.push("stop");
  }
}

/** A peer that reads nothing until it is told to. */
const deaf = { made: (peer: Peer) => peer.transport.pauseProducing() };

Deno.test("writes of one turn travel joined and in order, empty ones not at all", async () => {
  await using reactor = new MemoryReactor();
  const sizes: number[] = [];
  const { server, client } = await connected(reactor, { data: (_, chunk) => sizes.push(chunk.length) });
  for (const text of ["a", "", "bc", "d"]) client.transport.write(bytes(text));
  client.transport.writeSequence([bytes("e"), bytes(""), bytes("f")]);
  assertEquals(client.transport.bufferedBytes, 6);
  await reactor.settle();
  assertEquals([server.text, sizes], ["abcdef", [6]]);
  assertEquals([client.transport.bufferedBytes, client.transport.bytesWritten], [0, 6]);
});

Deno.test("what is larger than the system takes at once is written in parts, and nothing is lost", async () => {
  await using reactor = new MemoryReactor();
  const { server, client } = await connected(reactor);
  client.transport.write(new Uint8Array(MiB));
  client.transport.write(bytes("end"));
  await reactor.settle();
  assertEquals(server.bytes, MiB + 3);
  assertEquals([client.transport.bytesWritten, server.transport.bytesRead], [MiB + 3, MiB + 3]);
});

Deno.test("drained() resolves once everything is sent", async () => {
  await using reactor = new MemoryReactor();
  const { server, client } = await connected(reactor, deaf);
  await client.transport.drained();
  client.transport.write(new Uint8Array(100 * KiB));
  let drained = false;
  const promise = client.transport.drained().then(() => drained = true);
  await reactor.settle();
  assertEquals(drained, false);
  server.transport.resumeProducing();
  await promise;
  assertEquals(client.transport.bufferedBytes, 0);
});

Deno.test("drained() resolves when the connection ends first", async () => {
  await using reactor = new MemoryReactor();
  const { client } = await connected(reactor, deaf);
  client.transport.write(new Uint8Array(100 * KiB));
  const drained = client.transport.drained();
  client.transport.abortConnection();
  await drained;
  await client.transport.drained();
});

Deno.test("an echo to a peer that does not read stops reading it, and goes on when the peer reads", async () => {
  for (const borrows of [false, true]) {
    await using reactor = new MemoryReactor();
    const { server, client } = await connected(
      reactor,
      { borrows, data: (peer, chunk) => peer.transport.write(chunk) },
      deaf,
    );
    const size = 4 * MiB;
    client.transport.write(new Uint8Array(size));
    let most = 0;
    for (let i = 0; i < 20; i++) {
      await reactor.advance(10);
      most = Math.max(most, server.transport.bufferedBytes);
    }
    const read = server.bytes;
    await reactor.advance(1_000);
    assertEquals(server.bytes, read, "reads on without end");
    assert(most <= 192 * KiB, `holds ${most} bytes`);
    client.transport.resumeProducing();
    await reactor.advance(1_000);
    assertEquals([server.bytes, client.bytes], [size, size]);
    assertEquals(server.transport.bufferedBytes, 0);
  }
});

Deno.test("while a reply stalls, a protocol that keeps its chunks still hears its peer", async () => {
  await using reactor = new MemoryReactor();
  const { server, client } = await connected(reactor, {
    data: (peer, chunk) => {
      if (chunk[0] === 0x3f) peer.transport.write(new Uint8Array(65 * KiB));
    },
  }, deaf);
  client.transport.write(bytes("?"));
  await reactor.settle();
  client.transport.write(bytes("stop"));
  await reactor.advance(100);
  assertEquals(server.text, "?stop");
});

Deno.test("who writes on to a peer that has stopped reading is cut off beyond 16 MiB", async () => {
  await using reactor = new MemoryReactor();
  const { client } = await connected(reactor, deaf);
  for (let i = 0; i < 16; i++) client.transport.write(new Uint8Array(MiB));
  await reactor.settle();
  assertEquals(client.transport.state, "open");
  client.transport.write(new Uint8Array(MiB));
  client.transport.write(new Uint8Array(MiB));
  assertEquals([client.transport.state, client.transport.bufferedBytes], ["closed", 0]);
  await client.lost;
  assertEquals(client.reason?.name, "ConnectionAborted");
  assertStringIncludes(client.reason!.message, "Peer does not read");
});

Deno.test("one write may be larger than 16 MiB", async () => {
  await using reactor = new MemoryReactor();
  const { server, client } = await connected(reactor);
  client.transport.write(new Uint8Array(17 * MiB));
  await reactor.settle();
  assertEquals(server.bytes, 17 * MiB);
});

Deno.test("a producer is paused over 64 KiB, resumed when little is left, and stopped at the end", async () => {
  await using reactor = new MemoryReactor();
  const { server, client } = await connected(reactor, deaf);
  const producer = new RecordingProducer();
  client.transport.registerProducer(producer);
  client.transport.write(new Uint8Array(64 * KiB));
  assertEquals(producer.calls, []);
  client.transport.write(new Uint8Array(64 * KiB));
  client.transport.write(new Uint8Array(1));
  assertEquals(producer.calls, ["pause"]);
  await reactor.settle();
  assertEquals(producer.calls, ["pause"]);
  server.transport.resumeProducing();
  await reactor.settle();
  assertEquals(producer.calls, ["pause", "resume"]);
  client.transport.abortConnection();
  await client.lost;
  assertEquals(producer.calls, ["pause", "resume", "stop"]);
});

Deno.test("a producer that comes to a full buffer waits at once; one too many is refused", async () => {
  await using reactor = new MemoryReactor();
  const { client } = await connected(reactor, deaf);
  client.transport.write(new Uint8Array(256 * KiB));
  const producer = new RecordingProducer();
  client.transport.registerProducer(producer);
  assertEquals(producer.calls, ["pause"]);
  assertThrows(
    () => client.transport.registerProducer(new RecordingProducer()),
    Error,
    "Cannot register a producer: another one is registered",
  );
  client.transport.abortConnection();
  const late = new RecordingProducer();
  client.transport.registerProducer(late);
  assertEquals(late.calls, ["stop"]);
});

Deno.test("with a producer that waits, reading goes on; without it, a full buffer holds reading up", async () => {
  await using reactor = new MemoryReactor();
  const { server, client } = await connected(reactor, {}, deaf);
  server.transport.write(new Uint8Array(256 * KiB));
  client.transport.write(bytes("a"));
  await reactor.settle();
  client.transport.write(bytes("b"));
  await reactor.settle();
  assertEquals(server.text, "");
  server.transport.registerProducer(new RecordingProducer());
  await reactor.settle();
  assertEquals(server.text, "ab");
  server.transport.unregisterProducer();
  client.transport.write(bytes("c"));
  client.transport.resumeProducing();
  await reactor.settle();
  assertEquals(server.text, "abc");
});

Deno.test("loseConnection and loseWriteConnection wait for the producer, and send what it still writes", async () => {
  for (const how of ["loseConnection", "loseWriteConnection"] as const) {
    await using reactor = new MemoryReactor();
    const { server, client } = await connected(reactor);
    const loop = new LoopingCall(reactor, () => client.transport.write(bytes(".")));
    client.transport.registerProducer(new RecordingProducer());
    client.transport[how]();
    void loop.start(10, false);
    await reactor.advance(30);
    loop.stop();
    assertEquals([server.text, server.reason], ["...", null]);
    client.transport.unregisterProducer();
    client.transport.write(bytes("too late"));
    await reactor.settle();
    assertEquals([server.text, server.events], ["...", ["made", "data", "end", "lost"]]);
  }
});

Deno.test("an exception of a producer closes its connection, is logged, and nobody is forgotten", async () => {
  for (const call of ["resumeProducing", "stopProducing"] as const) {
    const log = recordingLogger();
    await using reactor = new MemoryReactor();
    const scope = reactor.scope({
      name: "app",
      log,
      onFailure: (error) => {
        throw error;
      },
    });
    const { server, client } = await connected(scope, deaf);
    client.transport.registerProducer(
      Object.assign(new RecordingProducer(), {
        [call]: () => {
          throw new Error("producer broke");
        },
      }),
    );
    client.transport.write(new Uint8Array(100 * KiB));
    const drained = client.transport.drained();
    if (call === "resumeProducing") server.transport.resumeProducing();
    else client.transport.abortConnection();
    await client.lost;
    await drained;
    assertEquals(client.events.filter((event) => event === "lost").length, 1);
    assertEquals(log.records.filter(({ level }) => level === "error").length, 1);
    assertEquals(scope.counters().protocolErrors, 1);
  }
});
