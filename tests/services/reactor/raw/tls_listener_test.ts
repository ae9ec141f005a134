import { setImmediate } from "node:timers/promises";
import type { ConnectTls, ServeTls } from "../../../../services/endpoint/endpoint.ts";
import type { InetAddress } from "../../../../services/reactor/address.ts";
import { CannotListenError } from "../../../../services/reactor/errors.ts";
import type { RawConn } from "../../../../services/reactor/raw.ts";
import { DenoRawConn } from "../../../../services/reactor/raw/deno_conn.ts";
import { secureClient } from "../../../../services/reactor/raw/start_tls.ts";
import { listenTls, type TlsRawListener } from "../../../../services/reactor/raw/tls_listener.ts";
import { Clock } from "../../../../services/async/clock.ts";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "../../../assert.ts";
import { recordingLogger } from "../../../../services/testing/recording_logger.ts";
import { makeCertificates, type TestCertificates, withoutOpenssl } from "../../../support/certificates.ts";
import { echo, readText, readToEnd, writeAll } from "../../../support/raw_conns.ts";

/** What each test needs, made for it and released after it. */
class Fixture {
  readonly clock = new Clock();
  readonly stack = new AsyncDisposableStack();

  constructor(readonly certificates: TestCertificates) {
    this.stack.use(certificates);
  }

  readonly log = recordingLogger();

  async listen(tls: ServeTls): Promise<TlsRawListener> {
    const endpoint = { kind: "tls", port: 0, interface: "127.0.0.1", backlog: 64, tls } as const;
    const listener = await listenTls(endpoint, { time: this.clock, log: this.log });
    this.stack.defer(() => listener.close());
    return listener;
  }

  async dial(listener: TlsRawListener): Promise<Deno.TcpConn> {
    const { hostname, port } = listener.host as InetAddress;
    return await Deno.connect({ hostname, port });
  }

  /** Connect as a client that trusts the test's authority. */
  async connect(listener: TlsRawListener, tls: ConnectTls = {}): Promise<RawConn> {
    const raw = new DenoRawConn(await this.dial(listener));
    const trusting = { authorities: this.certificates.authority, ...tls };
    const conn = await secureClient(raw, "localhost", trusting, { time: this.clock });
    this.stack.defer(() => conn.close());
    return conn;
  }

  /** Both ends of one connection. */
  async pair(listener: TlsRawListener, tls?: ConnectTls): Promise<[server: RawConn, client: RawConn]> {
    const [server, client] = await Promise.all([listener.accept(), this.connect(listener, tls)]);
    this.stack.defer(() => server.close());
    return [server, client];
  }
}

function tlsTest(name: string, body: (fixture: Fixture) => Promise<void>): void {
  Deno.test({
    name,
    ignore: withoutOpenssl,
    fn: async () => {
      const fixture = new Fixture(await makeCertificates());
      await using _stack = fixture.stack;
      await body(fixture);
    },
  });
}

/** Let the event loop turn until `condition` holds. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await setImmediate();
}

tlsTest("listenTls() secures what it accepts, and tells what was settled on", async (t) => {
  const listener = await t.listen({ ...await t.certificates.issue("server", "localhost"), alpn: ["a", "b"] });
  const [server, client] = await t.pair(listener, { alpn: ["b", "c"] });
  assertEquals(server.tls, {
    version: "TLSv1.3",
    alpn: "b",
    serverName: "localhost",
    authorized: false,
    peerName: null,
  });
  assertEquals(client.tls, { ...server.tls!, authorized: true, peerName: "localhost" });
  assertEquals(server.peer, client.host);
  assertEquals(server.host, client.peer);
  await writeAll(client, "ping");
  assertEquals(await readText(server, 4), "ping");
  await writeAll(server, "pong");
  assertEquals(await readText(client, 4), "pong");
});

tlsTest("TLS connections close their halves one by one", async (t) => {
  const listener = await t.listen(await t.certificates.issue("server", "localhost"));
  const [server, client] = await t.pair(listener);
  const echoed = echo(server);
  await writeAll(client, "last words");
  await client.closeWrite();
  assertEquals(await readToEnd(client), "last words");
  await echoed;
});

tlsTest("TLS connections close with close_notify, and what is under way is rejected", async (t) => {
  const listener = await t.listen(await t.certificates.issue("server", "localhost"));
  const [server, client] = await t.pair(listener);
  const read = assertRejects(() => server.read(new Uint8Array(1)));
  server.close();
  server.close();
  server.setNoDelay(true);
  await read;
  await assertRejects(() => server.write(new Uint8Array(1)));
  await assertRejects(() => server.closeWrite());
  assertEquals(await readToEnd(client), "");
});

tlsTest("listenTls() demands a certificate of the authorities it is given", async (t) => {
  const listener = await t.listen({
    ...await t.certificates.issue("server", "localhost"),
    clientAuthorities: t.certificates.authority,
  });
  await using foreign = await makeCertificates();

  const alice = await t.certificates.issue("alice", "alice");
  const [server] = await t.pair(listener, alice);
  const next = assertRejects(() => listener.accept());
  assertEquals(server.tls?.authorized, true);
  assertEquals(server.tls?.peerName, "alice");

  // A client of TLS 1.3 learns with its first read that it was refused.
  const nobody = await t.connect(listener);
  await assertRejects(() => nobody.read(new Uint8Array(1)));
  const mallory = await t.connect(listener, await foreign.issue("mallory", "alice"));
  await assertRejects(() => mallory.read(new Uint8Array(1)));
  await until(() => listener.failedHandshakes === 2);
  listener.close();
  await next;
});

tlsTest("a client that says nothing holds up nobody, and is closed in the end", async (t) => {
  const listener = await t.listen(await t.certificates.issue("server", "localhost"));
  const accepted = listener.accept();
  const silent = await t.dial(listener);
  await until(() => listener.pendingHandshakes === 1);
  await t.connect(listener);
  (await accepted).close();
  assertEquals(listener.pendingHandshakes, 1);
  t.clock.advance(10_000);
  assertEquals(await silent.read(new Uint8Array(1)).catch(() => null), null);
  await until(() => listener.failedHandshakes === 1);
  // What is left is the watch over the files.
  assert(t.clock.pending.length <= 1);
  silent.close();
});

tlsTest("a flood of clients that say nothing keeps nobody out", async (t) => {
  const listener = await t.listen(await t.certificates.issue("server", "localhost"));
  const accepted = listener.accept();
  const silent: Deno.TcpConn[] = [];
  for (let index = 0; index < 520; index++) silent.push(await t.dial(listener));
  await until(() => listener.pendingHandshakes + listener.failedHandshakes === 520);
  assertEquals(listener.pendingHandshakes, 512);
  await t.connect(listener);
  (await accepted).close();
  // The oldest had to give way.
  assertEquals(await silent[0]!.read(new Uint8Array(1)).catch(() => null), null);
  listener.close();
  await until(() => listener.pendingHandshakes === 0);
  for (const conn of silent) conn.close();
});

tlsTest("what is no handshake is counted and harms nobody", async (t) => {
  const listener = await t.listen(await t.certificates.issue("server", "localhost"));
  const accepted = listener.accept();
  const plain = await t.dial(listener);
  await plain.write(new TextEncoder().encode("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"));
  await until(() => listener.failedHandshakes === 1);
  plain.close();
  (await t.dial(listener)).close();
  await until(() => listener.failedHandshakes === 2);
  const halfClosed = await t.dial(listener);
  await halfClosed.closeWrite();
  await until(() => listener.failedHandshakes === 3);
  halfClosed.close();
  await t.connect(listener);
  (await accepted).close();
  assertEquals(listener.pendingHandshakes, 0);
});

tlsTest("reloadCertificate() changes the certificate of new connections, and drops none", async (t) => {
  const files = await t.certificates.issue("server", "localhost");
  const listener = await t.listen(files);
  const [server, client] = await t.pair(listener);
  assertEquals(client.tls?.peerName, "localhost");

  await t.certificates.issue("server", "renewed");
  await listener.reloadCertificate();
  const [, later] = await t.pair(listener);
  assertEquals(later.tls?.peerName, "renewed");
  await writeAll(client, "still here");
  assertEquals(await readText(server, 10), "still here");

  await Deno.writeTextFile(files.certificate, "half of a certif");
  const error = await assertRejects(() => listener.reloadCertificate(), Error);
  assertStringIncludes(error.message, `certificate "${files.certificate}": no PEM certificate in it`);
  assertEquals((await t.pair(listener))[1].tls?.peerName, "renewed");
});

/** Two servers' certificates on one listener, the first one the default. */
async function twoNames(t: Fixture): Promise<Required<Pick<ServeTls, "others">> & ServeTls> {
  const shop = await t.certificates.issue("shop", "shop", ["DNS:shop.test", "DNS:localhost"]);
  const blog = await t.certificates.issue("blog", "blog", ["DNS:blog.test", "DNS:*.blog.test"]);
  return { ...shop, others: [blog] };
}

tlsTest("listenTls() chooses the certificate by the name that the client asks for", async (t) => {
  const listener = await t.listen({ ...await twoNames(t), alpn: ["http/1.1"] });
  const asked: [serverName: string, commonName: string][] = [
    ["shop.test", "shop"],
    ["blog.test", "blog"],
    ["BLOG.test", "blog"],
    ["a.blog.test", "blog"],
    ["localhost", "shop"],
  ];
  for (const [serverName, commonName] of asked) {
    const [server, client] = await t.pair(listener, { serverName, alpn: ["http/1.1"] });
    assertEquals(client.tls?.peerName, commonName, serverName);
    assertEquals(server.tls?.alpn, "http/1.1");
  }
  // A wildcard is for one label; who is for nobody gets the first one, and finds out.
  const accepted = assertRejects(() => listener.accept());
  await assertRejects(() => t.connect(listener, { serverName: "a.b.blog.test" }));
  listener.close();
  await accepted;
});

tlsTest("listenTls() with several certificates demands clients' certificates all the same", async (t) => {
  const listener = await t.listen({ ...await twoNames(t), clientAuthorities: t.certificates.authority });
  const alice = await t.certificates.issue("alice", "alice");
  const [server] = await t.pair(listener, { ...alice, serverName: "blog.test" });
  assertEquals([server.tls?.authorized, server.tls?.peerName], [true, "alice"]);
  const nobody = await t.connect(listener, { serverName: "blog.test" });
  const next = assertRejects(() => listener.accept());
  await assertRejects(() => nobody.read(new Uint8Array(1)));
  listener.close();
  await next;
});

tlsTest("certificate files that change are read again, and no connection notices", async (t) => {
  const tls = await twoNames(t);
  const listener = await t.listen(tls);
  const [server, client] = await t.pair(listener, { serverName: "blog.test" });
  const logged = () => t.log.records.map(({ level, message }) => `${level} ${message}`);
  const looked = async () => {
    t.clock.advance(2_000);
    await until(() => t.clock.pending.length === 1);
  };

  await t.certificates.issue("blog", "renewed", ["DNS:blog.test"]);
  await looked();
  assertEquals(logged(), []);
  await looked();
  const address = `tcp:127.0.0.1:${(listener.host as InetAddress).port}`;
  assertEquals(logged(), [`info Reloaded the certificate of "${address}": its files have changed`]);
  const [, later] = await t.pair(listener, { serverName: "blog.test" });
  assertEquals(later.tls?.peerName, "renewed");

  // Half of a renewal is looked at twice before it is believed.
  await Deno.writeTextFile(tls.others[0]!.privateKey, "no key");
  await looked();
  await looked();
  await looked();
  assertEquals(logged().slice(1), [
    "error Certificate files have changed and are wrong: the old certificate stays in use",
  ]);
  const { error } = t.log.records[1]!.fields as { error: Error };
  assertStringIncludes(error.message, `private key "${tls.others[0]!.privateKey}": no PEM private key in it`);
  assertEquals((await t.pair(listener, { serverName: "blog.test" }))[1].tls?.peerName, "renewed");

  await writeAll(client, "still here");
  assertEquals(await readText(server, 10), "still here");
});

tlsTest("a reader that waits makes the writer wait; nothing is lost in 32 MiB", async (t) => {
  const listener = await t.listen(await t.certificates.issue("server", "localhost"));
  const [server, client] = await t.pair(listener);
  for (const [writer, reader] of [[server, client], [client, server]] as const) {
    const block = new Uint8Array(65_536).map((_, index) => index % 251);
    const total = 32 * 1024 * 1024;
    let written = 0;
    const writing = (async () => {
      for (; written < total; written += block.length) await writeAll(writer, block);
    })();
    await stalled(() => written);
    assert(written < 24 * 1024 * 1024, `${written} bytes were taken with nobody reading`);

    const buffer = new Uint8Array(50_000);
    let read = 0;
    while (read < total) {
      const count = await reader.read(buffer);
      assert(count !== null);
      for (const at of [0, count - 1]) assertEquals(buffer[at], ((read + at) % block.length) % 251);
      read += count;
    }
    await writing;
    assertEquals(read, written);
  }
});

/** Resolves when `value` has stayed the same for a hundred turns of the event loop. */
async function stalled(value: () => number): Promise<void> {
  for (let still = 0, last = value(); still < 100; still = value() === last ? still + 1 : 0, last = value()) {
    await setImmediate();
  }
}

tlsTest("RawListener.close() ends accept(), handshakes and what nobody accepted", async (t) => {
  const listener = await t.listen(await t.certificates.issue("server", "localhost"));
  await t.pair(listener);
  const silent = await t.dial(listener);
  await until(() => listener.pendingHandshakes === 1);
  const unaccepted = await t.connect(listener);
  await until(() => listener.pendingHandshakes === 1);
  listener.close();
  listener.close();
  await assertRejects(() => listener.accept());
  assertEquals(await silent.read(new Uint8Array(1)).catch(() => null), null);
  assertEquals(await unaccepted.read(new Uint8Array(1)).catch(() => null), null);
  await until(() => listener.pendingHandshakes === 0);
  assertEquals(t.clock.pending, []);
  silent.close();
});

tlsTest("listenTls() says what is wrong with which file", async (t) => {
  const good = await t.certificates.issue("server", "localhost");
  const other = await t.certificates.issue("other", "localhost");
  const file = async (name: string, text: string) => {
    await Deno.writeTextFile(`${t.certificates.directory}/${name}`, text);
    return `${t.certificates.directory}/${name}`;
  };
  const prose = await file("prose", "Not a certificate\n");
  const torn = await file("torn", "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n");
  const locked = await file(
    "locked",
    "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIB\n-----END ENCRYPTED PRIVATE KEY-----\n",
  );
  const vast = await file("vast", "x".repeat(1024 * 1024 + 1));
  const cases: [ServeTls, string][] = [
    [{ ...good, certificate: "no/c.pem" }, 'certificate "no/c.pem": file not found'],
    [{ ...good, certificate: t.certificates.directory }, "is no file"],
    [{ ...good, certificate: vast }, "is larger than 1 MiB"],
    [{ ...good, certificate: prose }, `certificate "${prose}": no PEM certificate in it`],
    [{ ...good, certificate: torn }, "cannot be read as X.509 (certificate 1)"],
    [{ ...good, privateKey: prose }, `private key "${prose}": no PEM private key in it`],
    [{ ...good, privateKey: locked }, "has a passphrase; decrypt it first (openssl pkey)"],
    [{ ...good, privateKey: other.privateKey }, `does not belong to certificate "${good.certificate}"`],
    [{ ...good, others: [{ ...other, certificate: "no/o.pem" }] }, 'certificate "no/o.pem": file not found'],
    [
      { ...good, others: [{ ...other, privateKey: good.privateKey }] },
      `private key "${good.privateKey}": does not belong to certificate "${other.certificate}"`,
    ],
    [
      { ...good, others: [await t.certificates.issue("address", "address", ["IP:127.0.0.1"])] },
      `address.pem": has no DNS names to be chosen by; only the first may do without`,
    ],
    [{ ...good, clientAuthorities: prose }, `client authorities "${prose}": no PEM certificate in it`],
  ];
  for (const [tls, reason] of cases) {
    const error = await assertRejects(() => t.listen(tls), CannotListenError);
    assert(error.message.startsWith('Cannot listen on "tls:127.0.0.1:0": '), error.message);
    assertStringIncludes(error.message, reason);
  }
});
