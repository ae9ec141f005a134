import { Reply } from "../../../services/http/reply.ts";
import { assert, assertEquals } from "../../assert.ts";
import { type Client, scene } from "./_scene.ts";

const host = "Host: example.org\r\n";
const get = `GET / HTTP/1.1\r\n${host}\r\n`;

Deno.test("1,000 heads that drip are cut off in time, while others are served", async () => {
  const { connect, reactor, server } = await scene(() => new Reply("x"), { headerTimeout: 10_000 });
  const drips: Client[] = [];
  for (let n = 0; n < 1_000; n++) drips.push(await connect());
  const head = `GET /${"a".repeat(100)} HTTP/1.1\r\n${host}`;
  for (let second = 0; second < 10; second++) {
    for (const drip of drips) drip.send(head[second]!);
    const normal = await connect();
    normal.send(get);
    await reactor.settle();
    assertEquals(normal.statuses, [200]);
    normal.transport.loseConnection();
    await reactor.advance(1_000);
  }
  assertEquals(drips.filter((drip) => drip.lost === null).length, 0);
  assertEquals(new Set(drips.map((drip) => drip.statuses.join())), new Set(["408"]));
  assertEquals(server.counters().timeouts, 1_000);
});

Deno.test("a connection without a request is closed without a word", async () => {
  const { connect, reactor } = await scene(() => new Reply("x"), { headerTimeout: 2_000 });
  const client = await connect();
  await reactor.advance(1_700);
  assertEquals(client.lost, null);
  await reactor.advance(300);
  assertEquals([client.lost?.clean, client.text], [true, ""]);
});

Deno.test("an idle connection is kept for its time after each request", async () => {
  const { send, reactor } = await scene(() => new Reply("x"), { idleTimeout: 5_000, headerTimeout: 1_000 });
  const client = await send(get);
  await reactor.advance(4_500);
  client.send(get);
  await reactor.advance(4_700);
  assertEquals([client.statuses, client.lost], [[200, 200], null]);
  await reactor.advance(300);
  assertEquals(client.lost?.clean, true);
});

Deno.test("a body must keep up its rate", async () => {
  const { connect, reactor } = await scene(
    async (request) => new Reply(String((await request.bytes()).length)),
    {
      bodyTimeout: 2_000,
      minBodyRate: 1_000,
    },
  );
  const fast = await connect();
  const slow = await connect();
  for (const client of [fast, slow]) client.send(`POST / HTTP/1.1\r\n${host}Content-Length: 20000\r\n\r\n`);
  for (let second = 0; second < 20; second++) {
    fast.send("x".repeat(1_000));
    slow.send("x".repeat(100));
    await reactor.advance(1_000);
    if (second === 1) assertEquals(slow.lost, null);
  }
  assertEquals([fast.statuses, fast.body], [[200], "20000"]);
  assertEquals(slow.statuses, [408]);
  await reactor.advance(1_100);
  assert(slow.lost !== null);
});

Deno.test("a body that the handler does not read is not the client's fault", async () => {
  const { connect, reactor } = await scene(async (request) => {
    await new Promise((resolve) => reactor.callLater(60_000, () => resolve(null)));
    return new Reply(String((await request.bytes()).length));
  }, { bodyTimeout: 2_000, maxBody: 1_000_000 });
  const client = await connect();
  client.send(`POST / HTTP/1.1\r\n${host}Content-Length: 200000\r\n\r\n`);
  client.transport.write(new Uint8Array(200_000));
  await reactor.advance(61_000);
  assertEquals([client.statuses, client.body], [[200], "200000"]);
});

Deno.test("a body that nobody reads must come all the same, for the connection to live", async () => {
  const { send, reactor } = await scene(() => new Reply("x"), { bodyTimeout: 2_000 });
  const client = await send(`POST / HTTP/1.1\r\n${host}Content-Length: 5\r\n\r\na`);
  assertEquals([client.statuses, client.lost], [[200], null]);
  await reactor.advance(3_100);
  assert(client.lost !== null);
});

Deno.test("a peer that does not read its reply is cut off", async () => {
  const { connect, reactor, server } = await scene(
    (request) =>
      request.pathname === "/bytes"
        ? new Reply(new Uint8Array(1_000_000))
        : new Reply(ReadableStream.from([new Uint8Array(500_000), new Uint8Array(500_000)])),
    { writeTimeout: 3_000 },
  );
  for (const path of ["/bytes", "/stream"]) {
    const client = await connect();
    client.transport.pauseProducing();
    client.send(get.replace("/", path));
    await reactor.advance(2_500);
    assertEquals(server.counters().connections, 1);
    await reactor.advance(1_500);
    assertEquals(server.counters().connections, 0);
  }
  assertEquals(server.counters().timeouts, 2);
});

Deno.test("a handler has all the time it wants", async () => {
  const { send, reactor } = await scene(async () => {
    await new Promise((resolve) => reactor.callLater(3_600_000, () => resolve(null)));
    return new Reply("at last");
  });
  const client = await send(get);
  await reactor.advance(3_600_000);
  assertEquals(client.body, "at last");
});
