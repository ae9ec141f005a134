import type { Connection } from "../../../services/reactor/connection.ts";
import type { Scope } from "../../../services/reactor/scope/scope.ts";
import { MemoryReactor, type RecordingLogger, recordingLogger } from "../../../services/testing/mod.ts";
import { assert, assertEquals, assertRejects } from "../../assert.ts";
import { assertBytes, bytes, pattern, Peer } from "./peers.ts";

const KiB = 1024;
const never = new Promise<never>(() => {});

class Scene implements AsyncDisposable {
  readonly reactor = new MemoryReactor();
  readonly log: RecordingLogger = recordingLogger();
  readonly scope: Scope = this.reactor.scope({
    name: "web",
    log: this.log,
    onFailure: (error) => {
      throw error;
    },
  });

  /** Serve with `handler`, and connect. */
  async connect(
    handler: (connection: Connection) => void | Promise<void>,
    client: Peer = new Peer(),
  ): Promise<Peer> {
    await this.scope.serve("tcp:127.0.0.1:80", handler);
    return await this.reactor.connect("tcp:127.0.0.1:80", () => client);
  }

  errors(): unknown[] {
    return this.log.records.filter(({ level }) => level === "error").map(({ fields }) => fields.error);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.reactor[Symbol.asyncDispose]();
  }
}

Deno.test("serve() runs its handler per connection, and closes it when the handler is done", async () => {
  await using scene = new Scene();
  const client = await scene.connect(async (connection) => {
    await connection.write(bytes("hello\n"));
    for await (const chunk of connection) await connection.write(chunk);
    await connection.write(bytes("bye\n"));
  });
  client.transport.write(bytes("ping\n"));
  await scene.reactor.settle();
  assertEquals(client.text, "hello\nping\n");
  client.transport.loseWriteConnection();
  await client.lost;
  assertEquals([client.text, client.reason?.name], ["hello\nping\nbye\n", "ConnectionDone"]);
});

Deno.test("a connection is a pair of streams too", async () => {
  await using scene = new Scene();
  const client = await scene.connect((connection) => connection.readable.pipeTo(connection.writable));
  const sent = pattern(300 * KiB);
  const received: Uint8Array[] = [];
  client.dataReceived = (chunk) => void received.push(chunk);
  client.transport.write(sent);
  client.transport.loseWriteConnection();
  await scene.reactor.advance(1_000);
  await assertBytes(received, sent);
  assertEquals(client.reason?.name, "ConnectionDone");
});

Deno.test("a handler that does not read holds its peer up, and loses nothing of what came", async () => {
  await using scene = new Scene();
  const go = Promise.withResolvers<void>();
  let size = 0;
  const client = await scene.connect(async (connection) => {
    await go.promise;
    for await (const chunk of connection) size += chunk.length;
  });
  client.transport.write(new Uint8Array(1024 * KiB));
  client.transport.loseWriteConnection();
  await scene.reactor.advance(1_000);
  const held = scene.scope.counters().bytesRead;
  assert(held <= 5 * 64 * KiB, `holds ${held} bytes`);
  go.resolve();
  await client.lost;
  assertEquals(size, 1024 * KiB);
});

Deno.test("write() waits while the peer does not read", async () => {
  await using scene = new Scene();
  let written = 0;
  const client = await scene.connect(async (connection) => {
    for (let i = 0; i < 100; i++) {
      await connection.write(new Uint8Array(16 * KiB));
      written++;
    }
  }, new Peer({ made: (peer) => peer.transport.pauseProducing() }));
  await scene.reactor.advance(1_000);
  assert(written < 10, `${written} were written`);
  client.transport.resumeProducing();
  await client.lost;
  assertEquals([written, client.bytes], [100, 1_600 * KiB]);
});

Deno.test("a handler that rejects or throws aborts its connection, and is logged with the peer", async () => {
  for (const how of ["rejects", "throws"]) {
    await using scene = new Scene();
    const error = new Error("broken");
    const client = await scene.connect(() => {
      if (how === "throws") throw error;
      return Promise.reject(error);
    });
    await client.lost;
    const [record] = scene.log.records.filter(({ level }) => level === "error");
    assertEquals([record?.message, record?.fields], [
      "Connection handler failed",
      { peer: "tcp:127.0.0.1:49152", error },
    ]);
    await scene.reactor.connect("tcp:127.0.0.1:80", () => new Peer());
  }
});

Deno.test("when the peer vanishes, reading and writing reject with the reason, which is nobody's fault", async () => {
  await using scene = new Scene();
  const outcomes: unknown[] = [];
  const client = await scene.connect(
    async (connection) => {
      connection.transport.write(new Uint8Array(256 * KiB));
      const reading = connection[Symbol.asyncIterator]().next();
      const error = await assertRejects(() => reading, Error, "Connection was lost: Broken pipe");
      assertEquals(await assertRejects(() => connection.write(bytes("x"))), error);
      outcomes.push(connection.closed.reason === error);
      throw error;
    },
    new Peer({ made: (peer) => peer.transport.pauseProducing() }),
  );
  await scene.reactor.settle();
  client.transport.abortConnection();
  await scene.reactor.settle();
  assertEquals([outcomes, scene.errors(), scene.scope.counters().connections], [[true], [], 0]);
});

Deno.test("write() after the end rejects, close() resolves", async () => {
  await using scene = new Scene();
  const checked = Promise.withResolvers<void>();
  const client = await scene.connect(async (connection) => {
    await connection.close();
    assertEquals(connection.closed.aborted, true);
    await connection.close();
    await assertRejects(() => connection.write(bytes("x")), Error, "Connection was closed cleanly");
    checked.resolve();
  });
  await client.lost;
  await checked.promise;
  assertEquals(scene.errors(), []);
});

Deno.test("await using closes a connection at the end of its block", async () => {
  await using scene = new Scene();
  const trace: string[] = [];
  const client = await scene.connect(async (given) => {
    {
      await using connection = given;
      await connection.write(bytes("x"));
    }
    trace.push(given.transport.state);
  });
  await client.lost;
  await scene.reactor.settle();
  assertEquals([trace, client.text], [["closed"], "x"]);
});

Deno.test("a drain tells handlers by draining, and waits for them", async () => {
  await using scene = new Scene();
  const client = await scene.connect(async (connection) => {
    await new Promise((resolve) => connection.draining.addEventListener("abort", resolve));
    await connection.write(bytes("one moment\n"));
    await new Promise<void>((resolve) => scene.reactor.callLater(500, resolve));
    await connection.write(bytes("done\n"));
  });
  await scene.reactor.settle();
  let over = false;
  const drained = scene.scope.drain({ within: 10_000, hold: 0 }).then((left) => (over = true, left));
  await scene.reactor.advance(499);
  assertEquals([client.text, over], ["one moment\n", false]);
  await scene.reactor.advance(1);
  assertEquals([await drained, client.text], [[], "one moment\ndone\n"]);
});

Deno.test("a drain waits for a handler whose connection is over, and names it at the deadline", async () => {
  await using scene = new Scene();
  const client = await scene.connect((connection) => {
    connection.transport.abortConnection();
    return never;
  });
  await client.lost;
  const drained = scene.scope.drain({ within: 1_000, hold: 0 });
  await scene.reactor.advance(1_000);
  assertEquals(await drained, ["1 connection handler"]);
});

Deno.test("a handler that stops reading closes in order: its peer hears everything", async () => {
  await using scene = new Scene();
  const client = await scene.connect(async (connection) => {
    for await (const _ of connection) break;
    await connection.write(new Uint8Array(512 * KiB));
  });
  client.transport.write(new Uint8Array(2048 * KiB));
  await scene.reactor.advance(2_000);
  assertEquals([client.bytes, client.reason?.name], [512 * KiB, "ConnectionDone"]);
});

Deno.test("a handler that is done before its peer lets that speak to its end, for a second at most", async () => {
  await using scene = new Scene();
  const client = await scene.connect(
    () => new Promise((resolve) => void scene.reactor.callLater(10, resolve)),
    new Peer({ end: () => {} }),
  );
  await scene.reactor.advance(10);
  client.transport.write(bytes("still speaking"));
  await scene.reactor.advance(999);
  assertEquals([client.events, scene.scope.counters().connections], [["made", "end"], 1]);
  await scene.reactor.advance(1);
  assertEquals(scene.scope.counters().connections, 0);
});

Deno.test("the writable side ends the direction, or aborts the connection", async () => {
  for (const [how, reason] of [["close", "ConnectionDone"], ["abort", "ConnectionAborted"]] as const) {
    await using scene = new Scene();
    const ended = Promise.withResolvers<unknown>();
    const client = await scene.connect(async (connection) => {
      connection.closed.addEventListener("abort", () => ended.resolve(connection.closed.reason.name));
      const writer = connection.writable.getWriter();
      await writer.write(bytes("x"));
      await writer[how]();
    });
    await client.lost;
    assertEquals([await ended.promise, scene.errors()], [reason, []]);
  }
});
