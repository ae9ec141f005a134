import { assert, assertEquals, assertStringIncludes } from "../../../assert.ts";
import { checkProperty } from "../../../property.ts";
import fc from "fast-check";
import { ask, readReply, requestText } from "../_scene.ts";
import { at, begin, logged, ok, records, startProxy } from "./_scene.ts";

const to = (port: number) => ({ routes: [{ proxy: at(port) }] });

Deno.test("a request goes on as it is, but for what belongs to its connection", async () => {
  const { app, fakes: [fake] } = await startProxy(to(3001), 1);
  await using _app = app;
  const client = await app.connect();
  await client.send(
    "GET /a/b?c=%20d HTTP/1.1\r\nHost: example.org\r\nConnection: keep-alive, X-Private\r\nX-Private: 1\r\n" +
      "Accept:  text/html \r\nTE: trailers\r\nKeep-Alive: timeout=1\r\nX-Forwarded-For: 6.6.6.6\r\n" +
      "Forwarded: for=6.6.6.6\r\nX-Real-IP: 6.6.6.6\r\nX_Forwarded_For: 6.6.6.6\r\nX-Forwarded_Proto: https\r\nProxy-Authorization: x\r\nUpgrade: h2c\r\n" +
      "Expect: 100-continue\r\nVia: 1.0 fred\r\nCookie: a=b\r\n\r\n",
  );
  assertEquals(
    fake!.requests,
    [
      "GET /a/b?c=%20d HTTP/1.1\r\nhost: example.org\r\nAccept:  text/html \r\nCookie: a=b\r\n" +
      "x-forwarded-for: 127.0.0.1\r\nx-forwarded-proto: http\r\nforwarded: for=127.0.0.1;host=example.org;proto=http\r\n" +
      "x-forwarded-host: example.org\r\nvia: 1.0 fred, 1.1 heddle\r\n\r\n",
    ],
  );
  assertEquals(readReply(client).body, "hello");
});

Deno.test("what trusted proxies say of the client is gone on with", async () => {
  const { app, fakes: [fake] } = await startProxy({
    trustedProxies: ["127.0.0.0/8"],
    routes: [{ proxy: at(3001) }],
  }, 1);
  await using _app = app;
  await ask(app, "/", {
    host: "inner:81",
    headers: {
      "x-forwarded-for": "2001:db8::1",
      "x-forwarded-proto": "https",
      "x-forwarded-host": "outer",
      forwarded: 'for="[2001:db8::1]"',
    },
  });
  for (
    const line of [
      "host: inner:81",
      "x-forwarded-for: 2001:db8::1, 127.0.0.1",
      "x-forwarded-proto: https",
      "x-forwarded-host: outer",
      'forwarded: for="[2001:db8::1]", for=127.0.0.1;host="inner:81";proto=http',
    ]
  ) assertStringIncludes(fake!.requests[0]!, `\r\n${line}\r\n`);
});

Deno.test("the upstream is told the client's host, its own, or another", async () => {
  for (
    const [host, told] of [["keep", "example.org"], ["upstream", "127.0.0.1:3001"], [
      "app.internal",
      "app.internal",
    ]]
  ) {
    const { app, fakes: [fake] } = await startProxy(
      { routes: [{ proxy: { to: at(3001), host: host! } }] },
      1,
    );
    await using _app = app;
    await ask(app, "/", { host: "example.org" });
    assertStringIncludes(fake!.requests[0]!, `\r\nhost: ${told}\r\n`);
    assertStringIncludes(fake!.requests[0]!, "\r\nx-forwarded-host: example.org\r\n");
  }
});

Deno.test("a path goes on as routes have seen it: without dot segments", async () => {
  const { app, fakes: [fake] } = await startProxy(to(3001), 1);
  await using _app = app;
  await ask(app, "/public/../admin?x=/../y");
  assertStringIncludes(fake!.requests[0]!, "GET /admin?x=/../y HTTP/1.1\r\n");
});

Deno.test("a body is framed anew, by its length or in chunks", async () => {
  const { app, fakes: [fake] } = await startProxy(to(3001), 1);
  await using _app = app;
  await ask(app, "/", { method: "POST", body: "12345" });
  assert(fake!.requests[0]!.endsWith("content-length: 5\r\n\r\n12345"), fake!.requests[0]);

  fake!.respond = () => null;
  const client = await app.connect();
  await client.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
  const [, end = fake!.connections[0]!] = fake!.connections;
  assertStringIncludes(fake!.requests[1]!, "\r\ntransfer-encoding: chunked\r\n\r\n");
  assertEquals(end.text, "3\r\nabc\r\n");
  await client.send("2;x=y\r\nde\r\n0\r\nX-Trailer: z\r\n\r\n");
  assertEquals(fake!.requests[2], "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
});

Deno.test("a reply comes back as it is, but for what belongs to the upstream's connection", async () => {
  const { app, fakes: [fake] } = await startProxy(to(3001), 1);
  await using _app = app;
  fake!.respond = () =>
    "HTTP/1.1 404 Gone fishing\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nConnection: close, X-Private\r\n" +
    "X-Private: 1\r\nKeep-Alive: timeout=9\r\nUpgrade: h2c\r\nDate: then\r\nTransfer-Encoding: chunked\r\n\r\n" +
    "5\r\nhello\r\n0\r\n\r\n";
  const client = await begin(app, "/");
  const { status, headers, body } = readReply(client);
  assertEquals([status, body], [404, "hello"]);
  assertEquals(headers, { "set-cookie": "a=1\nb=2", date: "then", "content-length": "5" });
  // The client's connection is another matter.
  await client.send(requestText("/"));
  assertEquals(readReply(client).status, 404);
});

Deno.test("HEAD, 204 and 304 have no body, and what they say of one is passed on", async () => {
  const { app, fakes: [fake] } = await startProxy(to(3001), 1);
  await using _app = app;
  fake!.respond = () => "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n";
  assertEquals((await ask(app, "/", { method: "HEAD" })).headers["content-length"], "99");
  fake!.respond = () => "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  const head = await ask(app, "/", { method: "HEAD" });
  assertEquals([head.headers["content-length"], head.body], [undefined, ""]);
  fake!.respond = () => "HTTP/1.1 304 Not Modified\r\nETag: x\r\nContent-Length: 99\r\n\r\n";
  const { status, headers } = await ask(app, "/");
  assertEquals([status, headers.etag, headers["content-length"]], [304, "x", "99"]);
  fake!.respond = () => "HTTP/1.1 204 No Content\r\n\r\n";
  assertEquals((await ask(app, "/")).status, 204);
  assertEquals(fake!.connections.length, 1);
});

Deno.test("a stream is flushed as it comes, survives draining, and is cut where its upstream is", async () => {
  const { app, fakes: [fake] } = await startProxy(to(3001), 1);
  await using _app = app;
  fake!.respond = () => "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: 1\n\n";
  const client = await begin(app, "/");
  assertStringIncludes(client.received(), "data: 1\n\n");
  fake!.connections[0]!.say("data: 2\n\n");
  await app.reactor.settle();
  assertStringIncludes(client.received(), "data: 2\n\n");
  const stopped = app.stop();
  await app.reactor.advance(1_000);
  fake!.connections[0]!.say("data: 3\n\n");
  await app.reactor.settle();
  assertStringIncludes(client.received(), "data: 3\n\n");
  fake!.connections[0]!.transport.loseConnection();
  await app.reactor.settle();
  assertStringIncludes(client.received(), "0\r\n\r\n");
  await stopped;
});

Deno.test("an upstream that breaks off breaks the client's reply off", async () => {
  const { app, fakes: [fake] } = await startProxy(to(3001), 1);
  await using _app = app;
  fake!.respond = () => "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello";
  const client = await begin(app, "/");
  fake!.connections[0]!.transport.loseConnection();
  await app.reactor.settle();
  assert(client.closed);
  const { error } = records(app)[0]!.fields as { error: Error };
  assertStringIncludes(error.message, 'Upstream "tcp:127.0.0.1:3001" of /*: Server closed the connection');
});

Deno.test("a client that leaves takes its request along", async () => {
  const { app, fakes: [fake] } = await startProxy(to(3001), 1);
  await using _app = app;
  fake!.respond = () => null;
  const client = await begin(app, "/");
  await app.reactor.advance(500);
  client.transport.abortConnection();
  await app.reactor.settle();
  assert(fake!.connections[0]!.lost !== null);
  assertEquals(logged(app), []);
});

Deno.test("a WebSocket is passed through both ways, and no other upgrade is", async () => {
  const { app, fakes: [fake] } = await startProxy(to(3001), 1);
  await using _app = app;
  fake!.respond = () =>
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: x\r\n\r\nearly";
  const client = await begin(app, "/chat", {
    headers: { connection: "Upgrade", upgrade: "websocket", "sec-websocket-key": "k" },
  });
  assertStringIncludes(fake!.requests[0]!, "\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n");
  assertStringIncludes(fake!.requests[0]!, "\r\nsec-websocket-key: k\r\n");
  const reply = client.received();
  assertStringIncludes(reply, "HTTP/1.1 101 Switching Protocols\r\n");
  assertStringIncludes(reply.toLowerCase(), "\r\nsec-websocket-accept: x\r\n");
  assertStringIncludes(reply.toLowerCase(), "\r\nupgrade: websocket\r\n");
  assert(reply.endsWith("\r\n\r\nearly"), reply);
  const [end] = fake!.connections;
  await client.send("ping");
  assertEquals(end!.text, "ping");
  end!.say("pong");
  await app.reactor.settle();
  assertEquals(client.received(), "pong");
  await client.close();
  assert(end!.lost !== null);

  fake!.respond = () => ok("no");
  await begin(app, "/", {
    headers: { connection: "Upgrade, HTTP2-Settings", upgrade: "h2c", "http2-settings": "x" },
  });
  assert(!/upgrade|http2/i.test(fake!.requests[1]!), fake!.requests[1]);
});

Deno.test("what an upstream answers against the rules is a 502, with the reason in the log", async () => {
  const answers: [answer: string, reason: string][] = [
    ["SSH-2.0-OpenSSH_9.2\r\n", "Does not begin with a status line of HTTP/1.1"],
    ["HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", "Content-Length is there twice"],
    ["HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\n\r\n", "Switches to a protocol that nobody asked for"],
  ];
  for (const [answer, reason] of answers) {
    const { app, fakes: [fake] } = await startProxy(to(3001), 1);
    await using _app = app;
    fake!.respond = () => answer;
    const { status, body } = await ask(app, "/x");
    assertEquals([status, body], [502, "Bad Gateway\n"]);
    assertEquals(logged(app), ["error Upstream failed: the client gets 502"]);
    assertEquals(records(app)[0]!.fields, {
      route: "/*",
      upstream: "tcp:127.0.0.1:3001",
      method: "GET",
      path: "/x",
      reason,
      tries: 1,
    });
  }
});

Deno.test("an upstream that does not answer is a 504", async () => {
  const { app, fakes: [fake] } = await startProxy({
    routes: [{ proxy: { to: at(3001), timeouts: { response: "2s" } } }],
  }, 1);
  await using _app = app;
  fake!.respond = () => null;
  const client = await begin(app, "/", { method: "POST", body: "x" });
  await app.reactor.advance(2_500);
  assertEquals(readReply(client).status, 504);
  assertEquals(records(app)[0]!.fields.reason, "No response within 2000 ms");
});

Deno.test("a WebSocket on which nobody says anything is cut in the end", async () => {
  const { app, fakes: [fake] } = await startProxy({
    routes: [{ proxy: { to: at(3001), timeouts: { tunnel: "10s" } } }],
  }, 1);
  await using _app = app;
  fake!.respond = () =>
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n";
  const client = await begin(app, "/", { headers: { connection: "Upgrade", upgrade: "websocket" } });
  await app.reactor.advance(9_000);
  await client.send("ping");
  await app.reactor.advance(9_000);
  assert(!client.closed);
  await app.reactor.advance(2_000);
  assert(client.closed);
  assert(fake!.connections[0]!.lost !== null);
});

Deno.test("the upstream is told whether the client came by TLS", async () => {
  const { app, fakes: [fake] } = await startProxy({
    listen: { tls: 443, certificate: "c.pem", privateKey: "k.pem" },
    routes: [{ proxy: at(3001) }],
  }, 1);
  await using _app = app;
  const client = await app.connect("tls:127.0.0.1:443");
  await client.send(requestText("/"));
  assertStringIncludes(fake!.requests[0]!, "\r\nx-forwarded-proto: https\r\n");
  assertStringIncludes(fake!.requests[0]!, ";proto=https\r\n");
});

Deno.test("whatever an upstream answers, its client gets an answer or is cut, and the next one is served", async () => {
  const piece = fc.constantFrom(
    ...["HTTP/1.1 200 OK\r\n", "HTTP/1.1 101 S\r\n", "HTTP/1.1 100 C\r\n\r\n", "HTTP/1.1 204 N\r\n", "\r\n"],
    ...["Content-Length: 3\r\n", "Transfer-Encoding: chunked\r\n", "Connection: close, host\r\n", "X", ": "],
    ...["abc", "3\r\nabc\r\n", "0\r\n\r\n", "Upgrade: websocket\r\n", "\0", "\xff", "Date: \xff\r\n", "\n"],
  );
  const pieces = fc.array(piece, { maxLength: 10 });
  const upgrade = { headers: { connection: "upgrade", upgrade: "websocket" } };
  await checkProperty(
    fc.asyncProperty(pieces, fc.constantFrom({}, { method: "HEAD" }, upgrade), async (pieces, asked) => {
      const { app, fakes: [fake] } = await startProxy(to(3001), 1);
      await using _app = app;
      fake!.respond = () => null;
      const client = await begin(app, "/", asked);
      const end = fake!.connections[0]!;
      for (const piece of pieces) {
        end.say(piece);
        await app.reactor.settle();
      }
      end.transport.loseConnection();
      await app.reactor.advance(100_000);
      const text = client.received();
      assert(
        client.closed || /^HTTP\/1\.1 (?:101|200|204|502) /.test(text),
        JSON.stringify({ pieces, text }),
      );
      assert(!logged(app).some((line) => line.includes("Handler failed")), JSON.stringify(app.log.records));
      fake!.respond = () => ok("next");
      assertEquals((await ask(app, "/")).body, "next");
    }),
    { numRuns: 60 },
  );
});

Deno.test("a WebSocket whose client has left, or whose upstream has, holds nothing", async () => {
  const switching = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n";
  const { app, fakes: [fake] } = await startProxy(to(3001), 1);
  await using _app = app;
  fake!.respond = () => null;
  const asked = { headers: { connection: "Upgrade", upgrade: "websocket" } };
  const gone = await begin(app, "/", asked);
  gone.transport.abortConnection();
  await app.reactor.settle();
  fake!.connections[0]!.say(switching);
  await app.reactor.settle();
  assert(fake!.connections[0]!.lost !== null);

  const left = await begin(app, "/", asked);
  const [, end] = fake!.connections;
  end!.say(switching);
  end!.transport.loseConnection();
  await app.reactor.settle();
  assert(left.closed);
  await app.reactor.advance(2_000);
  const inFlight = app.metrics.collect().find(({ name }) => name === "http_upstream_requests_in_flight");
  assertEquals(inFlight!.samples.map(({ value }) => value), [0]);
});
