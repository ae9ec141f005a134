import type { HttpRequest } from "../../../services/http/request.ts";
import { Reply } from "../../../services/http/reply.ts";
import { assert, assertEquals, assertInstanceOf, assertRejects, assertStringIncludes } from "../../assert.ts";
import { allCuts, octetsOf, scene, utf8 } from "./_scene.ts";

const host = "Host: example.org\r\n";

/** What a handler sees of `request`, by `look`. */
async function seen<T>(request: string, look: (request: HttpRequest) => T | Promise<T>): Promise<T> {
  const result = Promise.withResolvers<T>();
  const { send } = await scene(async (request) => {
    try {
      result.resolve(await look(request));
    } catch (error) {
      result.reject(error);
    }
    return new Reply(null);
  });
  await send(request);
  return await result.promise;
}

Deno.test("a request says the same however it is cut", async () => {
  const requests = [
    `GET /a%20b?c=d HTTP/1.1\r\n${host}X: 1\r\nX:2 \r\nEmpty:\r\n\r\n`,
    `\r\nPOST / HTTP/1.1\r\n${host}Content-Length: 5\r\n\r\nhello`,
    `POST / HTTP/1.1\r\n${host}Transfer-Encoding: CHUNKED\r\n\r\n3;a="b"\r\nhel\r\n02\r\nlo\r\n0\r\nT: x\r\n\r\n`,
    `GET / HTTP/1.0\r\n\r\n`,
    `GET http://EXAMPLE.org/x HTTP/1.1\r\nHost: example.ORG\r\nLatin: \xe4\r\n\r\n`,
    `OPTIONS * HTTP/1.1\r\n${host}\r\n`,
  ];
  for (const request of requests) {
    const seen = new Set<string>();
    const { send } = await scene(async (request) => {
      const { method, url, httpVersion, headers } = request;
      seen.add(JSON.stringify([method, url, httpVersion, [...headers], await request.text()]));
      return new Reply("ok");
    });
    for (const pieces of allCuts(request)) assertEquals((await send(...pieces)).statuses, [200]);
    assertEquals(seen.size, 1, [...seen].join("\n"));
  }
});

Deno.test("the parts of a URL are those that URL finds", async () => {
  const targets = [
    "/",
    "/a/b?c=d&e",
    "/?",
    "/a?",
    "//evil.example/x",
    "/a/../b/./c",
    "/a/%2e%2e/b",
    "/..",
    "/a\\b",
    "/%zz",
    "/a'b?c'd",
    '/a|b{c}^`<>"',
    "/.hidden",
    "/a.b",
    "/?/..",
    "/a;b=c,d",
    "/:80@x",
  ];
  for (const target of targets) {
    const url = new URL(`http://example.org${target}`);
    const parts = await seen(`GET ${target} HTTP/1.1\r\n${host}\r\n`, (request) => ({
      pathname: request.pathname,
      search: request.search,
      url: request.url,
      hostname: request.hostname,
      target: request.target,
    }));
    // URL drops a lone question mark from `search`, and `href` keeps it: so do we.
    assertEquals(parts, {
      pathname: url.pathname,
      search: url.search,
      url: url.href,
      hostname: "example.org",
      target,
    });
  }
});

Deno.test("hosts come as URL has them", async () => {
  const hosts: [string, string, string][] = [
    ["EXAMPLE.org", "example.org", "http://example.org/"],
    ["example.org:80", "example.org", "http://example.org/"],
    ["example.org:8080", "example.org", "http://example.org:8080/"],
    ["[::1]:8080", "[::1]", "http://[::1]:8080/"],
    ["[0:0::1]", "[::1]", "http://[::1]/"],
    ["127.1", "127.0.0.1", "http://127.0.0.1/"],
    ["a_b.example", "a_b.example", "http://a_b.example/"],
  ];
  for (const [field, hostname, url] of hosts) {
    const found = await seen(
      `GET / HTTP/1.1\r\nHost: ${field}\r\n\r\n`,
      (request) => [request.hostname, request.url],
    );
    assertEquals(found, [hostname, url]);
  }
  assertEquals(
    await seen("GET / HTTP/1.0\r\n\r\n", (request) => [request.hostname, request.url]),
    ["", "http://0.0.0.0:80/"],
  );
});

Deno.test("header fields are found without listing them, and with", async () => {
  const request =
    `GET / HTTP/1.1\r\n${host}Accept: a\r\nX-Accept: no\r\nACCEPT:\t b \t\r\nCookie: c=1\r\nCookie: d=2\r\nUmlaut: \xfc\r\n\r\n`;
  const found = await seen(request, (request) => {
    const quick = [
      request.header("accept"),
      request.header("cookie"),
      request.header("umlaut"),
      request.header("ccept"),
    ];
    const has = [request.headers.has("Accept"), request.headers.get("Accept"), request.headers.has("no")];
    const list = [...request.headers.keys()];
    request.headers.set("x-new", "1");
    return { quick, has, list, changed: request.headers.get("x-new"), header: request.header("x-new") };
  });
  assertEquals(found, {
    quick: ["a, b", "c=1; d=2", "\xfc", null],
    has: [true, "a, b", false],
    list: ["accept", "cookie", "host", "umlaut", "x-accept"],
    changed: "1",
    header: "1",
  });
});

Deno.test("the platform takes a request for its own", async () => {
  const request = `POST /p HTTP/1.1\r\n${host}Content-Type: text/plain\r\nContent-Length: 2\r\n\r\nhi`;
  await seen(request, async (request) => {
    assertInstanceOf(request, Request);
    assertInstanceOf(request.headers, Headers);
    assertEquals(new Headers(request.headers).get("content-type"), "text/plain");
    const again = new Request(request);
    assertEquals([again.method, again.url, again.headers.get("host")], [
      "POST",
      "http://example.org/p",
      "example.org",
    ]);
    const moved = new Request("http://other.example/", again);
    assertEquals([moved.url, await moved.text()], ["http://other.example/", "hi"]);
  });
  await seen(request, async (request) => {
    const copy = request.clone();
    assertEquals(await copy.text(), "hi");
  });
  await seen(`GET / HTTP/1.1\r\n${host}\r\n`, (request) => {
    assertEquals([request.body, request.bodyUsed], [null, false]);
    assertEquals(request.toRequest().body, null);
  });
});

Deno.test("a body can be read in every way", async () => {
  const json = `{"a":"ü"}`;
  const length = utf8(json).length;
  const request =
    `POST / HTTP/1.1\r\n${host}Content-Type: application/json\r\nContent-Length: ${length}\r\n\r\n${
      utf8(json)
    }`;
  assertEquals(await seen(request, (request) => request.text()), json);
  assertEquals(await seen(request, (request) => request.json()), { a: "ü" });
  assertEquals(
    await seen(request, (request) => request.bytes()),
    octetsOf(utf8(json)) as Uint8Array<ArrayBuffer>,
  );
  assertEquals((await seen(request, (request) => request.arrayBuffer())).byteLength, length);
  assertEquals((await seen(request, (request) => request.blob())).type, "application/json");
  assertEquals(await seen(request, (request) => new Response(request.body).text()), json);
  assertEquals(await seen(request, (request) => [request.contentLength, request.hasBody]), [length, true]);
  const form =
    `POST / HTTP/1.1\r\n${host}Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 3\r\n\r\na=b`;
  assertEquals(await seen(form, async (request) => (await request.formData()).get("a")), "b");
  await seen(request, async (request) => {
    await request.text();
    assertEquals(request.bodyUsed, true);
    await assertRejects(() => request.text(), TypeError, "it is read already");
  });
});

Deno.test("a body is read after a wait as well as at once", async () => {
  const { send } = await scene(async (request) => {
    for (let turns = 0; turns < 5; turns++) await Promise.resolve();
    return new Reply(await request.text());
  });
  for (
    const framing of [
      "Content-Length: 4\r\n\r\nbody",
      "Transfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n",
    ]
  ) {
    for (const pieces of allCuts(`POST / HTTP/1.1\r\n${host}${framing}`)) {
      assertEquals((await send(...pieces)).body, "body");
    }
  }
});

Deno.test("a body that is no JSON and no form is the client's fault", async () => {
  const { send, log } = await scene(async (request) => {
    if (request.pathname === "/json") await request.json();
    else await request.formData();
    return new Reply("fine");
  });
  for (
    const [path, type] of [["/json", "application/json"], ["/form", "multipart/form-data; boundary=x"], [
      "/form",
      "a/b",
    ]]
  ) {
    const client = await send(
      `POST ${path} HTTP/1.1\r\n${host}Content-Type: ${type}\r\nContent-Length: 1\r\n\r\n{`,
    );
    assertEquals(client.statuses, [400], type);
  }
  assertEquals(log.records, []);
});

Deno.test("a stream of a body makes the client wait, and gets all of it", async () => {
  const size = 1_000_000;
  const started = Promise.withResolvers<ReadableStreamDefaultReader<Uint8Array>>();
  let total = 0;
  const { reactor, connect } = await scene(async (request) => {
    const reader = request.body!.getReader();
    started.resolve(reader);
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return new Reply(String(total));
      total += value.length;
      await new Promise((resolve) => reactor.callLater(1, () => resolve(null)));
    }
  });
  const client = await connect();
  client.send(`POST / HTTP/1.1\r\n${host}Content-Length: ${size}\r\n\r\n`);
  client.transport.write(new Uint8Array(size).fill(97));
  await reactor.settle();
  await started.promise;
  assert(client.transport.bufferedBytes > size / 2, `${client.transport.bufferedBytes} bytes are unsent`);
  await reactor.advance(5_000);
  assertEquals([total, client.body], [size, String(size)]);
});

Deno.test("limitBody refuses a longer body, announced or not", async () => {
  const { send } = await scene(async (request) => {
    request.limitBody(3);
    return new Reply(await request.text());
  });
  const of = (framing: string) => `POST / HTTP/1.1\r\n${host}${framing}`;
  assertEquals((await send(of("Content-Length: 3\r\n\r\nabc"))).body, "abc");
  assertEquals((await send(of("Content-Length: 4\r\n\r\nabcd"))).statuses, [413]);
  assertEquals((await send(of("Transfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n0\r\n\r\n"))).statuses, [413]);
});

Deno.test("100 Continue is sent when the body is wanted, and not before", async () => {
  const { send, reactor } = await scene(async (request) => {
    if (request.pathname === "/no") return new Reply("no", { status: 403 });
    if (request.pathname === "/late") {
      return new Reply((async function* () {
        yield "begun";
        yield await request.text();
      })());
    }
    if (request.pathname === "/pipe") return new Reply(request.body);
    return new Reply(await request.text());
  });
  const head = (path: string) =>
    `POST ${path} HTTP/1.1\r\n${host}Expect: 100-continue\r\nContent-Length: 2\r\n\r\n`;
  const wanted = await send(head("/"));
  assertEquals(wanted.statuses, [100]);
  wanted.send("hi");
  await reactor.settle();
  assertEquals([wanted.statuses, wanted.body], [[100, 200], "hi"]);

  const piped = await send(head("/pipe"));
  assertEquals(piped.statuses, [100, 200]);
  piped.send("hi");
  await reactor.settle();
  assertEquals([piped.statuses, piped.text.split("\r\n\r\n")[2]], [[100, 200], "2\r\nhi\r\n0"]);

  // Within a reply it would be taken for a part of the body.
  const late = await send(head("/late"));
  assertEquals(late.statuses, [200]);

  const refused = await send(head("/no"));
  assertEquals(refused.statuses, [403]);
  assertStringIncludes(refused.text, "connection: close");

  assertEquals((await send(head("/") + "hi")).statuses, [200]);
  assertEquals((await send(head("/").replace("1.1", "1.0") + "hi")).statuses, [200]);
});
