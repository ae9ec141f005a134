import { Protocol } from "../../../services/protocol/protocol.ts";
import { MemoryReactor } from "../../../services/testing/mod.ts";
import { assertEquals } from "../../assert.ts";
import { assertBytes, bytes, connected, pattern, type Peer } from "./peers.ts";

Deno.test("pauseProducing holds what has come, resumeProducing delivers it, in order", async () => {
  await using reactor = new MemoryReactor();
  const { server, client } = await connected(reactor);
  await reactor.settle();
  server.transport.pauseProducing();
  for (const text of ["a", "b", "c"]) {
    client.transport.write(bytes(text));
    await reactor.settle();
  }
  assertEquals([server.text, server.transport.bytesRead], ["", 1]);
  server.transport.resumeProducing();
  server.transport.resumeProducing();
  assertEquals(server.text, "", "delivered within resumeProducing");
  await reactor.settle();
  assertEquals(server.text, "abc");
});

Deno.test("a protocol that pauses in each callback hears nothing more until it resumes", async () => {
  await using reactor = new MemoryReactor();
  const { server, client } = await connected(reactor, {
    made: (peer) => peer.transport.pauseProducing(),
    data: (peer) => peer.transport.pauseProducing(),
  });
  client.transport.write(pattern(5_000));
  await reactor.settle();
  const sizes = [server.bytes];
  while (server.bytes < 5_000) {
    server.transport.resumeProducing();
    await reactor.settle();
    sizes.push(server.bytes);
  }
  assertEquals(sizes, [0, 1_024, 5_000]);
});

Deno.test("pausing and resuming at once leaves one read under way, and no byte twice", async () => {
  await using reactor = new MemoryReactor();
  const { server, client } = await connected(reactor);
  for (let i = 0; i < 10; i++) {
    server.transport.pauseProducing();
    server.transport.resumeProducing();
  }
  client.transport.write(bytes("once"));
  await reactor.settle();
  assertEquals(server.text, "once");
});

Deno.test("chunks may be kept: nothing overwrites them", async () => {
  await using reactor = new MemoryReactor();
  const kept: Uint8Array[] = [];
  const { client } = await connected(reactor, { data: (_, chunk) => kept.push(chunk) });
  const sent = pattern(300_000);
  for (let at = 0; at < sent.length; at += 7_001) {
    client.transport.write(sent.subarray(at, at + 7_001));
    if (at % 3 === 0) await reactor.settle();
  }
  await reactor.settle();
  await assertBytes(kept, sent);
});

Deno.test("the chunk that a borrowing protocol keeps is spoilt at once in memory, written or not", async () => {
  for (const reply of ["", "ok"]) {
    await using reactor = new MemoryReactor();
    const kept: Uint8Array[] = [];
    const { client } = await connected(reactor, {
      borrows: true,
      data: (peer, chunk) => {
        kept.push(chunk);
        peer.transport.write(bytes(reply));
      },
    });
    client.transport.write(bytes("abc"));
    await reactor.settle();
    assertEquals(kept, [new Uint8Array([0xdd, 0xdd, 0xdd])]);
    assertEquals(client.text, reply);
  }
});

Deno.test("what a borrowing protocol writes to its own transport arrives whole", async () => {
  await using reactor = new MemoryReactor();
  const received: Uint8Array[] = [];
  const { client } = await connected(reactor, {
    borrows: true,
    data: (peer, chunk) => {
      peer.transport.write(chunk.subarray(0, 1));
      peer.transport.write(chunk.subarray(1));
    },
  }, { data: (_, chunk) => received.push(chunk) });
  const sent = pattern(200_000);
  client.transport.write(sent);
  await reactor.advance(1_000);
  await assertBytes(received, sent);
});

Deno.test("what a borrowing protocol writes to another transport is spoilt in memory: its test fails", async () => {
  await using reactor = new MemoryReactor();
  const { client: sink, server: other } = await connected(reactor);
  const { client } = await connected(reactor, {
    borrows: true,
    data: (_, chunk) => other.transport.write(chunk),
  });
  client.transport.write(bytes("leak"));
  await reactor.settle();
  assertEquals([...bytes(sink.text)].length > 0 && sink.text !== "leak", true);
});

Deno.test("callbacks do not nest, whatever they do to the transport", async () => {
  await using reactor = new MemoryReactor();
  let depth = 0;
  let deepest = 0;
  const once = (act: (peer: Peer) => void) => (peer: Peer) => {
    deepest = Math.max(deepest, ++depth);
    act(peer);
    depth--;
  };
  const { server, client } = await connected(reactor, {
    made: once((peer) => peer.transport.write(bytes("hello"))),
    data: once((peer) => {
      const { transport } = peer;
      transport.pauseProducing();
      transport.write(bytes("x"));
      transport.registerProducer({ pauseProducing() {}, resumeProducing() {}, stopProducing() {} });
      transport.unregisterProducer();
      transport.resumeProducing();
      if (peer.text.includes("!")) transport.loseConnection();
    }),
    lost: once((peer) => peer.transport.abortConnection()),
  });
  for (const text of ["a", "b", "!"]) {
    client.transport.write(bytes(text));
    await reactor.settle();
  }
  await server.lost;
  assertEquals([deepest, server.events], [1, ["made", "data", "lost"]]);
});

Deno.test("bytesRead and bytesWritten count on both sides, and survive the end", async () => {
  await using reactor = new MemoryReactor();
  const { server, client } = await connected(reactor, {
    data: (peer, chunk) => peer.transport.write(chunk),
  });
  client.transport.write(pattern(10_000));
  await reactor.settle();
  client.transport.loseConnection();
  await server.lost;
  for (const { transport } of [server, client]) {
    assertEquals([transport.bytesRead, transport.bytesWritten], [10_000, 10_000]);
  }
});

Deno.test("a chunk shares memory with no other chunk that is in use", async () => {
  await using reactor = new MemoryReactor();
  const kept: Uint8Array[] = [];
  class Scribbler extends Protocol {
    override dataReceived(data: Uint8Array): void {
      kept.push(data.slice());
      data.fill(0);
    }
  }
  const { client } = await connected(reactor, () => new Scribbler());
  for (let i = 0; i < 100; i++) {
    client.transport.write(pattern(i + 1, i));
    await reactor.settle();
  }
  assertEquals(kept.map((chunk) => chunk.length), Array.from({ length: 100 }, (_, i) => i + 1));
  kept.forEach((chunk, i) => assertEquals(chunk, pattern(i + 1, i)));
});
