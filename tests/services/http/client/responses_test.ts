import { HttpClientError } from "../../../../services/http/client/client_error.ts";
import { defaultClientLimits } from "../../../../services/http/client/options.ts";
import { ResponseParser } from "../../../../services/http/client/response_parser.ts";
import { assert, assertEquals } from "../../../assert.ts";
import { checkProperty } from "../../../property.ts";
import fc from "fast-check";
import { allCuts, octetsOf } from "../_scene.ts";
import { bodyOf, clientScene, request, watch } from "./_scene.ts";

/** What a parser says of octets in pieces, after which the server sends no more. */
function read(pieces: readonly string[], method = "GET"): string {
  const parser = new ResponseParser({ ...defaultClientLimits, maxHead: 300, maxHeaders: 5 });
  parser.expect(method, false);
  let body = "";
  let status = 0;
  let complete = false;
  for (const piece of pieces) {
    const chunk = octetsOf(piece);
    parser.give(chunk);
    for (let event = parser.next(); event !== "more"; event = parser.next()) {
      if (event === "error") return `error: ${parser.error}`;
      if (event === "head") status = parser.head!.status;
      if (event === "data") body += String.fromCharCode(...parser.data);
      if (event === "end") complete = true;
    }
    chunk.fill(0xdd);
  }
  if (complete) return `${status} ${body}`;
  return parser.ended() ? `${status} ${body} until the end` : "cut short";
}

const ok = "HTTP/1.1 200 OK\r\n";
const chunked = `${ok}Transfer-Encoding: chunked\r\n\r\n`;

const cases: readonly (readonly [name: string, response: string, outcome: string, method?: string])[] = [
  ["a length", `${ok}Content-Length: 5\r\n\r\nhello`, "200 hello"],
  ["no body", "HTTP/1.1 204 No Content\r\n\r\n", "204 "],
  ["304 with a length", "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", "304 "],
  ["HEAD with a length", `${ok}Content-Length: 5\r\n\r\n`, "200 ", "HEAD"],
  ["HEAD with chunks", chunked, "200 ", "HEAD"],
  ["chunks", `${chunked}5\r\nhello\r\n1;a=b\r\n!\r\n0\r\nX: y\r\n\r\n`, "200 hello!"],
  ["neither", `${ok}\r\nhello`, "200 hello until the end"],
  ["HTTP/1.0", "HTTP/1.0 200 OK\r\n\r\nhello", "200 hello until the end"],
  ["no reason", "HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", "200 "],
  ["an empty reason", "HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n", "200 "],
  ["a reason that is not ASCII", "HTTP/1.1 200 \xe4\r\nContent-Length: 0\r\n\r\n", "200 "],
  [
    "interim responses",
    `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nA: b\r\n\r\n${ok}Content-Length: 1\r\n\r\na`,
    "200 a",
  ],
  ["too few octets", `${ok}Content-Length: 5\r\n\r\nhell`, "cut short"],
  ["chunks without an end", `${chunked}5\r\nhello\r\n`, "cut short"],
  ["half a head", `${ok}Content-`, "cut short"],
  ["more than the length", `${ok}Content-Length: 1\r\n\r\nab`, "error: More came than the response"],
  ["a second response", `${ok}Content-Length: 0\r\n\r\n${ok}`, "error: More came than the response"],
  [
    "endless interim responses",
    "HTTP/1.1 100 Continue\r\n\r\n".repeat(17),
    "error: Too many interim responses",
  ],
  ["101 unasked", "HTTP/1.1 101 Switching\r\n\r\n", "error: Switches to a protocol that nobody asked for"],
  [
    "two lengths",
    `${ok}Content-Length: 1\r\nContent-Length: 2\r\n\r\na`,
    "error: Content-Length is there twice",
  ],
  ["a list of lengths", `${ok}Content-Length: 1, 1\r\n\r\na`, "error: Content-Length is no number"],
  ["a length below zero", `${ok}Content-Length: -1\r\n\r\n`, "error: Content-Length is no number"],
  [
    "a length and chunks",
    `${ok}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n`,
    "error: Content-Length and Transfer-Encoding are both there",
  ],
  [
    "another coding",
    `${ok}Transfer-Encoding: gzip, chunked\r\n\r\n`,
    "error: Transfer-Encoding is not chunked",
  ],
  [
    "two codings",
    `${ok}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n`,
    "error: Transfer-Encoding is there twice",
  ],
  [
    "chunks in HTTP/1.0",
    "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
    "error: HTTP/1.0 has no Transfer-Encoding",
  ],
  ["a bad chunk size", `${chunked}x\r\n`, "error: Chunk size is no hexadecimal number"],
  ["a chunk that is too long for its size", `${chunked}1\r\nab\r\n`, "error: Chunk is not followed by CRLF"],
  ["another protocol", "SSH-2.0-OpenSSH_9.2\r\n", "error: Does not begin with a status line of HTTP/1.1"],
  ["HTTP/2", "HTTP/2 200\r\n", "error: Does not begin with a status line of HTTP/1.1"],
  ["a status that is none", "HTTP/1.1 999 Odd\r\n", "error: Does not begin with a status line of HTTP/1.1"],
  [
    "lines that end with LF",
    "HTTP/1.1 200 OK\n\n",
    "error: Status line has an octet that is not allowed there",
  ],
  ["a folded line", `${ok}A: b\r\n c\r\n\r\n`, "error: Field line begins with no name"],
  ["a space before the colon", `${ok}A : b\r\n\r\n`, "error: Field name is not followed by a colon"],
  ["a NUL in a value", `${ok}A: b\0\r\n\r\n`, "error: Field value has an octet that is not allowed there"],
  ["too many fields", `${ok}${"A: b\r\n".repeat(6)}\r\n`, "error: More than 5 header fields"],
  ["an endless head", `${ok}A: ${"b".repeat(300)}`, "error: Head is longer than 300 bytes"],
];

Deno.test("a response is read as RFC 9112 says, or refused, however its octets come", () => {
  for (const [name, response, outcome, method] of cases) {
    for (const pieces of allCuts(response)) assertEquals(read(pieces, method), outcome, `${name}: ${pieces}`);
  }
});

Deno.test("whatever a server sends is answered the same however it is cut", () => {
  const piece = fc.constantFrom(
    ...[
      "HTTP/1.1 200 OK\r\n",
      "HTTP/1.0 200\r\n",
      "HTTP/1.1 100 C\r\n\r\n",
      "HTTP/1.1 204 N\r\n",
      "\r\n",
      "\n",
    ],
    ...["Content-Length: 3\r\n", "Transfer-Encoding: chunked\r\n", "Connection: close\r\n", "X", ": ", "abc"],
    ...["3\r\nabc\r\n", "0\r\n\r\n", "0\r\n", "5;x\r\n", "\0", "\xff", " "],
  );
  const response = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(""));
  checkProperty(fc.property(response, fc.array(fc.nat(80), { maxLength: 5 }), (text, places) => {
    const cuts = [...new Set([0, ...places.filter((at) => at < text.length), text.length])].sort((a, b) =>
      a - b
    );
    const pieces = cuts.slice(1).map((end, index) => text.slice(cuts[index], end));
    assertEquals(read(pieces), read([text]));
  }));
});

Deno.test("a small response is whole when it is handed over; its connection serves again", async () => {
  const { reactor, client, servers } = await clientScene();
  for (const word of ["one", "two"]) {
    const outcome = watch(client.send(request()));
    await reactor.settle();
    assertEquals(servers[0]!.text, "GET / HTTP/1.1\r\nhost: example.org\r\n\r\n");
    servers[0]!.text = "";
    servers[0]!.say(`HTTP/1.1 200 OK\r\nContent-Length: 3\r\nX-Tag: ${word}\r\n\r\n${word}`);
    await reactor.settle();
    const response = outcome.value!;
    assertEquals([response.status, response.header("x-tag")], [200, word]);
    assertEquals(response.takeWhole(1024), octetsOf(word));
  }
  assertEquals(servers.length, 1);
  assertEquals(client.connections, 1);
});

Deno.test("a connection is not used again after close, after too much, nor past its time", async () => {
  const endings = [
    `${ok}Content-Length: 0\r\nConnection: close\r\n\r\n`,
    `${ok}Content-Length: 0\r\n\r\nmore`,
    "HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n",
    `${ok}Content-Length: 0\r\nKeep-Alive: timeout=5\r\n\r\n`,
  ];
  for (const [at, ending] of endings.entries()) {
    const { reactor, client, servers } = await clientScene();
    const outcome = watch(client.send(request()));
    await reactor.settle();
    servers[0]!.say(ending);
    await reactor.settle();
    assertEquals(outcome.value?.status, 200);
    if (at === 3) {
      assertEquals(client.connections, 1);
      await reactor.advance(4_500);
    }
    assertEquals(client.connections, 0, ending);
    assert(servers[0]!.lost !== null);
  }
});

Deno.test("a body is no faster than its reader, and what is left of it closes the connection", async () => {
  const { reactor, client, servers } = await clientScene();
  const outcome = watch(client.send(request()));
  await reactor.settle();
  const [server] = servers;
  const size = 4 * 1024 * 1024;
  server!.say(`${ok}Content-Length: ${size}\r\n\r\n`);
  let written = 0;
  for (; written < size && server!.transport.bufferedBytes < 256 * 1024; written += 16_384) {
    server!.transport.write(new Uint8Array(16_384));
    await reactor.settle();
  }
  assert(written < 1024 * 1024, `${written} bytes were taken with nobody reading`);
  await outcome.value!.body.return!();
  await reactor.settle();
  assert(servers[0]!.lost !== null);
  assertEquals(client.connections, 0);
});

Deno.test("a failure tells what happened, and whether the request may be sent again", async () => {
  const told = (error: unknown) => {
    assert(error instanceof HttpClientError, String(error));
    return { failure: error.failure, answered: error.answered, stale: error.stale, unsent: error.unsent };
  };
  const { reactor, client, servers } = await clientScene();
  const first = watch(client.send(request()));
  await reactor.settle();
  servers[0]!.transport.loseConnection();
  await reactor.settle();
  assertEquals(told(first.error), { failure: "closed", answered: false, stale: false, unsent: false });

  const second = watch(client.send(request()));
  await reactor.settle();
  servers[1]!.say(`${ok}Content-Length: 0\r\n\r\n`);
  await reactor.settle();
  assertEquals(second.value?.status, 200);
  const third = watch(client.send(request()));
  await reactor.settle();
  servers[1]!.transport.abortConnection();
  await reactor.settle();
  assertEquals(told(third.error), { failure: "closed", answered: false, stale: true, unsent: false });

  const fourth = watch(client.send(request()));
  await reactor.settle();
  servers[2]!.say("HTTP/1.1 2");
  await reactor.settle();
  servers[2]!.transport.loseConnection();
  await reactor.settle();
  assertEquals(told(fourth.error), { failure: "closed", answered: true, stale: false, unsent: false });

  const controller = new AbortController();
  const fifth = watch(client.send(request(), () => controller.signal));
  await reactor.advance(500);
  controller.abort();
  await reactor.settle();
  assertEquals(told(fifth.error).failure, "cancelled");
  assert(servers[3]!.lost !== null);

  const nowhere = await clientScene();
  await nowhere.reactor[Symbol.asyncDispose]();
  assertEquals(told(await nowhere.client.send(request()).catch((error) => error)).unsent, true);
});

Deno.test("a head, and each piece of a body, has its time", async () => {
  const { reactor, client, servers } = await clientScene({ headTimeout: 1_000, idleTimeout: 2_000 });
  const silent = watch(client.send(request()));
  await reactor.advance(1_500);
  assertEquals((silent.error as HttpClientError).message, "No response within 1000 ms");
  const dripping = watch(client.send(request()));
  for (const character of "HTTP") {
    await reactor.advance(400);
    servers[1]!.say(character);
  }
  assertEquals((dripping.error as HttpClientError).message, "No response within 1000 ms");
  const slow = watch(client.send(request()));
  await reactor.settle();
  servers[2]!.say(`${ok}Content-Length: 9\r\n\r\nab`);
  await reactor.advance(1_500);
  servers[2]!.say("cd");
  await reactor.advance(1_500);
  const rest = watch(bodyOf(slow.value!));
  await reactor.advance(1_500);
  assertEquals((rest.error as HttpClientError).failure, "timeout");
});

Deno.test("a request's body is sent as it comes, in chunks or by its length", async () => {
  const { reactor, client, servers } = await clientScene();
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const word of ["hello", ", ", "world"]) controller.enqueue(octetsOf(word));
      controller.close();
    },
  });
  const head = "POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n";
  watch(client.send(request("POST", { head, body, chunked: true })));
  await reactor.settle();
  assertEquals(servers[0]!.text, `${head}5\r\nhello\r\n2\r\n, \r\n5\r\nworld\r\n0\r\n\r\n`);

  const failing = new ReadableStream<Uint8Array>({ pull: () => Promise.reject(new Error("gone")) });
  const outcome = watch(client.send(request("POST", { head, body: failing, chunked: true })));
  await reactor.settle();
  assertEquals((outcome.error as HttpClientError).failure, "body");
  assert(servers[1]!.lost !== null);
});

Deno.test("a response may begin before the request has ended, and end before it", async () => {
  const { reactor, client, servers } = await clientScene({ idleTimeout: 2_000 });
  let upload!: ReadableStreamDefaultController<Uint8Array>;
  const body = new ReadableStream<Uint8Array>({ start: (controller) => void (upload = controller) });
  const head = "POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n";
  const outcome = watch(client.send(request("POST", { head, body, chunked: true })));
  await reactor.settle();
  servers[0]!.say(`${ok}Content-Length: 2\r\n\r\n`);
  for (let n = 0; n < 4; n++) {
    upload.enqueue(octetsOf("a"));
    await reactor.advance(1_500);
  }
  const rest = watch(bodyOf(outcome.value!));
  servers[0]!.say("ok");
  await reactor.settle();
  assertEquals(rest.value, "ok");
  await reactor.settle();
  assert(servers[0]!.lost !== null);

  // A server that does not even read the rest.
  const early = await clientScene();
  const large = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(new Uint8Array(1024 * 1024)),
  });
  const refused = watch(early.client.send(request("POST", { head, body: large, chunked: true })));
  while (early.servers.length === 0) await Promise.resolve();
  const [server] = early.servers;
  server!.transport.pauseProducing();
  server!.say("HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n");
  await early.reactor.advance(100);
  assertEquals(refused.value?.status, 413);
  await early.reactor.settle();
  assertEquals(early.client.connections, 0);
});
