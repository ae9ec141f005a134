import fc from "fast-check";
import { DenoReactor } from "../../../services/reactor/deno/deno_reactor.ts";
import type { Port } from "../../../services/reactor/reactor.ts";
import { assert, assertEquals } from "../../assert.ts";
import { checkProperty } from "../../property.ts";
import { addressOf, assertBytes, bytes, connected, pattern, Peer, turns } from "./peers.ts";

const KiB = 1024;
const MiB = 1024 * KiB;

/** A client that knows nothing of Heddle. */
function dial(port: Port): Promise<Deno.TcpConn> {
  assert("port" in port.host);
  return Deno.connect({ hostname: "127.0.0.1", port: port.host.port });
}

async function writeAll(conn: Deno.Conn, data: Uint8Array): Promise<void> {
  for (let at = 0; at < data.length;) at += await conn.write(data.subarray(at));
}

/** Everything up to the end. */
async function readAll(conn: Deno.Conn): Promise<Uint8Array> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  while (true) {
    const buffer = new Uint8Array(64 * KiB);
    const size = await conn.read(buffer);
    if (size === null) return await new Blob(chunks).bytes();
    chunks.push(buffer.subarray(0, size));
  }
}

/** The turns that a writer or reader lets pass before its next step. */
const pauses = fc.array(fc.nat({ max: 2 }), { minLength: 1, maxLength: 20 });
const sizes = fc.array(
  fc.oneof(
    fc.integer({ min: 1, max: 100 }),
    fc.constantFrom(1_023, 1_024, 1_025, 65_535, 65_536, 65_537),
    fc.integer({ min: 1, max: 200_000 }),
  ),
  { minLength: 1, maxLength: 25 },
);

Deno.test("bytes out are bytes in, lent or kept, whatever the sizes and timings, over real sockets", async () => {
  await checkProperty(
    fc.asyncProperty(sizes, pauses, pauses, fc.boolean(), async (sizes, writing, reading, borrows) => {
      await using reactor = new DenoReactor();
      const kept: [Uint8Array, Uint8Array][] = [];
      let reads = 0;
      const { server, client } = await connected(reactor, {
        borrows,
        data: (peer, chunk) => {
          if (!borrows) kept.push([chunk, chunk.slice()]);
          peer.transport.write(chunk);
        },
      }, {
        data: (peer, chunk) => {
          kept.push([chunk, chunk.slice()]);
          const pause = reading[reads++ % reading.length]!;
          if (pause === 0) return;
          peer.transport.pauseProducing();
          void turns(reactor, pause).then(() => peer.transport.resumeProducing());
        },
      });
      const echoed: Uint8Array[] = [];
      const receive = client.dataReceived.bind(client);
      client.dataReceived = (chunk) => {
        echoed.push(chunk);
        receive(chunk);
      };
      const sent = pattern(sizes.reduce((sum, size) => sum + size, 0));
      let at = 0;
      for (const [i, size] of sizes.entries()) {
        client.transport.write(sent.slice(at, at += size));
        await turns(reactor, writing[i % writing.length]!);
      }
      await client.until(({ bytes }) => bytes >= sent.length);
      client.transport.loseConnection();
      await Promise.all([server.lost, client.lost]);
      await assertBytes(echoed, sent);
      for (const [chunk, copy] of kept) assertEquals(chunk, copy);
      assertEquals([server.reason?.name, client.reason?.name], ["ConnectionDone", "ConnectionDone"]);
      assertEquals([server.transport.bytesRead, server.transport.bytesWritten], [sent.length, sent.length]);
    }),
    { numRuns: 60 },
  );
});

Deno.test("a reply is heard to its end although the peer was still sending", async () => {
  for (const chunk of [100, 4 * KiB, 256 * KiB]) {
    await using reactor = new DenoReactor();
    const reply = pattern(3 * MiB);
    const port = await reactor.listen("tcp:127.0.0.1:0", () =>
      new Peer({
        data: (peer) => {
          peer.transport.write(reply);
          peer.transport.loseConnection();
        },
      }));
    using conn = await dial(port);
    let over = false;
    const sending = (async () => {
      while (!over) {
        await writeAll(conn, new Uint8Array(chunk));
        await turns(reactor, 1);
      }
    })();
    const received = await readAll(conn);
    over = true;
    await sending;
    await assertBytes([received], reply);
  }
});

Deno.test("a short reply to a long request arrives, and the end after it is no reset", async () => {
  await using reactor = new DenoReactor();
  const server = new Peer({
    data: (peer) => {
      peer.transport.write(bytes("413 too long\n"));
      peer.transport.loseConnection();
    },
  });
  const port = await reactor.listen("tcp:127.0.0.1:0", () => server);
  using conn = await dial(port);
  await writeAll(conn, new Uint8Array(3 * MiB));
  assertEquals(new TextDecoder().decode(await readAll(conn)), "413 too long\n");
  await conn.closeWrite();
  await server.lost;
  assertEquals([server.events, server.reason?.name], [["made", "data", "lost"], "ConnectionDone"]);
});

Deno.test("an echo to a client that does not read holds little, and goes on when it reads", async () => {
  for (const borrows of [false, true]) {
    await using reactor = new DenoReactor();
    let most = 0;
    const server = new Peer({
      borrows,
      data: (peer, chunk) => {
        peer.transport.write(chunk);
        most = Math.max(most, peer.transport.bufferedBytes);
      },
    });
    const port = await reactor.listen("tcp:127.0.0.1:0", () => server);
    using conn = await dial(port);
    const sent = pattern(32 * MiB);
    const sending = writeAll(conn, sent).then(() => conn.closeWrite());
    sending.catch(() => {});
    await server.until(({ bytes, transport }) => bytes > 0 && transport.bufferedBytes > 64 * KiB);
    const [received] = await Promise.all([readAll(conn), sending]);
    assert(received.length === sent.length && most <= 256 * KiB, `${received.length} bytes, held ${most}`);
    await assertBytes([received], sent);
  }
});

Deno.test("two ends that are both full do not wait for each other for ever", async () => {
  for (const borrows of [false, true]) {
    await using reactor = new DenoReactor();
    const { client } = await connected(reactor, {
      borrows,
      data: (peer, chunk) => peer.transport.write(chunk),
    }, { borrows });
    const size = 48 * MiB;
    client.transport.write(new Uint8Array(size));
    await client.until(({ bytes }) => bytes === size);
  }
});

Deno.test("after an abort nobody is sent what another connection reads", async () => {
  await using reactor = new DenoReactor();
  const stalled = Promise.withResolvers<Peer>();
  const port = await reactor.listen("tcp:127.0.0.1:0", () =>
    new Peer({
      borrows: true,
      data: (peer, chunk) => {
        peer.transport.write(chunk);
        if (chunk[0] === 0xaa && peer.transport.bytesWritten > 2 * MiB) stalled.resolve(peer);
      },
    }));
  using victim = await dial(port);
  const sending = writeAll(victim, new Uint8Array(64 * MiB).fill(0xaa)).catch(() => {});
  const peer = await stalled.promise;
  const written = () => peer.transport.bytesWritten;
  for (let before = -1; before !== written();) {
    before = written();
    await turns(reactor, 50);
  }
  peer.transport.abortConnection();
  const others = await Promise.all(
    Array.from({ length: 8 }, async () => {
      const other = await reactor.connect(addressOf(port), () => new Peer());
      other.transport.write(new Uint8Array(MiB).fill(0xbb));
      return other;
    }),
  );
  const heard = await readAll(victim).catch(() => new Uint8Array(0));
  assertEquals(heard.includes(0xbb), false);
  await Promise.all(others.map((other) => other.until(({ bytes }) => bytes === MiB)));
  await sending;
});

Deno.test("half-close over real sockets: each direction ends by itself", async () => {
  await using reactor = new DenoReactor();
  const server = new Peer({
    end: (peer) => {
      peer.transport.write(bytes(`heard ${peer.bytes}`));
      peer.transport.loseWriteConnection();
    },
  });
  const port = await reactor.listen("tcp:127.0.0.1:0", () => server);
  using conn = await dial(port);
  await writeAll(conn, pattern(100_000));
  await conn.closeWrite();
  assertEquals(new TextDecoder().decode(await readAll(conn)), "heard 100000");
  await server.lost;
  assertEquals([server.events, server.reason?.name], [["made", "data", "end", "lost"], "ConnectionDone"]);
});

Deno.test("a peer that resets is told as a loss, with the system's error as its cause", async () => {
  await using reactor = new DenoReactor();
  const server = new Peer({ made: (peer) => peer.transport.write(new Uint8Array(12 * MiB)), end: () => {} });
  const port = await reactor.listen("tcp:127.0.0.1:0", () => server);
  const conn = await dial(port);
  await conn.read(new Uint8Array(1));
  // Closing on unread bytes resets.
  conn.close();
  await server.lost;
  assertEquals([server.reason?.name, server.reason?.clean], ["ConnectionLost", false]);
  assert(server.reason?.cause instanceof Error);
});

Deno.test("a thousand short connections leave nothing behind", async () => {
  await using reactor = new DenoReactor();
  let lost = 0;
  const over = Promise.withResolvers<void>();
  const port = await reactor.listen("tcp:127.0.0.1:0", () =>
    new Peer({
      data: (peer, chunk) => {
        peer.transport.write(chunk);
        peer.transport.loseConnection();
      },
      lost: () => ++lost === 1_000 && over.resolve(),
    }));
  for (let round = 0; round < 10; round++) {
    await Promise.all(
      Array.from({ length: 100 }, async () => {
        const client = await reactor.connect(addressOf(port), () => new Peer());
        client.transport.write(bytes("hello"));
        await client.lost;
        assertEquals([client.text, client.reason?.name], ["hello", "ConnectionDone"]);
      }),
    );
  }
  await over.promise;
  await turns(reactor, 1);
  assertEquals(port.connections, 0);
});
