import { MemoryNetwork } from "../../../services/reactor/memory/memory_network.ts";
import type { TlsRole } from "../../../services/reactor/network.ts";
import type { RawConn } from "../../../services/reactor/raw.ts";
import type { TlsInfo } from "../../../services/reactor/transport.ts";
import { MemoryReactor } from "../../../services/testing/mod.ts";
import { assertEquals, assertRejects } from "../../assert.ts";
import { NetworkReactor } from "./network_reactor.ts";
import { bytes, connected } from "./peers.ts";

const info: TlsInfo = {
  version: "TLSv1.3",
  alpn: null,
  serverName: null,
  authorized: false,
  peerName: null,
};

/** A handshake whose course the test decides, over a connection that it sees. */
class Handshake {
  readonly #outcome = Promise.withResolvers<RawConn>();

  constructor(readonly raw: RawConn, readonly role: TlsRole) {}

  get outcome(): Promise<RawConn> {
    return this.#outcome.promise;
  }

  async hear(): Promise<string | null> {
    const buffer = new Uint8Array(16);
    const size = await this.raw.read(buffer);
    return size === null ? null : new TextDecoder().decode(buffer.subarray(0, size));
  }

  complete(): void {
    const { raw } = this;
    this.#outcome.resolve({
      peer: raw.peer,
      host: raw.host,
      tls: info,
      read: (buffer) => raw.read(buffer),
      write: (data) => raw.write(data),
      closeWrite: () => raw.closeWrite(),
      close: () => raw.close(),
      setNoDelay: () => {},
    });
  }

  fail(error: Error): void {
    this.#outcome.reject(error);
  }
}

class HandshakeNetwork extends MemoryNetwork {
  readonly handshakes: Handshake[] = [];

  override startTLS(raw: RawConn, role: TlsRole): Promise<RawConn> {
    const handshake = new Handshake(raw, role);
    this.handshakes.push(handshake);
    return handshake.outcome;
  }
}

class HandshakeReactor extends NetworkReactor {
  readonly handshakes: Handshake[];

  constructor() {
    const network = new HandshakeNetwork();
    super(network);
    this.handshakes = network.handshakes;
  }
}

const tls = { certificate: "c.pem", privateKey: "k.pem" };

Deno.test("startTLS sends what was written before, switches, and sends what was written since", async () => {
  await using reactor = new HandshakeReactor();
  let started: Promise<TlsInfo> | undefined;
  const { server, client } = await connected(reactor, {
    data: (peer) => {
      if (started !== undefined) return;
      peer.transport.write(bytes("220 go ahead\n"));
      started = peer.transport.startTLS(tls);
      peer.transport.write(bytes("secret"));
    },
  });
  client.transport.write(bytes("STARTTLS\n"));
  await reactor.settle();
  assertEquals(client.text, "220 go ahead\n");
  const [handshake] = reactor.handshakes;
  assertEquals(handshake?.role, { side: "server" });
  client.transport.write(bytes("hello"));
  await reactor.settle();
  assertEquals(await handshake!.hear(), "hello");
  assertEquals([client.text, server.text, server.transport.bufferedBytes], [
    "220 go ahead\n",
    "STARTTLS\n",
    6,
  ]);
  handshake!.complete();
  assertEquals(await started, info);
  await reactor.settle();
  assertEquals([client.text, server.transport.tls], ["220 go ahead\nsecret", info]);
  client.transport.write(bytes("more"));
  await reactor.settle();
  assertEquals(server.text, "STARTTLS\nmore");
});

Deno.test("a read that is under way at startTLS brings the first bytes of the handshake", async () => {
  await using reactor = new HandshakeReactor();
  const { server, client } = await connected(reactor);
  await reactor.settle();
  const started = server.transport.startTLS(tls);
  await reactor.settle();
  const [handshake] = reactor.handshakes;
  client.transport.write(bytes("a hello of more than sixteen bytes"));
  assertEquals(await handshake!.hear(), "a hello of more ");
  assertEquals(await handshake!.hear(), "than sixteen byt");
  assertEquals(await handshake!.hear(), "es");
  handshake!.complete();
  await started;
  assertEquals(server.text, "");
});

Deno.test("what was received and held before startTLS is thrown away", async () => {
  await using reactor = new HandshakeReactor();
  const { server, client } = await connected(reactor);
  await reactor.settle();
  server.transport.pauseProducing();
  client.transport.write(bytes("injected"));
  await reactor.settle();
  const started = server.transport.startTLS(tls);
  await reactor.settle();
  reactor.handshakes[0]!.complete();
  await started;
  server.transport.resumeProducing();
  await reactor.settle();
  assertEquals(server.text, "");
});

Deno.test("an end of the connection ends the handshake at once, whether a read was under way or not", async () => {
  for (const how of ["abort by us", "end of the peer"]) {
    for (const reading of [true, false]) {
      await using reactor = new HandshakeReactor();
      const { server, client } = await connected(reactor);
      if (reading) await reactor.settle();
      const started = server.transport.startTLS(tls);
      await reactor.settle();
      const [handshake] = reactor.handshakes;
      const heard = handshake!.hear().catch((error: Error) => error);
      if (how === "abort by us") server.transport.abortConnection();
      else client.transport.abortConnection();
      const outcome = await heard;
      assertEquals(outcome === null || outcome instanceof Error, true);
      handshake!.fail(new Error("handshake was cut"));
      await assertRejects(() => started, Error);
      await server.lost;
      assertEquals(server.events, ["made", "lost"]);
    }
  }
});

Deno.test("a handshake that fails loses the connection, with its error as the cause", async () => {
  await using reactor = new HandshakeReactor();
  const { client } = await connected(reactor);
  await reactor.settle();
  const started = client.transport.startTLS({});
  await reactor.settle();
  assertEquals(reactor.handshakes[0]!.role, { side: "client", hostname: "127.0.0.1" });
  const error = new Error("unknown authority");
  reactor.handshakes[0]!.fail(error);
  assertEquals(await assertRejects(() => started), error);
  await client.lost;
  assertEquals([client.reason?.name, client.reason?.cause], ["ConnectionLost", error]);
});

Deno.test("an abort during the handshake wins over its completion", async () => {
  await using reactor = new HandshakeReactor();
  const { server } = await connected(reactor);
  const started = server.transport.startTLS(tls);
  await reactor.settle();
  server.transport.abortConnection();
  reactor.handshakes[0]!.complete();
  await assertRejects(() => started, Error, "Connection was lost during the TLS handshake");
});

Deno.test("a second startTLS while a handshake is under way is refused, and harms nothing", async () => {
  await using reactor = new HandshakeReactor();
  const { server } = await connected(reactor);
  const started = server.transport.startTLS(tls);
  await assertRejects(() => server.transport.startTLS(tls), Error, "a handshake is under way");
  await reactor.settle();
  reactor.handshakes[0]!.complete();
  await started;
  assertEquals(server.transport.state, "open");
});

Deno.test("loseConnection during the handshake still sends what was written", async () => {
  await using reactor = new HandshakeReactor();
  const { server, client } = await connected(reactor);
  await reactor.settle();
  const started = server.transport.startTLS(tls);
  server.transport.write(bytes("secret"));
  server.transport.loseConnection();
  await reactor.settle();
  assertEquals(client.text, "");
  reactor.handshakes[0]!.complete();
  await started;
  await server.lost;
  assertEquals([client.text, server.reason?.name], ["secret", "ConnectionDone"]);
});

Deno.test("MemoryReactor pretends a handshake, so that a protocol's STARTTLS can be tested", async () => {
  await using reactor = new MemoryReactor();
  const { server, client } = await connected(
    reactor,
    {
      data: (peer) => {
        if (peer.text !== "STARTTLS\n") return;
        peer.transport.write(bytes("ready\n"));
        void peer.transport.startTLS(tls);
      },
    },
    {
      made: (peer) => peer.transport.write(bytes("STARTTLS\n")),
      data: (peer) => {
        if (peer.text !== "ready\n") return;
        void peer.transport.startTLS({ serverName: "example.org" });
        peer.transport.write(bytes("hello"));
      },
    },
  );
  await reactor.settle();
  assertEquals([server.text, client.text], ["STARTTLS\nhello", "ready\n"]);
  assertEquals([server.transport.tls?.version, client.transport.tls?.serverName], ["TLSv1.3", "example.org"]);
});
