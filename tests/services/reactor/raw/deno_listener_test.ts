import { Clock } from "../../../../services/async/clock.ts";
import type { TcpEndpoint } from "../../../../services/endpoint/endpoint.ts";
import type { InetAddress } from "../../../../services/reactor/address.ts";
import { CannotListenError } from "../../../../services/reactor/errors.ts";
import type { RawConn } from "../../../../services/reactor/raw.ts";
import { DenoRawConn } from "../../../../services/reactor/raw/deno_conn.ts";
import { listenTcp } from "../../../../services/reactor/raw/deno_listener.ts";
import { assert, assertEquals, assertRejects, assertThrows } from "../../../assert.ts";
import { echo, readText, readToEnd, writeAll } from "../../../support/raw_conns.ts";

const clock = new Clock();

function tcp(port: number, hostname = "127.0.0.1"): TcpEndpoint {
  return { kind: "tcp", port, interface: hostname, backlog: 16 };
}

/** A TCP connection over loopback, as its two ends. */
async function pair(): Promise<[server: RawConn, client: RawConn]> {
  const listener = listenTcp(tcp(0), clock);
  const { hostname, port } = listener.host as InetAddress;
  const [server, client] = await Promise.all([listener.accept(), Deno.connect({ hostname, port })]);
  listener.close();
  return [server, new DenoRawConn(client)];
}

Deno.test("listenTcp() binds a port of the system's choice and accepts", async () => {
  const [server, client] = await pair();
  assertEquals(server.peer, client.host);
  assertEquals(server.host, client.peer);
  assertEquals(server.peer.transport, "tcp");
  assertEquals(server.tls, null);
  await writeAll(client, "ping");
  assertEquals(await readText(server, 4), "ping");
  server.close();
  client.close();
});

Deno.test("DenoRawConn closes its halves one by one", async () => {
  const [server, client] = await pair();
  const echoed = echo(server);
  await writeAll(client, "last words");
  await client.closeWrite();
  assertEquals(await readToEnd(client), "last words");
  await echoed;
  server.close();
  client.close();
});

Deno.test("DenoRawConn.close() ends a read under way, and may be repeated", async () => {
  const [server, client] = await pair();
  const read = assertRejects(() => server.read(new Uint8Array(1)));
  server.close();
  server.close();
  server.setNoDelay(true);
  await read;
  await assertRejects(() => server.read(new Uint8Array(1)));
  await assertRejects(() => server.write(new Uint8Array(1)));
  client.close();
});

Deno.test("DenoRawConn names an IPv4 peer of a dual-stack socket by its IPv4 address", async () => {
  const listener = listenTcp(tcp(0, "::"), clock);
  const { port } = listener.host as InetAddress;
  const [server, client] = await Promise.all([
    listener.accept(),
    Deno.connect({ hostname: "127.0.0.1", port }),
  ]);
  assertEquals((server.peer as InetAddress).hostname, "127.0.0.1");
  listener.close();
  server.close();
  client.close();
});

Deno.test("RawListener.close() ends accept(), and may be repeated", async () => {
  const listener = listenTcp(tcp(0), clock);
  const accepted = assertRejects(() => listener.accept());
  listener.close();
  listener.close();
  await accepted;
  await assertRejects(() => listener.accept());
});

Deno.test("listenTcp() says what to do about a port in use", () => {
  const first = listenTcp(tcp(0), clock);
  const { port } = first.host as InetAddress;
  const error = assertThrows(() => listenTcp(tcp(port), clock), CannotListenError);
  assertEquals(
    error.message,
    `Cannot listen on "tcp:127.0.0.1:${port}": address in use; stop the other program or choose another port`,
  );
  assert(error.cause instanceof Deno.errors.AddrInUse);
  first.close();
});

const refusals: readonly [TcpEndpoint, string][] = [
  [
    tcp(0, "192.0.2.1"),
    'Cannot listen on "tcp:192.0.2.1:0": address not available; no interface of this machine has it',
  ],
  [tcp(7, "::zz"), 'Cannot listen on "tcp:[::zz]:7": interface "::zz" is not an address'],
  [
    tcp(7, "nowhere.invalid"),
    'Cannot listen on "tcp:nowhere.invalid:7": interface "nowhere.invalid" is no address of this machine',
  ],
];

for (const [endpoint, message] of refusals) {
  Deno.test(`listenTcp() refuses ${endpoint.interface}`, () => {
    assertEquals(assertThrows(() => listenTcp(endpoint, clock), CannotListenError).message, message);
  });
}
