import { setImmediate } from "node:timers/promises";
import { TimeoutError } from "../../../../services/async/errors.ts";
import type { ConnectTls, ServeTls } from "../../../../services/endpoint/endpoint.ts";
import type { InetAddress } from "../../../../services/reactor/address.ts";
import { ConnectionLost } from "../../../../services/reactor/errors.ts";
import type { RawConn } from "../../../../services/reactor/raw.ts";
import { DenoRawConn } from "../../../../services/reactor/raw/deno_conn.ts";
import { listenTcp } from "../../../../services/reactor/raw/deno_listener.ts";
import { secureClient, secureServer } from "../../../../services/reactor/raw/start_tls.ts";
import { Clock } from "../../../../services/async/clock.ts";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "../../../assert.ts";
import { makeCertificates, type TestCertificates, withoutOpenssl } from "../../../support/certificates.ts";
import { echo, readText, readToEnd, writeAll } from "../../../support/raw_conns.ts";

interface Fixture {
  readonly clock: Clock;
  readonly certificates: TestCertificates;
  /** A TCP connection in the clear, as its two ends. */
  readonly server: RawConn;
  readonly client: RawConn;
  /** Secure both ends at once. */
  upgrade(
    serve: ServeTls,
    connect?: ConnectTls,
    hostname?: string,
  ): Promise<[server: RawConn, client: RawConn]>;
}

function upgradeTest(name: string, body: (fixture: Fixture) => Promise<void>): void {
  Deno.test({
    name,
    ignore: withoutOpenssl,
    fn: async () => {
      await using certificates = await makeCertificates();
      const clock = new Clock();
      const [server, client] = await tcpPair(clock);
      try {
        await body({
          clock,
          certificates,
          server,
          client,
          upgrade: (serve, connect = { authorities: certificates.authority }, hostname = "localhost") =>
            Promise.all([
              secureServer(server, serve, { time: clock }),
              secureClient(client, hostname, connect, { time: clock }),
            ]),
        });
        assertEquals(clock.pending, []);
      } finally {
        server.close();
        client.close();
      }
    },
  });
}

async function tcpPair(clock: Clock): Promise<[server: RawConn, client: RawConn]> {
  const listener = listenTcp({ kind: "tcp", port: 0, interface: "127.0.0.1", backlog: 4 }, clock);
  const { hostname, port } = listener.host as InetAddress;
  const [server, client] = await Promise.all([listener.accept(), Deno.connect({ hostname, port })]);
  listener.close();
  return [server, new DenoRawConn(client)];
}

upgradeTest("a connection in use becomes a secure one (STARTTLS)", async (t) => {
  await writeAll(t.client, "STARTTLS\r\n");
  assertEquals(await readText(t.server, 10), "STARTTLS\r\n");
  await writeAll(t.server, "220 go\r\n");
  assertEquals(await readText(t.client, 8), "220 go\r\n");

  const identity = await t.certificates.issue("server", "localhost");
  const [server, client] = await t.upgrade({ ...identity, alpn: ["smtp"] }, {
    authorities: t.certificates.authority,
    alpn: ["smtp"],
  });
  const settled = { version: "TLSv1.3", alpn: "smtp", serverName: "localhost" };
  assertEquals(server.tls, { ...settled, authorized: false, peerName: null });
  assertEquals(client.tls, { ...settled, authorized: true, peerName: "localhost" });
  assertEquals(server.peer, t.server.peer);
  assertEquals(client.host, t.client.host);
  server.setNoDelay(true);

  const echoed = echo(server);
  await writeAll(client, "EHLO");
  assertEquals(await readText(client, 4), "EHLO");
  await client.closeWrite();
  assertEquals(await readToEnd(client), "");
  await echoed;
  server.close();
  client.close();
});

upgradeTest("closing sends close_notify: the peer sees an orderly end", async (t) => {
  const [server, client] = await t.upgrade(await t.certificates.issue("server", "localhost"));
  await writeAll(server, "bye");
  server.close();
  assertEquals(await readToEnd(client), "bye");
  client.close();
});

upgradeTest("a connection that is cut does not pass for one that ended", async (t) => {
  const [server, client] = await t.upgrade(await t.certificates.issue("server", "localhost"));
  await writeAll(server, "pay 10");
  // Somebody in between ends the TCP stream before the server has written "00".
  await t.server.closeWrite();
  assertEquals(await readText(client, 6), "pay 10");
  const error = await assertRejects(() => client.read(new Uint8Array(1)), ConnectionLost);
  assertStringIncludes(error.message, "without close_notify");
  server.close();
  client.close();
});

upgradeTest("10 MiB go through both ways at once", async (t) => {
  const [server, client] = await t.upgrade(await t.certificates.issue("server", "localhost"));
  const total = 10 * 1024 * 1024;
  const send = async (conn: RawConn) => {
    const block = new Uint8Array(100_000).map((_, index) => index % 251);
    for (let sent = 0; sent < total; sent += block.length) {
      await writeAll(conn, block.subarray(0, Math.min(block.length, total - sent)));
    }
    await conn.closeWrite();
  };
  const receive = async (conn: RawConn) => {
    const buffer = new Uint8Array(30_000);
    let received = 0;
    for (let count = await conn.read(buffer); count !== null; count = await conn.read(buffer)) {
      for (const at of [0, count - 1]) assertEquals(buffer[at], ((received + at) % 100_000) % 251);
      received += count;
      if (received % 7 === 0) await setImmediate();
    }
    return received;
  };
  const [, , there, back] = await Promise.all([send(server), send(client), receive(client), receive(server)]);
  assertEquals([there, back], [total, total]);
  server.close();
  client.close();
});

upgradeTest("a server may demand a certificate of its client", async (t) => {
  const identity = await t.certificates.issue("server", "localhost");
  const [server, client] = await t.upgrade(
    { ...identity, clientAuthorities: t.certificates.authority },
    { authorities: t.certificates.authority, ...await t.certificates.issue("alice", "alice") },
  );
  assertEquals([server.tls?.authorized, server.tls?.peerName], [true, "alice"]);
  server.close();
  client.close();
});

upgradeTest("a client whose certificate nobody vouches for is refused", async (t) => {
  await using foreign = await makeCertificates();
  const identity = await t.certificates.issue("server", "localhost");
  const connect = { authorities: t.certificates.authority, ...await foreign.issue("mallory", "alice") };
  const securing = secureClient(t.client, "localhost", connect, { time: t.clock });
  await assertRejects(() =>
    secureServer(t.server, { ...identity, clientAuthorities: t.certificates.authority }, { time: t.clock })
  );
  await securing.then((client) => client.close(), () => {});
});

const distrusts: readonly [string, (certificates: TestCertificates) => ConnectTls, string][] = [
  ["an authority it does not trust", () => ({}), "localhost"],
  ["another name", ({ authority }) => ({ authorities: authority }), "example.org"],
  ["another address", ({ authority }) => ({ authorities: authority }), "127.0.0.9"],
  [
    "another serverName",
    ({ authority }) => ({ authorities: authority, serverName: "example.org" }),
    "localhost",
  ],
];

for (const [what, connect, hostname] of distrusts) {
  upgradeTest(`a client refuses a certificate of ${what}`, async (t) => {
    const identity = await t.certificates.issue("server", "localhost");
    const serving = secureServer(t.server, identity, { time: t.clock }).catch((error) => error);
    await assertRejects(() => secureClient(t.client, hostname, connect(t.certificates), { time: t.clock }));
    assert(await serving instanceof Error);
    await assertRejects(() => t.client.write(new Uint8Array(1)));
  });
}

upgradeTest("serverName is asked for and checked instead of the host", async (t) => {
  const connect = { authorities: t.certificates.authority, serverName: "localhost" };
  const identity = await t.certificates.issue("server", "localhost");
  const [server, client] = await t.upgrade(identity, connect, "192.0.2.1");
  assertEquals(server.tls?.serverName, "localhost");
  server.close();
  client.close();
});

upgradeTest("a certificate for an address is accepted for it, without SNI", async (t) => {
  const identity = await t.certificates.issue("server", "localhost");
  const [server, client] = await t.upgrade(identity, undefined, "127.0.0.1");
  assertEquals(server.tls?.serverName, null);
  server.close();
  client.close();
});

upgradeTest("a peer that says nothing ends the handshake when its time is up", async (t) => {
  const identity = await t.certificates.issue("server", "localhost");
  const failed = assertRejects(
    () => secureServer(t.server, identity, { time: t.clock, timeout: 500 }),
    TimeoutError,
  );
  while (t.clock.pending.length === 0) await setImmediate();
  t.clock.advance(500);
  await failed;
  assertEquals(await t.client.read(new Uint8Array(1)).catch(() => null), null);
});

upgradeTest("a client does not wait for a silent server for ever either", async (t) => {
  const failed = assertRejects(
    () => secureClient(t.client, "localhost", {}, { time: t.clock, timeout: 500 }),
    TimeoutError,
  );
  while (t.clock.pending.length === 0) await setImmediate();
  t.clock.advance(500);
  await failed;
});

upgradeTest("a peer that goes away ends the handshake", async (t) => {
  const identity = await t.certificates.issue("server", "localhost");
  t.client.close();
  await assertRejects(() => secureServer(t.server, identity, { time: t.clock }));
});

upgradeTest("wrong certificate files close the connection", async (t) => {
  const serving = secureServer(t.server, { certificate: "no.pem", privateKey: "no.key" }, { time: t.clock });
  assertStringIncludes(
    (await assertRejects(() => serving, Error)).message,
    'certificate "no.pem": file not found',
  );
  const connecting = secureClient(t.client, "localhost", { certificate: "c.pem" }, { time: t.clock });
  assertStringIncludes((await assertRejects(() => connecting, Error)).message, "belong together");
  await assertRejects(() => t.server.write(new Uint8Array(1)));
  await assertRejects(() => t.client.write(new Uint8Array(1)));
});

upgradeTest(
  "a renewed certificate serves the next connection; a broken one leaves the last in use",
  async (t) => {
    const identity = await t.certificates.issue("server", "localhost");
    const nameShown = async () => {
      const [server, client] = await tcpPair(t.clock);
      const ends = await Promise.all([
        secureServer(server, identity, { time: t.clock }),
        secureClient(client, "localhost", { authorities: t.certificates.authority }, { time: t.clock }),
      ]);
      for (const end of ends) end.close();
      return ends[1].tls?.peerName;
    };
    assertEquals(await nameShown(), "localhost");
    await t.certificates.issue("server", "renewed");
    assertEquals(await nameShown(), "renewed");
    await Deno.writeTextFile(identity.certificate, "half of a certif");
    assertEquals(await nameShown(), "renewed");
  },
);
