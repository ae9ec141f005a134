import { assert, assertEquals, assertMatch, assertStringIncludes } from "../assert.ts";
import { isMissing, runProgram } from "../support/programs.ts";
import { TextConn } from "../support/text_conn.ts";
import { curl, type Curled } from "./_curl.ts";
import { Scene, type Served } from "./_scene.ts";

const ignore = isMissing("curl");
const HONO = new URL("../plugins/http/fixtures/hono_app.ts", import.meta.url).pathname;

const APP = `
services:
  web:
    plugin: http
    options:
      listen: tcp:127.0.0.1:0
      http2: tcp:127.0.0.1:0
      log: { format: combined, file: access.log }
      sites:
        - hosts: files.example
          compress: true
          headers: { x-frame-options: DENY }
          routes:
            - { path: /list/*, files: { root: public, list: true } }
            - { path: /app/*, files: { root: public, fallback: index.html } }
            - { path: /*, files: ./public }
        - hosts: ["*.example", 127.0.0.1]
          routes:
            - { path: /healthz, health: live }
            - { path: /readyz, health: ready }
            - { path: /old/*, redirect: { to: /new/*, status: 308 } }
            - { path: /new/*, respond: { json: { moved: true } } }
            - { path: /private/*, respond: in, basicAuth: { realm: private, users: { alice: "open sesame" } } }
            - { path: /seldom, respond: rare, rateLimit: { requests: 2, per: 1h } }
            - { path: /inside, respond: in, allow: ["10.0.0.0/8"] }
            - { path: /outside, respond: out, deny: ["127.0.0.0/8"] }
            - { path: /hono/*, handler: "${HONO}" }
            - { path: /slow, handler: ./handler.ts, timeout: 100ms }
            - { path: /*, handler: ./handler.ts, maxBody: 1KiB }
`;

const HANDLER = `
export default {
  fetch(request, info) {
    switch (new URL(request.url).pathname) {
      case "/slow": return new Promise(() => {});
      case "/throw": throw new Error("a reason");
      case "/events": {
        const lines = ["data: one\\n\\n", "data: two\\n\\n"];
        return new Response(ReadableStream.from(lines).pipeThrough(new TextEncoderStream()), {
          headers: { "content-type": "text/event-stream" },
        });
      }
      case "/socket": {
        const { socket, response } = info.upgradeWebSocket(request);
        socket.onmessage = ({ data }) => socket.send("echo " + data);
        return response;
      }
      case "/echo": return request.text().then((text) => new Response(text));
    }
    return new Response("handled");
  },
};
`;

const STYLE = "body { color: red }\n".repeat(100);

async function started(): Promise<{ scene: Scene; app: Served; port: string; port2: string }> {
  const scene = new Scene(APP);
  await Deno.writeTextFile(`${scene.folder}/handler.ts`, HANDLER);
  await Deno.mkdir(`${scene.folder}/public/sub`, { recursive: true });
  await Deno.writeTextFile(`${scene.folder}/public/index.html`, "<p>Hello\n");
  await Deno.writeTextFile(`${scene.folder}/public/digits.txt`, "0123456789");
  await Deno.writeTextFile(`${scene.folder}/public/style.css`, STYLE);
  await Deno.writeTextFile(`${scene.folder}/public/sub/b.txt`, "b");
  await Deno.writeTextFile(`${scene.folder}/public/.secret`, "hidden");
  await Deno.symlink("/etc/passwd", `${scene.folder}/public/passwd`);
  const app = scene.serve();
  const [port, port2] = (await app.endpoints("web")).map((endpoint) => endpoint.split(":").at(-1)!);
  return { scene, app, port: port!, port2: port2! };
}

Deno.test(
  { name: "curl and the http plugin: every kind of route, and all around them", ignore },
  async (t) => {
    const { scene, app, port, port2 } = await started();
    await using _scene = scene;
    await using _app = app;
    const at = (host: string) => (path: string, ...args: string[]): Promise<Curled> =>
      curl("--path-as-is", "-H", `host: ${host}`, ...args, `http://127.0.0.1:${port}${path}`);
    const [files, other] = [at("files.example"), at("www.example")];

    await t.step("files: pages, types, HEAD, OPTIONS, 405", async () => {
      const page = await files("/");
      assertEquals([page.status, page.body], [200, "<p>Hello\n"]);
      assertEquals(page.headers.get("content-type"), "text/html;charset=utf-8");
      assertEquals(page.headers.get("x-frame-options"), "DENY");
      const head = await files("/digits.txt", "-I");
      assertEquals([head.status, head.headers.get("content-length"), head.body], [200, "10", ""]);
      const options = await files("/digits.txt", "-X", "OPTIONS");
      assertEquals([options.status, options.headers.get("allow")], [204, "GET, HEAD, OPTIONS"]);
      const post = await files("/digits.txt", "-d", "x");
      assertEquals([post.status, post.headers.get("allow")], [405, "GET, HEAD, OPTIONS"]);
    });

    await t.step("files: ranges and conditions", async () => {
      const part = await files("/digits.txt", "-r", "2-4");
      assertEquals([part.status, part.body, part.headers.get("content-range")], [206, "234", "bytes 2-4/10"]);
      assertEquals((await files("/digits.txt", "-r", "-3")).body, "789");
      const parts = await files("/digits.txt", "-r", "0-1,5-6");
      assertMatch(parts.headers.get("content-type")!, /^multipart\/byteranges; boundary=/);
      assertMatch(
        parts.body,
        /content-range: bytes 0-1\/10\r\n\r\n01\r\n[^]*content-range: bytes 5-6\/10\r\n\r\n56\r\n/,
      );
      assertEquals((await files("/digits.txt", "-r", "10-")).status, 416);
      const { headers } = await files("/digits.txt");
      assertEquals((await files("/digits.txt", "-H", `if-none-match: ${headers.get("etag")}`)).status, 304);
      assertEquals(
        (await files("/digits.txt", "-H", `if-modified-since: ${headers.get("last-modified")}`)).status,
        304,
      );
      assertEquals((await files("/digits.txt", "-H", 'if-match: "other"')).status, 412);
      const resumed = await files("/digits.txt", "-r", "5-", "-H", `if-range: ${headers.get("etag")}`);
      assertEquals([resumed.status, resumed.body], [206, "56789"]);
    });

    await t.step("files: compressed on the fly", async () => {
      const { headers, body } = await files("/style.css", "--compressed");
      assert(["br", "gzip", "zstd"].includes(headers.get("content-encoding")!));
      assertEquals(headers.get("vary"), "accept-encoding");
      assertEquals(body, STYLE);
    });

    await t.step("files: folders, listing, fallback", async () => {
      const folder = await files("/list/sub", "-L");
      assertEquals(folder.status, 200);
      assertStringIncludes(folder.body, 'href="./b.txt"');
      assertEquals((await files("/sub/")).status, 404);
      assertEquals((await files("/app/some/page")).body, "<p>Hello\n");
      assertEquals((await files("/app/gone.js")).status, 404);
    });

    await t.step("files: nothing leads out of the root", async () => {
      const paths = [
        "/.secret",
        "/passwd",
        "/../../etc/passwd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/..%2f..%2fetc/passwd",
      ];
      for (const path of [...paths, "/x%00", "/%ff", "//etc/passwd", "/..%5c..%5cetc/passwd"]) {
        assertEquals((await files(path)).status, 404, path);
      }
    });

    await t.step("redirect, respond, health", async () => {
      const moved = await other("/old/a?b=1");
      assertEquals([moved.status, moved.headers.get("location")], [308, "/new/a?b=1"]);
      assertEquals((await other("/old/a", "-L")).body, '{"moved":true}');
      assertEquals((await other("/healthz")).body, "live\n");
      assertEquals((await other("/readyz")).body, "ready\n");
      assertEquals((await curl("-H", "host: nobody.test", `http://127.0.0.1:${port}/`)).status, 421);
    });

    await t.step("handlers: a module, Hono, events, WebSocket, faults", async () => {
      assertEquals((await other("/x")).body, "handled");
      assertEquals((await other("/echo", "-d", "hello")).body, "hello");
      assertEquals((await other("/hono/you")).body, "Hello you");
      assertEquals((await other("/events", "-N")).body, "data: one\n\ndata: two\n\n");
      using socket = await Socket.open(`ws://127.0.0.1:${port}/socket`);
      assertEquals(await socket.ask("hi"), "echo hi");
      const fault = await other("/throw");
      assertEquals([fault.status, fault.body], [500, "Internal Server Error\n"]);
      const record = await app.record(({ message }) => String(message).startsWith("Handler failed"));
      assertMatch(String(record.at), /handler\.ts:6:/);
    });

    await t.step("passwords, limits, addresses, timeouts", async () => {
      assertEquals((await other("/private/x")).status, 401);
      assertEquals((await other("/private/x", "-u", "alice:wrong")).status, 401);
      assertEquals((await other("/private/x", "-u", "alice:open sesame")).body, "in");
      assertEquals([(await other("/seldom")).status, (await other("/seldom")).status], [200, 200]);
      const limited = await other("/seldom");
      assertEquals([limited.status, limited.headers.get("retry-after")], [429, "1800"]);
      assertEquals([(await other("/inside")).status, (await other("/outside")).status], [403, 403]);
      assertEquals((await other("/echo", "-d", "x".repeat(1025))).status, 413);
      assertEquals(
        (await other("/echo", "-H", "transfer-encoding: chunked", "-d", "x".repeat(1025))).status,
        413,
      );
      assertEquals((await other("/slow")).status, 503);
    });

    await t.step("HTTP/2, where it is asked for", async () => {
      const { code, stdout } = await runProgram("curl", [
        ...["-s", "--http2-prior-knowledge", "-w", "%{http_version} %{http_code}", "-H", "host: www.example"],
        `http://127.0.0.1:${port2}/new/`,
      ]);
      assertEquals([code, stdout], [0, '{"moved":true}2 200']);
    });

    await t.step("a connection is closed when that is asked for", async () => {
      using conn = await TextConn.connect(`tcp:127.0.0.1:${port}`);
      await conn.send("GET /new/ HTTP/1.1\r\nhost: www.example\r\nconnection: close\r\n\r\n");
      assertStringIncludes(await conn.rest(), "connection: close");
    });

    app.kill("SIGTERM");
    assertEquals(await app.ended(), 0);
    const log = await Deno.readTextFile(`${scene.folder}/access.log`);
    assertMatch(log, /^127\.0\.0\.1 - - \[.*\] "GET \/ HTTP\/1\.1" 200 9 "-" "curl\/.*"$/m);
    assertMatch(log, /^127\.0\.0\.1 - alice \[.*\] "GET \/private\/x HTTP\/1\.1" 200 2/m);
    assert(!app.stderr.text.includes("sesame"));
  },
);

Deno.test({ name: "a stop finishes the upload in flight, and ends", ignore }, async () => {
  const { scene, app, port } = await started();
  await using _scene = scene;
  await using _app = app;
  using conn = await TextConn.connect(`tcp:127.0.0.1:${port}`);
  await conn.send("POST /echo HTTP/1.1\r\nhost: www.example\r\ncontent-length: 10\r\n\r\n01234");
  // The handler waits for the rest once this has been answered.
  assertEquals((await curl("-H", "host: www.example", `http://127.0.0.1:${port}/healthz`)).status, 200);
  app.kill("SIGTERM");
  await refused(Number(port));
  await conn.send("56789");
  const reply = await conn.rest();
  assertStringIncludes(reply, "HTTP/1.1 200 OK");
  assertStringIncludes(reply, "connection: close");
  assert(reply.endsWith("0123456789"));
  assertEquals(await app.ended(), 0);
});

Deno.test({ name: "a reload changes the sites; connections and WebSockets stay", ignore }, async () => {
  const { scene, app, port } = await started();
  await using _scene = scene;
  await using _app = app;
  using kept = await TextConn.connect(`tcp:127.0.0.1:${port}`);
  const get = (path: string) => `GET ${path} HTTP/1.1\r\nhost: www.example\r\n\r\n`;
  await kept.send(get("/new/"));
  using socket = await Socket.open(`ws://127.0.0.1:${port}/socket`);
  await Deno.writeTextFile(`${scene.folder}/app.yaml`, APP.replace("{ moved: true }", "{ moved: again }"));
  app.kill("SIGHUP");
  await app.record(({ message }) => message === "Application reloaded");
  await kept.send(get("/new/").replace("\r\n\r\n", "\r\nconnection: close\r\n\r\n"));
  const replies = await kept.rest();
  assertStringIncludes(replies, '{"moved":true}');
  assertStringIncludes(replies, '{"moved":"again"}');
  assertEquals(await socket.ask("still there?"), "echo still there?");
  // A file that cannot be used changes nothing.
  await Deno.writeTextFile(`${scene.folder}/app.yaml`, APP.replace("root: public,", "root: gone,"));
  app.kill("SIGHUP");
  await app.stderr.line((line) => line.includes('Cannot serve files from \\"gone\\"'));
  assertEquals(
    (await curl("-H", "host: www.example", `http://127.0.0.1:${port}/new/`)).body,
    '{"moved":"again"}',
  );
});

Deno.test(
  { name: "in a process of its own it may do what its options need, and no more", ignore },
  async () => {
    await using scene = new Scene(`
services:
  web:
    plugin: http
    isolate: process
    options:
      listen: tcp:127.0.0.1:0
      log: { format: common, file: access.log }
      routes:
        - { path: /handler, handler: ./handler/mod.ts }
        - { files: ./public }
`);
    await Deno.mkdir(`${scene.folder}/public`);
    await Deno.mkdir(`${scene.folder}/handler`);
    await Deno.writeTextFile(`${scene.folder}/public/index.html`, "page");
    await Deno.writeTextFile(`${scene.folder}/handler/words.ts`, `export const words = "handled";`);
    await Deno.writeTextFile(
      `${scene.folder}/handler/mod.ts`,
      `import { words } from "./words.ts";
     export default () => new Response(words + " " + Deno.permissions.querySync({ name: "read", path: "/etc" }).state);`,
    );
    await using app = scene.serve();
    const port = await app.port("web");
    assertEquals((await curl(`http://127.0.0.1:${port}/`)).body, "page");
    assertMatch((await curl(`http://127.0.0.1:${port}/handler`)).body, /^handled (?:prompt|denied)$/);
    app.kill("SIGTERM");
    assertEquals(await app.ended(), 0);
    assertMatch(await Deno.readTextFile(`${scene.folder}/access.log`), /"GET \/handler HTTP\/1.1" 200 /);
  },
);

/** Wait until nobody listens on `port` any more. */
async function refused(port: number): Promise<void> {
  for (;;) {
    try {
      (await Deno.connect({ port })).close();
    } catch {
      return;
    }
  }
}

/** A WebSocket whose messages are answered one by one. */
class Socket implements Disposable {
  readonly #socket: WebSocket;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
  }

  static open(url: string): Promise<Socket> {
    const socket = new WebSocket(url);
    const { promise, resolve, reject } = Promise.withResolvers<Socket>();
    socket.onopen = () => resolve(new Socket(socket));
    socket.onerror = () => reject(new Error(`Cannot connect to ${url}`));
    return promise;
  }

  ask(text: string): Promise<unknown> {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    this.#socket.onmessage = ({ data }) => resolve(data);
    this.#socket.onclose = () => reject(new Error("The WebSocket was closed"));
    this.#socket.send(text);
    return promise;
  }

  [Symbol.dispose](): void {
    this.#socket.onclose = null;
    this.#socket.close();
  }
}
