import type { ReplyOutcome } from "../../../services/http/options.ts";
import { Reply } from "../../../services/http/reply.ts";
import { assert, assertEquals, assertStringIncludes } from "../../assert.ts";
import { scene } from "./_scene.ts";

const host = "Host: example.org\r\n";
const get = (path: string, fields = "") => `GET ${path} HTTP/1.1\r\n${host}${fields}\r\n`;

Deno.test("requests on one connection are answered in their order, each when the one before is", async () => {
  const waiting: (() => void)[] = [];
  const { send, reactor } = await scene((request) => {
    if (request.pathname === "/now") return new Reply("now");
    return new Promise<Reply>((resolve) => waiting.push(() => resolve(new Reply(request.pathname))));
  });
  const client = await send(get("/now") + get("/a") + get("/now") + get("/b") + get("/now"));
  assertEquals([client.statuses.length, waiting.length], [1, 1]);
  waiting.shift()!();
  await reactor.settle();
  assertEquals([client.statuses.length, waiting.length], [3, 1]);
  waiting.shift()!();
  await reactor.settle();
  const bodies = client.text.split("\r\n\r\n").slice(1).map((part) => part.replace(/HTTP.*/s, ""));
  assertEquals(bodies, ["now", "/a", "now", "/b", "now"]);
});

Deno.test("who sends requests without end waits while one is answered", async () => {
  const answer = Promise.withResolvers<Reply>();
  let seen = 0;
  const { connect, reactor } = await scene(() => ++seen === 1 ? answer.promise : new Reply("x"));
  const client = await connect();
  const count = 20_000;
  let turns = 0;
  for (let n = 0; n < count; n++) client.send(get("/"));
  await reactor.settle();
  assert(client.transport.bufferedBytes > 500_000, `${client.transport.bufferedBytes} bytes are unsent`);
  answer.resolve(new Reply("x"));
  while (seen < count && turns++ < 1_000) await reactor.advance(10);
  assertEquals([seen, client.statuses.length], [count, count]);
});

Deno.test("a connection lives as long as both sides want", async () => {
  const cases: [request: string, reply: Reply, closes: boolean, field: string][] = [
    [get("/"), new Reply("x"), false, ""],
    [get("/", "Connection: close\r\n"), new Reply("x"), true, "connection: close\r\n"],
    [get("/", "Connection: x, CLOSE\r\n"), new Reply("x"), true, "connection: close\r\n"],
    [get("/", "Connection: x\r\nConnection: close\r\n"), new Reply("x"), true, "connection: close\r\n"],
    [get("/"), new Reply("x", { headers: { connection: "Close" } }), true, "connection: close\r\n"],
    [get("/", "Connection: keep-alive\r\n"), new Reply("x"), false, ""],
    ["GET / HTTP/1.0\r\n\r\n", new Reply("x"), true, "connection: close\r\n"],
    ["GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", new Reply("x"), false, "connection: keep-alive\r\n"],
  ];
  for (const [request, reply, closes, field] of cases) {
    const { send } = await scene(() => reply);
    const client = await send(request);
    assertEquals(client.lost !== null, closes, request);
    assertEquals(/connection: .*\r\n/.exec(client.text)?.[0] ?? "", field, request);
  }
});

Deno.test("an unread body is read over where it is short, else the connection closes", async () => {
  const { send, reactor } = await scene(() => new Reply("x"), { maxUnreadBody: 10 });
  const post = (framing: string) => `POST / HTTP/1.1\r\n${host}${framing}`;
  const short = await send(post("Content-Length: 5\r\n\r\nab"), "cde" + get("/"));
  assertEquals([short.statuses, short.lost], [[200, 200], null]);
  const chunks = await send(post("Transfer-Encoding: chunked\r\n\r\n5\r\nab"), "cde\r\n0\r\n\r\n" + get("/"));
  assertEquals([chunks.statuses, chunks.lost], [[200, 200], null]);

  const long = await send(post("Content-Length: 11\r\n\r\nab"));
  assertEquals(long.statuses, [200]);
  assertStringIncludes(long.text, "connection: close");
  await reactor.advance(1_100);
  assert(long.lost !== null);
  const endless = await send(
    post("Transfer-Encoding: chunked\r\n\r\nff\r\n"),
    "a".repeat(20),
    "b".repeat(20),
  );
  await reactor.advance(1_100);
  assertEquals([endless.statuses, endless.lost !== null], [[200], true]);
});

Deno.test("a client that leaves aborts the request's signal, and whatever it was sent", async () => {
  const outcomes: ReplyOutcome[] = [];
  const events: string[] = [];
  const { connect, reactor, log } = await scene((request) => {
    request.signal.addEventListener("abort", () => events.push(`${request.pathname} aborted`));
    if (request.pathname === "/stream") {
      return new Reply(new ReadableStream({ cancel: () => void events.push("stream cancelled") }));
    }
    return new Promise<Reply>((_, reject) =>
      request.signal.addEventListener("abort", () => reject(request.signal.reason))
    );
  }, { onReply: (outcome) => outcomes.push(outcome) });
  for (const path of ["/wait", "/stream"]) {
    const client = await connect();
    client.send(get(path));
    await reactor.settle();
    client.transport.abortConnection();
    // A peer that has closed looks like one that only sends no more, until it has taken nothing for a while.
    await reactor.advance(31_000);
  }
  const patient = await connect();
  patient.send(get("/half"));
  patient.transport.loseWriteConnection();
  await reactor.advance(1_000);
  assertEquals(events, ["/wait aborted", "/stream aborted", "stream cancelled", "/half aborted"]);
  assertEquals(patient.statuses, []);
  assertEquals(
    outcomes.map(({ status, complete }) => [status, complete]),
    [[499, false], [499, false], [499, false]],
  );
  assertEquals(log.records.filter(({ level }) => level === "error"), []);
});

Deno.test("a client that only sends no more gets its reply", async () => {
  const { connect, reactor } = await scene(async (request) => {
    await new Promise((resolve) => reactor.callLater(50, () => resolve(null)));
    return new Reply(await request.text());
  });
  const client = await connect();
  client.send(get("/"));
  client.transport.loseWriteConnection();
  await reactor.advance(100);
  assertEquals([client.statuses, client.lost?.clean], [[200], true]);

  const cut = await connect();
  cut.send(`POST / HTTP/1.1\r\n${host}Content-Length: 5\r\n\r\nab`);
  cut.transport.loseWriteConnection();
  await reactor.advance(100);
  assertEquals(cut.statuses, [400]);
});

Deno.test("a slow reader holds up a stream, not the memory", async () => {
  let made = 0;
  const { connect, reactor } = await scene(() =>
    new Reply((async function* () {
      for (; made < 1_000; made++) yield new Uint8Array(10_000);
    })())
  );
  const client = await connect();
  client.transport.pauseProducing();
  client.send(get("/"));
  await reactor.advance(1_000);
  assert(made < 50, `${made} chunks were made`);
  client.transport.resumeProducing();
  while (made < 1_000) await reactor.advance(10);
  await reactor.settle();
  assert(client.text.endsWith("0\r\n\r\n"));
});

Deno.test("what a server has done is counted, and told reply by reply", async () => {
  const outcomes: ReplyOutcome[] = [];
  const { send, server, reactor } = await scene(async (request) => {
    await new Promise((resolve) => reactor.callLater(40, () => resolve(null)));
    return request.pathname === "/x" ? new Reply("four") : new Reply(null, { status: 304 });
  }, { onReply: (outcome) => outcomes.push(outcome) });
  await send(get("/x") + get("/y"));
  assertEquals(server.counters().inFlight, 1);
  await reactor.advance(100);
  await send("nonsense\r\n");
  const { request: _, peer: __, ...first } = outcomes[0]!;
  assertEquals(first, { status: 200, bytes: 4, duration: 40, complete: true });
  assertEquals(outcomes.map(({ request, status }) => [request?.pathname, status]), [
    ["/x", 200],
    ["/y", 304],
    [undefined, 400],
  ]);
  assertEquals(server.counters(), {
    connections: 1,
    connectionsTotal: 2,
    connectionsRefused: 0,
    requests: 2,
    inFlight: 0,
    replies: { "1xx": 0, "2xx": 1, "3xx": 1, "4xx": 1, "5xx": 0 },
    handlerErrors: 0,
    badRequests: 1,
    timeouts: 0,
    upgrades: 0,
  });
});

Deno.test("connections over the limits are turned away or wait", async () => {
  const { connect, reactor, server } = await scene(() => new Reply("x"), { maxConnectionsPerPeer: 2 });
  const clients = [await connect(), await connect(), await connect()];
  await reactor.settle();
  assertEquals(clients.map((client) => client.lost !== null), [false, false, true]);
  clients[0]!.transport.loseConnection();
  await reactor.settle();
  const next = await connect();
  next.send(get("/"));
  await reactor.settle();
  assertEquals([next.statuses, server.counters().connectionsRefused], [[200], 1]);
});
