import type { HandlerResult } from "../../../services/http/handler.ts";
import { asHandler } from "../../../services/http/handler.ts";
import { HttpError } from "../../../services/http/http_error.ts";
import { Reply } from "../../../services/http/reply.ts";
import { UpgradeReply } from "../../../services/http/upgrade_reply.ts";
import { Protocol } from "../../../services/protocol/protocol.ts";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "../../assert.ts";
import { octetsOf, scene, utf8 } from "./_scene.ts";

const host = "Host: example.org\r\n";
const date = "date: Thu, 01 Jan 2026 00:00:00 GMT\r\n";

async function replyTo(
  request: string,
  handler: () => HandlerResult | Promise<HandlerResult>,
): Promise<{ text: string; body: string; closed: boolean; errors: string[] }> {
  const { send, log, reactor } = await scene(handler);
  const client = await send(request);
  await reactor.settle();
  return {
    text: client.text,
    body: client.body,
    closed: client.lost !== null,
    errors: log.records.filter(({ level }) => level === "error").map(({ fields }) => String(fields.error)),
  };
}

const get = `GET / HTTP/1.1\r\n${host}\r\n`;

Deno.test("replies are written octet by octet as they should be", async () => {
  const cases: [reply: HandlerResult, text: string][] = [
    [
      new Reply("hi"),
      `HTTP/1.1 200 OK\r\n${date}content-type: text/plain;charset=UTF-8\r\ncontent-length: 2\r\n\r\nhi`,
    ],
    [new Reply(), `HTTP/1.1 200 OK\r\n${date}content-length: 0\r\n\r\n`],
    [new Reply("", { status: 201 }), `HTTP/1.1 201 Created\r\n${date}content-length: 0\r\n\r\n`],
    [new Reply(null, { status: 204 }), `HTTP/1.1 204 No Content\r\n${date}\r\n`],
    [
      new Reply(null, { status: 304, headers: { etag: `"x"` } }),
      `HTTP/1.1 304 Not Modified\r\netag: "x"\r\n${date}\r\n`,
    ],
    [new Reply(null, { status: 299 }), `HTTP/1.1 299 \r\n${date}content-length: 0\r\n\r\n`],
    [
      new Reply(new Uint8Array([104, 105]), { headers: [["A", "1"], ["A", "2"]] }),
      `HTTP/1.1 200 OK\r\na: 1\r\na: 2\r\n${date}content-length: 2\r\n\r\nhi`,
    ],
    [
      new Reply("ü", {
        headers: { "content-type": "text/html", "x-latin": "\xfc", "set-cookie": ["a=b", "c=d"] },
      }),
      `HTTP/1.1 200 OK\r\ncontent-type: text/html\r\nx-latin: \xfc\r\nset-cookie: a=b\r\nset-cookie: c=d\r\n` +
      `${date}content-length: 2\r\n\r\n${utf8("ü")}`,
    ],
    [
      new Reply("x", {
        headers: { "transfer-encoding": "chunked", "content-length": "9", "keep-alive": "x", date: "now" },
      }),
      "HTTP/1.1 200 OK\r\ndate: now\r\ncontent-type: text/plain;charset=UTF-8\r\ncontent-length: 1\r\n\r\nx",
    ],
    [
      Reply.json({ a: 1 }, { status: 400 }),
      `HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\n${date}content-length: 7\r\n\r\n{"a":1}`,
    ],
    [
      Reply.redirect("/x", 308),
      `HTTP/1.1 308 Permanent Redirect\r\nlocation: /x\r\n${date}content-length: 0\r\n\r\n`,
    ],
    [
      new Response("hi", { headers: { "x-a": "b" } }),
      `HTTP/1.1 200 OK\r\nx-a: b\r\ncontent-type: text/plain;charset=UTF-8\r\n${date}content-length: 2\r\n\r\nhi`,
    ],
    [new Response(null, { status: 204 }), `HTTP/1.1 204 No Content\r\n${date}\r\n`],
    [
      Response.json([1]),
      `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n${date}content-length: 3\r\n\r\n[1]`,
    ],
  ];
  for (const [reply, text] of cases) assertEquals((await replyTo(get, () => reply)).text, text);
});

Deno.test("long bodies arrive whole, whatever they are made of", async () => {
  const lengths = [255, 257, 4_095, 4_097, 32_768, 65_536, 200_000];
  for (const length of lengths) {
    for (const character of ["x", "ü", "€", "😀"]) {
      const text = character.repeat(length);
      assertEquals((await replyTo(get, () => new Reply(text))).body, utf8(text));
    }
    const bytes = octetsOf("y".repeat(length));
    assertEquals((await replyTo(get, () => new Reply(bytes))).body.length, length);
    assertEquals(
      (await replyTo(get, () => new Response(bytes as Uint8Array<ArrayBuffer>))).body.length,
      length,
    );
  }
  assertEquals((await replyTo(get, () => new Reply("a\ud800b"))).body, utf8("a\ufffdb"));
});

Deno.test("streams are sent in chunks, by their announced length, or to the end of an HTTP/1.0 connection", async () => {
  async function* parts() {
    yield "ab";
    yield new Uint8Array(0);
    await Promise.resolve();
    yield octetsOf("c");
  }
  const stream = () => ReadableStream.from(parts()).pipeThrough(new TransformStream());
  for (const body of [parts, stream]) {
    const chunked = await replyTo(get, () => new Reply(body() as ReturnType<typeof parts>));
    if (body === parts) {
      assertEquals(
        chunked.text,
        `HTTP/1.1 200 OK\r\n${date}transfer-encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n`,
      );
    }
  }
  const known = await replyTo(get, () => new Reply(parts(), { headers: { "content-length": "3" } }));
  assertEquals(known.text, `HTTP/1.1 200 OK\r\n${date}content-length: 3\r\n\r\nabc`);
  const old = await replyTo("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", () => new Reply(parts()));
  assertEquals([old.text, old.closed], [`HTTP/1.1 200 OK\r\n${date}connection: close\r\n\r\nabc`, true]);
  const response = await replyTo(get, () => new Response(ReadableStream.from([octetsOf("xyz")])));
  assertEquals(
    response.text,
    `HTTP/1.1 200 OK\r\n${date}transfer-encoding: chunked\r\n\r\n3\r\nxyz\r\n0\r\n\r\n`,
  );
});

Deno.test("a body that uses its buffers again gets them back when they are flushed", async () => {
  const buffer = new Uint8Array(100_000);
  const released: number[] = [];
  let given = 0;
  const chunks = {
    next: () =>
      Promise.resolve(
        given < 3 ? { value: buffer.fill(++given), done: false } : { value: undefined, done: true },
      ),
    release: (chunk: Uint8Array) => void released.push(chunk[0]!),
  };
  const body = { [Symbol.asyncIterator]: () => chunks } as unknown as AsyncIterable<Uint8Array>;
  const { send } = await scene(() => new Reply(body, { headers: { "content-length": "300000" } }));
  const { bytes } = await send(get);
  assertEquals([1, 2, 3].map((n) => bytes.filter((byte) => byte === n).length), [100_000, 100_000, 100_000]);
  assertEquals(released, [1, 2, 3]);
});

Deno.test("HEAD gets the head that GET would get", async () => {
  const head = get.replace("GET", "HEAD");
  let cancelled = 0;
  const endless = () => new ReadableStream<Uint8Array>({ cancel: () => void cancelled++ });
  const plain = "content-type: text/plain;charset=UTF-8\r\n";
  assertEquals(
    (await replyTo(head, () => new Reply("hello"))).text,
    `HTTP/1.1 200 OK\r\n${date}${plain}content-length: 5\r\n\r\n`,
  );
  assertEquals(
    (await replyTo(head, () => new Reply(null, { headers: { "content-length": "77" } }))).text,
    `HTTP/1.1 200 OK\r\n${date}content-length: 77\r\n\r\n`,
  );
  assertEquals(
    (await replyTo(head, () => new Reply(endless()))).text,
    `HTTP/1.1 200 OK\r\n${date}transfer-encoding: chunked\r\n\r\n`,
  );
  assertEquals(
    (await replyTo(head, () => new Response(endless()))).text,
    `HTTP/1.1 200 OK\r\n${date}transfer-encoding: chunked\r\n\r\n`,
  );
  assertEquals(cancelled, 2);
});

Deno.test("what cannot be sent is a 500 and an error in the log", async () => {
  const cases: [reply: unknown, error: RegExp][] = [
    [new Reply("x", { headers: { "a b": "c" } }), /name is no token/],
    [new Reply("x", { headers: { "": "c" } }), /name is no token/],
    [new Reply("x", { headers: { a: "b\r\nc: d" } }), /header "a": its value/],
    [new Reply("x", { headers: { a: "b\0" } }), /header "a": its value/],
    [new Reply("x", { headers: { a: "€" } }), /header "a": its value/],
    [new Reply("x", { status: 99 }), /status must be 200-599, not "99"/],
    [new Reply("x", { status: 101 }), /not "101"/],
    [new Reply("x", { status: 200.5 }), /not "200.5"/],
    [new Reply(ReadableStream.from([]), { headers: { "content-length": "-1" } }), /"-1" is no length/],
    [Response.error(), /not "0"/],
    [undefined, /neither a Reply nor a Response/],
    ["text", /neither a Reply nor a Response/],
    [await usedUp(), /body has been read already/],
    [inUse(new Response("x")), /body has been read already/],
    [locked(new Response(new ReadableStream())), /somebody else reads its body/],
    [new Reply(lockedStream()), /somebody else reads its body/],
    [new Reply({} as unknown as string), /must be text, bytes, a stream or an async iterable/],
  ];
  for (const [reply, error] of cases) {
    for (const handler of [() => reply, () => Promise.resolve(reply)]) {
      const { text, body, errors } = await replyTo(get, handler as () => Reply);
      assertMatch(text, /^HTTP\/1.1 500 Internal Server Error\r\n/);
      assertEquals(body, "Internal Server Error\n");
      assertMatch(errors.join(), error);
    }
  }
});

/** As a middleware leaves it that looks at the text and hands the response on. */
async function usedUp(): Promise<Response> {
  const response = new Response("x");
  await response.text();
  return response;
}

function inUse(response: Response): Response {
  void response.text();
  return response;
}

function locked(response: Response): Response {
  response.body!.getReader();
  return response;
}

function lockedStream(): ReadableStream<Uint8Array> {
  const stream = new ReadableStream<Uint8Array>();
  stream.getReader();
  return stream;
}

Deno.test("a body that cannot even begin cuts its connection, and the log says why", async () => {
  const body: AsyncIterable<string> = {
    [Symbol.asyncIterator]() {
      throw new Error("no begin");
    },
  };
  const { closed, errors } = await replyTo(get, () => new Reply(body));
  assertEquals([closed, errors], [true, ["Error: no begin"]]);
});

Deno.test("a handler that throws: 500 for the client, file and line for the log", async () => {
  for (const handler of [() => fail(), () => Promise.reject(new Error("secret"))]) {
    const { send, log } = await scene(handler);
    const client = await send(get + get);
    assertEquals(client.statuses, [500, 500]);
    assert(!client.text.includes("secret"));
    const [record] = log.records;
    assertEquals([record!.fields.method, record!.fields.path], ["GET", "/"]);
    assertMatch(String(record!.fields.at), /replies_test\.ts:\d+:\d+$/);
  }
  function fail(): never {
    throw new Error("secret");
  }
});

Deno.test("a protocol that fails when a connection is upgraded to it is logged, and nothing is left open", async () => {
  class Broken extends Protocol {
    override connectionMade(): void {
      throw new Error("broken");
    }
  }
  for (const later of [false, true]) {
    const reply = () => new UpgradeReply({ upgrade: "broken" }, new Broken());
    const { send, log, server } = await scene(() => later ? Promise.resolve(reply()) : reply());
    const client = await send(get);
    assertEquals([client.lost !== null, server.counters().connections], [true, 0]);
    assertEquals(log.records.map(({ message }) => message), [
      "Protocol failed when it was connected: the connection is closed",
    ]);
  }
});

Deno.test("an HttpError is sent as it is, and not logged", async () => {
  const { text, errors } = await replyTo(get, () => {
    throw new HttpError(403, "Members only", { headers: { "x-why": "age" } });
  });
  assertMatch(text, /^HTTP\/1.1 403 Forbidden\r\n/);
  assertStringIncludes(text, "x-why: age\r\n");
  assertMatch(text, /\r\n\r\nMembers only\n$/);
  assertEquals(errors, []);
});

Deno.test("a stream that fails, or has another length than announced, ends the connection short", async () => {
  async function* broken() {
    yield "ab";
    await Promise.resolve();
    throw new Error("disk is gone");
  }
  async function* short() {
    yield "ab";
  }
  const cases: [Reply, RegExp][] = [
    [new Reply(broken()), /disk is gone/],
    [new Reply(short(), { headers: { "content-length": "3" } }), /2 bytes, not its content-length 3/],
    [new Reply(short(), { headers: { "content-length": "1" } }), /longer than its content-length 1/],
  ];
  for (const [reply, error] of cases) {
    const { text, closed, errors } = await replyTo(get, () => reply);
    assert(closed);
    assert(!text.endsWith("0\r\n\r\n"));
    assertMatch(errors.join(), error);
  }
});

Deno.test("a fetch function and an object with one are handlers", async () => {
  const app = {
    greeting: "hi",
    fetch(request: Request): Response {
      return new Response(`${this.greeting} ${new URL(request.url).pathname}`);
    },
  };
  const { send } = await scene(asHandler(app));
  assertEquals((await send(get)).body, "hi /");
  const other = await scene(asHandler((request: Request) => new Response(request.method)));
  assertEquals((await other.send(get)).body, "GET");
});
