import { DenoReactor } from "../../../services/reactor/deno/deno_reactor.ts";
import { assertEquals, assertRejects } from "../../assert.ts";
import { makeCertificates, withoutOpenssl } from "../../support/certificates.ts";
import { addressOf, assertBytes, bytes, connected, pattern, Peer } from "./peers.ts";

const MiB = 1024 * 1024;

Deno.test({
  name: "STARTTLS over real sockets: what is written before is plain, what is written after is not",
  ignore: withoutOpenssl,
  async fn() {
    await using certificates = await makeCertificates();
    const identity = await certificates.issue("server", "localhost");
    await using reactor = new DenoReactor();
    const received: Uint8Array[] = [];
    const { server, client } = await connected(reactor, {
      data: (peer, chunk) => {
        if (peer.transport.tls !== null) return void received.push(chunk);
        peer.transport.write(bytes("go ahead\n"));
        void peer.transport.startTLS(identity);
        peer.transport.write(bytes("secret greeting\n"));
      },
    }, {
      made: (peer) => peer.transport.write(bytes("STARTTLS\n")),
    });
    await client.until(({ text }) => text === "go ahead\n");
    const secured = client.transport.startTLS({
      authorities: certificates.authority,
      serverName: "localhost",
    });
    const sent = pattern(3 * MiB);
    client.transport.write(sent);
    assertEquals((await secured).authorized, true);
    await client.until(({ text }) => text === "go ahead\nsecret greeting\n");
    await server.until(({ bytes }) => bytes === "STARTTLS\n".length + sent.length);
    await assertBytes(received, sent);
    client.transport.loseConnection();
    await Promise.all([server.lost, client.lost]);
    assertEquals([server.reason?.name, client.reason?.name], ["ConnectionDone", "ConnectionDone"]);
  },
});

Deno.test({
  name: "a handshake that fails loses both ends, and the port lives on",
  ignore: withoutOpenssl,
  async fn() {
    await using certificates = await makeCertificates();
    const identity = await certificates.issue("server", "localhost");
    await using reactor = new DenoReactor();
    const { server, client, port } = await connected(reactor);
    const accepting = server.transport.startTLS(identity).catch((error: Error) => error);
    // The system's authorities do not know ours.
    await assertRejects(() => client.transport.startTLS({ serverName: "localhost" }), Error);
    await Promise.all([accepting, server.lost, client.lost]);
    assertEquals([server.reason?.clean, client.reason?.name], [false, "ConnectionLost"]);
    await reactor.connect(addressOf(port), () => new Peer());
  },
});

Deno.test({
  name: "an abort in the middle of a handshake leaves nothing behind",
  ignore: withoutOpenssl,
  async fn() {
    await using certificates = await makeCertificates();
    const identity = await certificates.issue("server", "localhost");
    for (const who of ["server", "client"] as const) {
      await using reactor = new DenoReactor();
      const ends = await connected(reactor);
      const started = [
        ends.server.transport.startTLS(identity),
        ends.client.transport.startTLS({ authorities: certificates.authority, serverName: "localhost" }),
      ].map((starting) => starting.catch((error: Error) => error));
      ends[who].transport.abortConnection();
      await Promise.all([...started, ends.server.lost, ends.client.lost]);
    }
  },
});
