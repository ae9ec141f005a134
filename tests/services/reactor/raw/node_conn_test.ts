import { type AddressInfo, connect, createServer } from "node:net";
import { once } from "node:events";
import { setImmediate } from "node:timers/promises";
import type { RawConn } from "../../../../services/reactor/raw.ts";
import { NodeRawConn } from "../../../../services/reactor/raw/node_conn.ts";
import { assert, assertEquals, assertRejects } from "../../../assert.ts";
import { echo, readText, readToEnd, writeAll } from "../../../support/raw_conns.ts";

/** A connection of node:net over loopback, as its two ends. */
async function pair(): Promise<[server: RawConn, client: RawConn]> {
  const listener = createServer({ allowHalfOpen: true, pauseOnConnect: true });
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  const { port } = listener.address() as AddressInfo;
  const accepted = once(listener, "connection");
  const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  const [[server]] = await Promise.all([accepted, once(socket, "connect")]);
  listener.close();
  return [new NodeRawConn(server), new NodeRawConn(socket)];
}

Deno.test("NodeRawConn knows both addresses, and keeps them when it is closed", async () => {
  const [server, client] = await pair();
  client.close();
  server.close();
  assertEquals(server.peer, client.host);
  assertEquals(server.host, client.peer);
  server.setNoDelay(true);
});

Deno.test("NodeRawConn hands out what fits, and keeps the rest", async () => {
  const [server, client] = await pair();
  await writeAll(client, "abcdefg");
  assertEquals(await readText(server, 3), "abc");
  assertEquals(await readText(server, 2), "de");
  await client.closeWrite();
  assertEquals(await readToEnd(server), "fg");
  assertEquals(await server.read(new Uint8Array(1)), null);
  server.close();
  client.close();
});

Deno.test("NodeRawConn closes its halves one by one", async () => {
  const [server, client] = await pair();
  const echoed = echo(server);
  await writeAll(client, "last words");
  await client.closeWrite();
  assertEquals(await readToEnd(client), "last words");
  await echoed;
  server.close();
  client.close();
});

Deno.test("NodeRawConn.close() ends what is under way, and may be repeated", async () => {
  const [server, client] = await pair();
  const vast = new Uint8Array(32 * 1024 * 1024);
  const underWay = Promise.all([
    assertRejects(() => server.read(new Uint8Array(1))),
    assertRejects(() => server.write(vast)),
  ]);
  await setImmediate();
  server.close();
  server.close();
  await underWay;
  await assertRejects(() => server.read(new Uint8Array(1)));
  await assertRejects(() => server.write(new Uint8Array(1)));
  await assertRejects(() => server.closeWrite());
  client.close();
});

Deno.test("NodeRawConn: a reader that waits makes the writer wait, and sees the end", async () => {
  const [server, client] = await pair();
  const block = new Uint8Array(65_536).fill(7);
  const total = 32 * 1024 * 1024;
  let written = 0;
  const writing = (async () => {
    for (; written < total; written += block.length) await writeAll(client, block);
    await client.closeWrite();
  })();
  await server.read(new Uint8Array(1));
  for (let still = 0, last = written; still < 100; still = written === last ? still + 1 : 0, last = written) {
    await setImmediate();
  }
  assert(written < 24 * 1024 * 1024, `${written} bytes were taken with nobody reading`);

  const buffer = new Uint8Array(50_000);
  let read = 1;
  for (let count = await server.read(buffer); count !== null; count = await server.read(buffer)) {
    assertEquals(buffer[count - 1], 7);
    read += count;
    if (read % 5 === 0) await setImmediate();
  }
  await writing;
  assertEquals(read, total);
  server.close();
  client.close();
});
