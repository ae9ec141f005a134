import { Clock } from "../../../../services/async/clock.ts";
import type { SocketEndpoint } from "../../../../services/endpoint/endpoint.ts";
import type { InetAddress } from "../../../../services/reactor/address.ts";
import { ConnectError } from "../../../../services/reactor/errors.ts";
import type { RawConn } from "../../../../services/reactor/raw.ts";
import { connectRaw, type ConnectRawOptions } from "../../../../services/reactor/raw/connect.ts";
import { listenTcp } from "../../../../services/reactor/raw/deno_listener.ts";
import { listenTls } from "../../../../services/reactor/raw/tls_listener.ts";
import { listenUnix } from "../../../../services/reactor/raw/unix_listener.ts";
import { assert, assertEquals, assertRejects, assertStrictEquals } from "../../../assert.ts";
import { makeCertificates, withoutOpenssl } from "../../../support/certificates.ts";
import { readText, writeAll } from "../../../support/raw_conns.ts";

const clock = new Clock();

function connect(endpoint: SocketEndpoint, options: Partial<ConnectRawOptions> = {}): Promise<RawConn> {
  return connectRaw(endpoint, { time: clock, timeout: 30_000, ...options });
}

function tcp(hostname: string, port: number): SocketEndpoint {
  return { kind: "tcp", hostname, port };
}

function listen(): ReturnType<typeof listenTcp> {
  return listenTcp({ kind: "tcp", port: 0, interface: "127.0.0.1", backlog: 4 }, clock);
}

/** A port of this machine where nobody listens. */
function deadPort(): number {
  const listener = listen();
  listener.close();
  return (listener.host as InetAddress).port;
}

/** Never answers, and tells when it is given up. */
function silentDial(): { dial: NonNullable<ConnectRawOptions["dial"]>; givenUp: boolean } {
  const state = {
    givenUp: false,
    dial: (_address: unknown, signal: AbortSignal) =>
      new Promise<never>((_, reject) => {
        signal.addEventListener("abort", () => {
          state.givenUp = true;
          reject(signal.reason);
        });
      }),
  };
  return state;
}

for (const hostname of ["127.0.0.1", "localhost"]) {
  Deno.test(`connectRaw() connects to ${hostname}`, async () => {
    const listener = listen();
    const { port } = listener.host as InetAddress;
    const [server, client] = await Promise.all([listener.accept(), connect(tcp(hostname, port))]);
    assertEquals(client.peer, { transport: "tcp", hostname: "127.0.0.1", port });
    assertEquals(clock.pending, []);
    server.close();
    client.close();
    listener.close();
  });
}

Deno.test("connectRaw() goes on to an address that answers", async () => {
  const listener = listen();
  const { port } = listener.host as InetAddress;
  const resolve = () => Promise.resolve(["127.0.0.77", "127.0.0.1"]);
  const [server, client] = await Promise.all([
    listener.accept(),
    connect(tcp("two.invalid", port), { resolve }),
  ]);
  assertEquals((client.peer as InetAddress).hostname, "127.0.0.1");
  server.close();
  client.close();
  listener.close();
});

Deno.test("connectRaw() names the endpoint and the cause", async () => {
  const port = deadPort();
  const refused = await assertRejects(() => connect(tcp("localhost", port)), ConnectError);
  assertEquals(refused.message, `Cannot connect to "tcp:localhost:${port}": connection refused`);
  assert(refused.cause instanceof Deno.errors.ConnectionRefused);

  const unknown = await assertRejects(() => connect(tcp("nowhere.invalid", 80)), ConnectError);
  assertEquals(unknown.message, 'Cannot connect to "tcp:nowhere.invalid:80": host name not found');

  const absent = await assertRejects(() => connect({ kind: "unix", path: "/no/a.sock" }), ConnectError);
  assertEquals(
    absent.message,
    'Cannot connect to "unix:/no/a.sock": socket not found; is its server running',
  );
  assertEquals(clock.pending, []);
});

Deno.test("connectRaw() gives up when its time is over", async () => {
  const silence = silentDial();
  const failed = assertRejects(
    () => connect(tcp("::1", 9), { timeout: 1500, dial: silence.dial }),
    ConnectError,
  );
  await clock.advanceAsync(1499);
  assertEquals(silence.givenUp, false);
  await clock.advanceAsync(1);
  assertEquals((await failed).message, 'Cannot connect to "tcp:[::1]:9": no answer within 1.5 s');
  assertEquals(silence.givenUp, true);
  assertEquals(clock.pending, []);
});

Deno.test("connectRaw() gives up at once when aborted: before, looking up, connecting", async () => {
  const reason = new Error("enough");
  const silence = silentDial();
  const resolve = () => new Promise<never>(() => {});
  for (const options of [{ dial: silence.dial }, { resolve }]) {
    const ending = new AbortController();
    const failed = assertRejects(() => connect(tcp("127.0.0.1", 9), { signal: ending.signal, ...options }));
    await clock.advanceAsync(0);
    ending.abort(reason);
    assertStrictEquals(await failed, reason);
    assertEquals(clock.pending, []);
  }
  assertEquals(silence.givenUp, true);
  const signal = AbortSignal.abort(reason);
  assertStrictEquals(await assertRejects(() => connect(tcp("127.0.0.1", 9), { signal })), reason);
});

Deno.test("connectRaw() keeps the connection when the signal is aborted later", async () => {
  const listener = listen();
  const { port } = listener.host as InetAddress;
  const ending = new AbortController();
  const [server, client] = await Promise.all([
    listener.accept(),
    connect(tcp("127.0.0.1", port), { signal: ending.signal }),
  ]);
  ending.abort();
  await writeAll(client, "on");
  assertEquals(await readText(server, 2), "on");
  server.close();
  client.close();
  listener.close();
});

Deno.test("connectRaw() connects to UNIX sockets", async () => {
  const directory = await Deno.makeTempDir();
  const path = `${directory}/a.sock`;
  const listener = await listenUnix({ kind: "unix", path, mode: 0o600 }, clock);
  const [server, client] = await Promise.all([listener.accept(), connect({ kind: "unix", path })]);
  assertEquals(client.peer, { transport: "unix", path });
  server.close();
  client.close();
  listener.close();
  await Deno.remove(directory, { recursive: true });
});

Deno.test({
  name: "connectRaw() goes through the handshake, and says why it failed",
  ignore: withoutOpenssl,
  fn: async () => {
    await using certificates = await makeCertificates();
    const tls = await certificates.issue("server", "localhost");
    const listener = await listenTls({ kind: "tls", port: 0, interface: "127.0.0.1", backlog: 4, tls }, {
      time: clock,
    });
    const { port } = listener.host as InetAddress;
    const accepted = listener.accept();
    const authorities = certificates.authority;

    const untrusted = connect({ kind: "tls", hostname: "localhost", port, tls: {} });
    assertEquals(
      (await assertRejects(() => untrusted, ConnectError)).message,
      `Cannot connect to "tls:localhost:${port}": certificate is not signed by an authority that is trusted; ` +
        "name that one in authorities",
    );
    const misnamed = connect({
      kind: "tls",
      hostname: "127.0.0.1",
      port,
      tls: { authorities, serverName: "other" },
    });
    assertEquals(
      (await assertRejects(() => misnamed, ConnectError)).message,
      `Cannot connect to "tls:127.0.0.1:${port}": certificate is not for "other"`,
    );
    const unread = connect({ kind: "tls", hostname: "localhost", port, tls: { authorities: "no.pem" } });
    assertEquals(
      (await assertRejects(() => unread, ConnectError)).message,
      `Cannot connect to "tls:localhost:${port}": authorities "no.pem": file not found`,
    );
    const client = await connect({ kind: "tls", hostname: "localhost", port, tls: { authorities } });
    assertEquals(client.tls?.peerName, "localhost");
    (await accepted).close();
    client.close();
    listener.close();
    assertEquals(clock.pending, []);
  },
});

Deno.test("connectRaw() gives up a handshake that is not answered", async () => {
  const listener = listen();
  const { port } = listener.host as InetAddress;
  const ending = new AbortController();
  const reason = new Error("enough");
  const failed = assertRejects(() =>
    connect({ kind: "tls", hostname: "localhost", port, tls: {} }, { signal: ending.signal })
  );
  const server = await listener.accept();
  assertEquals((await readText(server, 1)).length, 1);
  ending.abort(reason);
  assertStrictEquals(await failed, reason);
  assertEquals(clock.pending, []);
  server.close();
  listener.close();
});
