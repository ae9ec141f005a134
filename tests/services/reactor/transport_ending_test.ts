import type { Protocol } from "../../../services/protocol/protocol.ts";
import { MemoryReactor, recordingLogger } from "../../../services/testing/mod.ts";
import { assertEquals, assertRejects, assertStringIncludes } from "../../assert.ts";
import { addressOf, bytes, connected, Peer } from "./peers.ts";

const MiB = 1024 * 1024;

/** Goes on after the peer's end. */
const halfOpen = { end: () => {} };

Deno.test("loseConnection sends everything, then closes; later writes go nowhere", async () => {
  await using reactor = new MemoryReactor();
  const { server, client } = await connected(reactor, { data: (peer) => peer.transport.pauseProducing() });
  client.transport.write(bytes("a"));
  await reactor.settle();
  client.transport.write(new Uint8Array(MiB));
  client.transport.write(bytes("end"));
  client.transport.loseConnection();
  client.transport.loseConnection();
  client.transport.write(bytes("too late"));
  assertEquals(client.transport.state, "closing");
  await reactor.settle();
  assertEquals([client.transport.state, server.bytes], ["closing", 1]);
  while (server.reason === null) {
    server.transport.resumeProducing();
    await reactor.settle();
  }
  assertEquals([server.bytes, server.text.includes("too late")], [1 + MiB + 3, false]);
  assertEquals([client.events, client.reason?.name], [["made", "lost"], "ConnectionDone"]);
  assertEquals([server.events, server.reason?.name], [["made", "data", "end", "lost"], "ConnectionDone"]);
});

Deno.test("while it closes, what the peer sends is read and dropped: neither end waits for the other", async () => {
  await using reactor = new MemoryReactor();
  const { server, client } = await connected(reactor, {
    data: (peer) => {
      peer.transport.write(new Uint8Array(MiB));
      peer.transport.loseConnection();
    },
  });
  client.transport.write(new Uint8Array(4 * MiB));
  await reactor.advance(500);
  assertEquals([client.bytes, client.reason?.name], [MiB, "ConnectionDone"]);
  assertEquals([server.reason?.name, server.events], ["ConnectionDone", ["made", "data", "lost"]]);
});

Deno.test("a connection that is closed while it was paused reads on, too", async () => {
  await using reactor = new MemoryReactor();
  const { server, client } = await connected(
    reactor,
    { made: (peer) => peer.transport.pauseProducing() },
    { made: (peer) => peer.transport.pauseProducing() },
  );
  client.transport.write(new Uint8Array(MiB));
  void client.transport.drained().then(() => client.transport.resumeProducing());
  await reactor.settle();
  server.transport.write(new Uint8Array(MiB));
  server.transport.loseConnection();
  await reactor.settle();
  assertEquals([client.bytes, client.reason?.name], [MiB, "ConnectionDone"]);
});

Deno.test("after a request a closing end lingers for its peer's end, and no longer than a second", async () => {
  await using reactor = new MemoryReactor();
  const reply = (peer: Peer) => {
    peer.transport.write(bytes("reply"));
    peer.transport.loseConnection();
  };
  const { server, client } = await connected(reactor, { data: reply }, halfOpen);
  client.transport.write(bytes("request"));
  await reactor.settle();
  assertEquals([client.text, client.events], ["reply", ["made", "data", "end"]]);
  await reactor.advance(999);
  assertEquals([server.transport.state, server.reason], ["closing", null]);
  await reactor.advance(1);
  assertEquals(server.reason?.name, "ConnectionDone");
});

Deno.test("a peer that has been silent is not waited for", async () => {
  await using reactor = new MemoryReactor();
  const { server } = await connected(reactor, {}, halfOpen);
  await reactor.settle();
  server.transport.write(bytes("bye"));
  server.transport.loseConnection();
  await reactor.settle();
  assertEquals(server.reason?.name, "ConnectionDone");
});

Deno.test("half-close: both directions end by themselves, the last one ends the connection", async () => {
  await using reactor = new MemoryReactor();
  const { server, client } = await connected(reactor, halfOpen, halfOpen);
  client.transport.write(bytes("request"));
  client.transport.loseWriteConnection();
  client.transport.loseWriteConnection();
  client.transport.write(bytes("too late"));
  await reactor.settle();
  assertEquals([server.text, server.events], ["request", ["made", "data", "end"]]);
  server.transport.write(bytes("late reply"));
  await reactor.settle();
  assertEquals([client.text, client.reason, server.reason], ["late reply", null, null]);
  server.transport.write(bytes(", the end"));
  server.transport.loseWriteConnection();
  await reactor.settle();
  assertEquals(client.text, "late reply, the end");
  assertEquals([client.reason?.name, server.reason?.name], ["ConnectionDone", "ConnectionDone"]);
});

Deno.test("abortConnection ends at once, tells its reason, and drops what is buffered", async () => {
  await using reactor = new MemoryReactor();
  const { server, client } = await connected(reactor, { made: (peer) => peer.transport.pauseProducing() });
  client.transport.write(new Uint8Array(MiB));
  client.transport.abortConnection("Enough");
  client.transport.abortConnection("Again");
  assertEquals([client.transport.state, client.transport.bufferedBytes], ["closed", 0]);
  assertEquals(client.reason, null, "told within abortConnection");
  await client.lost;
  assertEquals([client.reason?.name, client.reason?.message], ["ConnectionAborted", "Enough"]);
  server.transport.resumeProducing();
  await server.lost;
});

Deno.test("after the end every method is a harmless no-op", async () => {
  await using reactor = new MemoryReactor();
  const { client } = await connected(reactor);
  const { transport } = client;
  transport.abortConnection();
  await client.lost;
  transport.write(bytes("x"));
  transport.writeSequence([bytes("x")]);
  transport.loseConnection();
  transport.loseWriteConnection();
  transport.abortConnection();
  transport.pauseProducing();
  transport.resumeProducing();
  transport.unregisterProducer();
  transport.setNoDelay(true);
  await transport.drained();
  await assertRejects(() => transport.startTLS({}), Error, "Connection was lost before the TLS handshake");
  await reactor.settle();
  assertEquals(client.events, ["made", "lost"]);
});

for (
  const [name, act] of [
    ["abortConnection", (peer: Peer) => peer.transport.abortConnection()],
    ["loseConnection", (peer: Peer) => peer.transport.loseConnection()],
    ["an exception", () => {
      throw new Error("broken");
    }],
  ] as const
) {
  for (const where of ["made", "data", "end", "lost"] as const) {
    Deno.test(`${name} within "${where}" ends the connection once, last`, async () => {
      await using reactor = new MemoryReactor();
      const log = recordingLogger();
      const scope = reactor.scope({
        name: "app",
        log,
        onFailure: (error) => {
          throw error;
        },
      });
      const { server, client } = await connected(scope, { [where]: act }, halfOpen);
      const { client: other, server: neighbour } = await connected(scope);
      client.transport.write(bytes("data"));
      client.transport.loseWriteConnection();
      await server.lost;
      await reactor.settle();
      assertEquals(server.events.filter((event) => event === "lost").length, 1);
      assertEquals(server.events.at(-1), "lost");
      const broken = name === "an exception" ? 1 : 0;
      assertEquals(log.records.filter(({ level }) => level === "error").length, broken);
      assertEquals(scope.counters().protocolErrors, broken);
      other.transport.write(bytes("still here"));
      await reactor.settle();
      assertEquals(neighbour.text, "still here");
    });
  }
}

Deno.test("an exception names the peer and the error in the log of its service", async () => {
  await using reactor = new MemoryReactor();
  const log = recordingLogger();
  const scope = reactor.scope({ name: "app", log, onFailure: () => {} });
  const error = new Error("broken");
  const { server, client } = await connected(scope, {
    data: () => {
      throw error;
    },
  });
  client.transport.write(bytes("x"));
  await server.lost;
  const [record] = log.records.filter(({ level }) => level === "error");
  assertEquals(record?.message, "Protocol threw an exception: its connection is closed");
  assertEquals(record?.fields.error, error);
  assertStringIncludes(String(record?.fields.peer), "tcp:127.0.0.1:");
  assertEquals([server.reason?.name, server.reason?.cause], ["ConnectionAborted", error]);
});

Deno.test("a factory that returns null refuses, one that throws is logged; the port lives on", async () => {
  await using reactor = new MemoryReactor();
  const log = recordingLogger();
  const scope = reactor.scope({ name: "app", log, onFailure: () => {} });
  const answers: (() => Protocol | null)[] = [
    () => null,
    () => {
      throw new Error("no protocol");
    },
    () => new Peer({ made: (peer) => peer.transport.write(bytes("welcome")) }),
  ];
  const port = await scope.listen("tcp:0", () => answers.shift()!());
  const clients: Peer[] = [];
  for (let i = 0; i < 3; i++) {
    clients.push(await scope.connect(addressOf(port), () => new Peer()));
    await reactor.settle();
  }
  assertEquals(clients.map(({ text, reason }) => [text, reason?.name]), [
    ["", "ConnectionDone"],
    ["", "ConnectionDone"],
    ["welcome", undefined],
  ]);
  assertEquals(port.connections, 1);
  assertEquals(log.records.filter(({ level }) => level === "error").length, 1);
});

Deno.test("a connection that is reset is lost, with the cause", async () => {
  await using reactor = new MemoryReactor();
  const { server, client } = await connected(reactor, {}, {
    made: (peer) => peer.transport.pauseProducing(),
  });
  client.transport.abortConnection();
  server.transport.write(new Uint8Array(MiB));
  await server.lost;
  assertEquals(server.events.at(-1), "lost");
});
