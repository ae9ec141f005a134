import { assert, assertEquals, assertFalse } from "../../../assert.ts";
import { basicAuth } from "../../../../plugins/http/around/basic_auth.ts";
import { RateLimiter } from "../../../../plugins/http/around/rate_limit.ts";
import type { RequestInfo } from "../../../../services/http/handler.ts";
import { Reply } from "../../../../services/http/reply.ts";
import type { HttpRequest } from "../../../../services/http/request.ts";
import { ask, type Asked, type Options, readReply, requestText, type Running, startHttp } from "../_scene.ts";

const plain = new URL("../fixtures/plain.ts", import.meta.url).pathname;
type Around = Omit<NonNullable<Options["routes"]>[number], "path" | "files" | "respond">;

function start(around: Around): Promise<Running> {
  return startHttp({ routes: [{ handler: plain, ...around }] });
}

/** Of "hünter:2", with few iterations. */
const HUNTER = "$pbkdf2-sha256$i=1000$MDEyMzQ1Njc4OWFiY2RlZg$dRbaXow//7GQC34GRTYWteYmXuC/+Xy/6KGYM9ndHz4";

const basic = (credentials: string): Asked => ({ headers: { authorization: `Basic ${btoa(credentials)}` } });

// headers

Deno.test("headers sets, adds and removes fields; the nearest says what holds", async () => {
  await using app = await startHttp({
    headers: { "x-frame-options": "DENY", "x-a": "service" },
    sites: [{
      headers: { "X-A": "site", "content-type": "text/x-site" },
      routes: [
        {
          path: "/a",
          respond: { body: "a", headers: { "x-gone": "1" } },
          headers: { "x-gone": null, "x-b": ["1", "2"] },
        },
        { path: "/b", respond: "b" },
      ],
    }],
  });
  for (let times = 0; times < 2; times++) {
    const { headers } = await ask(app, "/a");
    assertEquals(headers["x-frame-options"], "DENY");
    assertEquals([headers["x-a"], headers["x-b"], headers["x-gone"]], ["site", "1\n2", undefined]);
    assertEquals((await ask(app, "/b")).headers["content-type"], "text/x-site");
  }
});

// basicAuth

Deno.test("basicAuth asks for a password, in the open or hashed", async () => {
  await using app = await start({
    basicAuth: { realm: 'the "vault"', users: { alice: "open sesame", bob: HUNTER } },
  });
  const asked = await ask(app, "/");
  assertEquals(asked.status, 401);
  assertEquals(asked.headers["www-authenticate"], 'Basic realm="the \\"vault\\"", charset="UTF-8"');
  const utf8 = { headers: { authorization: "Basic Ym9iOmjDvG50ZXI6Mg==" } };
  for (const right of [basic("alice:open sesame"), utf8, utf8]) {
    assertEquals((await ask(app, "/", right)).status, 200);
  }
  const wrong = [
    ...[
      basic("alice:open"),
      basic("alice:"),
      basic("eve:open sesame"),
      basic("alice"),
      basic("Alice:open sesame"),
    ],
    { headers: { authorization: "Bearer x" } },
    { headers: { authorization: "Basic !!!" } },
    { headers: { authorization: "Basic " } },
  ];
  for (const each of wrong) assertEquals((await ask(app, "/", each)).status, 401, JSON.stringify(each));
});

Deno.test("basicAuth: the nearest holds, and null lets everybody in", async () => {
  await using app = await startHttp({
    basicAuth: { users: { alice: "pw" } },
    routes: [{ path: "/open", respond: "", basicAuth: null }, { path: "/*", respond: "" }],
  });
  assertEquals((await ask(app, "/open")).status, 200);
  assertEquals((await ask(app, "/x")).status, 401);
});

Deno.test("basicAuth: who got in once need not wait for the hash again, and guesses do not queue up without end", async () => {
  const inside = new Reply("in");
  const handle = basicAuth(() => inside, { realm: "r", users: { bob: HUNTER } });
  const ask = (authorization: string) =>
    handle({ header: () => authorization } as unknown as HttpRequest, {} as RequestInfo, "/");
  const right = "Basic Ym9iOmjDvG50ZXI6Mg==";
  assert(ask(right) instanceof Promise);
  assertEquals(await ask(right), inside);
  assertEquals(ask(right), inside, "in the same turn");

  const guesses = Array.from({ length: 100 }, (_, n) => ask(`Basic ${btoa(`bob:${n}`)}`));
  assertEquals(ask(right), inside, "while others guess");
  const statuses = (await Promise.all(guesses)).map(({ status }) => status);
  assertEquals(statuses.filter((status) => status === 401).length, 66);
  assertEquals(statuses.filter((status) => status === 503).length, 34);
});

// rateLimit

Deno.test("rateLimit remembers a bounded number of clients, and drops who came the longest ago", () => {
  const limiter = new RateLimiter({ requests: 1, per: 1_000_000, burst: 1 });
  assertEquals([limiter.take("first", 0), limiter.take("second", 0)], [0, 0]);
  assert(limiter.take("first", 1) > 0);
  for (let n = 0; n < 99_999; n++) limiter.take(String(n), 2);
  assertEquals(limiter.take("first", 3), 0);
  assert(limiter.take("99998", 3) > 0);
});

Deno.test("rateLimit answers 429 to who asks too often, and says when to come back", async () => {
  await using app = await start({ rateLimit: { requests: 3, per: "30s" } });
  const statuses = async (times: number) => {
    const all = [];
    for (let n = 0; n < times; n++) all.push((await ask(app, "/")).status);
    return all;
  };
  assertEquals(await statuses(4), [200, 200, 200, 429]);
  assertEquals((await ask(app, "/")).headers["retry-after"], "10");
  await app.advance(10_000);
  assertEquals(await statuses(2), [200, 429]);
  await app.advance(60_000);
  assertEquals(await statuses(4), [200, 200, 200, 429]);
});

// allow, deny

Deno.test("allow and deny go by the client's address", async () => {
  const status = async (around: Around) => {
    await using app = await start(around);
    return (await ask(app, "/")).status;
  };
  assertEquals(await status({ allow: ["127.0.0.0/8"] }), 200);
  assertEquals(await status({ allow: ["10.0.0.0/8", "::1"] }), 403);
  assertEquals(await status({ deny: ["127.0.0.1"] }), 403);
  assertEquals(await status({ deny: ["10.0.0.0/8"] }), 200);
  assertEquals(await status({ allow: ["127.0.0.0/8"], deny: ["127.0.0.1"] }), 403);
  assertEquals(await status({ allow: [] }), 403);
});

// maxBody

Deno.test("maxBody: 413 at once when announced, when it has come in chunks", async () => {
  await using app = await start({ maxBody: 10 });
  assertEquals((await ask(app, "/upload", { method: "POST", body: "0123456789" })).body, "10");
  const client = await app.connect();
  await client.send("POST /upload HTTP/1.1\r\nhost: a\r\ncontent-length: 11\r\n\r\n");
  assert(client.received().startsWith("HTTP/1.1 413 "), "the body need not come first");
  const chunked = await app.connect();
  await chunked.send("POST /upload HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n6\r\n012345\r\n");
  assertEquals(chunked.received(), "");
  await chunked.send("6\r\n012345\r\n0\r\n\r\n");
  assert(chunked.received().startsWith("HTTP/1.1 413 "));
});

Deno.test("maxBody is 10 MiB where nothing is said, and can be lifted", async () => {
  await using app = await startHttp({
    routes: [{ path: "/upload", handler: plain }, { path: "/*", handler: plain, maxBody: null }],
  });
  const announce = async (path: string) => {
    const client = await app.connect();
    await client.send(
      `POST ${path} HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\ncontent-length: 10485761\r\n\r\n`,
    );
    return client.received().slice(9, 12);
  };
  assertEquals([await announce("/upload"), await announce("/x")], ["413", "200"]);
});

// timeout

Deno.test("timeout answers 503 for a handler that does not, and leaves others alone", async () => {
  await using app = await start({ timeout: "2s" });
  assertEquals((await ask(app, "/a")).status, 200);
  const client = await app.connect();
  await client.send(requestText("/never"));
  await app.advance(1_999);
  assertEquals(client.received(), "");
  await app.advance(1);
  assert(client.received().startsWith("HTTP/1.1 503 "));
  await client.send(requestText("/a"));
  assert(client.received().startsWith("HTTP/1.1 200 "), "the connection goes on");
});

// What is refused is not done.

Deno.test("a request that is refused does not reach the route", async () => {
  const root = Deno.makeTempDirSync();
  try {
    Deno.writeTextFileSync(`${root}/a.txt`, "secret");
    await using app = await startHttp({ root, basicAuth: { users: { a: "b" } } });
    const { status, body } = await ask(app, "/a.txt");
    assertEquals(status, 401);
    assertFalse(body.includes("secret"));
    assertEquals((await ask(app, "/a.txt", basic("a:b"))).body, "secret");
  } finally {
    Deno.removeSync(root, { recursive: true });
  }
});

// requireTls, hsts

Deno.test("requireTls sends clients without TLS to https:, and hsts tells those with it to stay", async () => {
  const listen = ["tcp:80", { tls: 443, certificate: "c.pem", privateKey: "k.pem" }];
  await using app = await startHttp({
    listen,
    requireTls: true,
    hsts: { maxAge: "365d", includeSubDomains: true },
    routes: [{ path: "/.well-known/*", handler: plain, requireTls: false }, { handler: plain }],
  });
  const got = async (endpoint: string, text: string) => {
    const client = await app.connect(endpoint);
    await client.send(text);
    return readReply(client);
  };
  const redirected = await got(
    "tcp:127.0.0.1:80",
    requestText("/a//b?c=d", { host: "Example.org:80", method: "PUT" }),
  );
  assertEquals([redirected.status, redirected.headers.location], [308, "https://example.org/a//b?c=d"]);
  assertEquals(redirected.headers["strict-transport-security"], undefined);
  assertEquals((await got("tcp:127.0.0.1:80", requestText("/.well-known/acme"))).status, 200);
  assertEquals((await got("tcp:127.0.0.1:80", "GET / HTTP/1.0\r\n\r\n")).status, 400);
  const secure = await got("tls:127.0.0.1:443", requestText("/"));
  assertEquals(secure.status, 200);
  assertEquals(secure.headers["strict-transport-security"], "max-age=31536000; includeSubDomains");

  await using elsewhere = await startHttp({
    requireTls: { port: 8443 },
    hsts: "1d",
    routes: [{ handler: plain }],
  });
  assertEquals((await ask(elsewhere, "/x")).headers.location, "https://localhost:8443/x");
});
