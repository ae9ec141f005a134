import { Hono } from "hono";
import { basicAuth } from "hono/basic-auth";
import { HTTPException } from "hono/http-exception";
import { asHandler, type Handler } from "../../../services/http/handler.ts";
import { Reply } from "../../../services/http/reply.ts";
import { serveHttp } from "../../../services/http/serve_http.ts";
import { DenoReactor } from "../../../services/reactor/deno/deno_reactor.ts";
import { assert, assertEquals, assertMatch } from "../../assert.ts";

/** Serve `handler` on a socket, and run `talk` with its URL. */
async function served(handler: Handler, talk: (url: string) => Promise<void>): Promise<void> {
  await using reactor = new DenoReactor();
  const { address } = await serveHttp(reactor, "tcp:127.0.0.1:0", handler);
  assert(address.transport === "tcp");
  await talk(`http://127.0.0.1:${address.port}`);
}

/** curl's output; null where it is not installed. */
async function curl(...args: string[]): Promise<string | null> {
  try {
    const command = new Deno.Command("curl", { args: ["-sS", "--max-time", "20", ...args] });
    const { stdout, stderr, success } = await command.output();
    assert(success, new TextDecoder().decode(stderr));
    return new TextDecoder().decode(stdout);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

const echo: Handler = async (request) => {
  if (request.pathname === "/stream") return new Reply(request.body!.pipeThrough(new TransformStream()));
  return new Reply(`${request.method} ${request.target} ${(await request.bytes()).length}`);
};

Deno.test("on sockets: curl gets, posts, uploads in chunks, expects and keeps alive", async () => {
  if (await curl("--version") === null) return console.log("curl is not installed: it is not tried");
  const file = await Deno.makeTempFile();
  const size = 3_000_000;
  await Deno.writeFile(file, new Uint8Array(size).fill(97));
  try {
    await served(echo, async (url) => {
      assertEquals(await curl(`${url}/a?b`), "GET /a?b 0");
      assertEquals(await curl("--http1.0", `${url}/old`), "GET /old 0");
      assertEquals(await curl("-d", "abc", `${url}/p`), "POST /p 3");
      assertEquals(await curl("-T", file, `${url}/u`), `PUT /u ${size}`);
      assertEquals(await curl("-T", file, "-H", "Transfer-Encoding: chunked", `${url}/c`), `PUT /c ${size}`);
      assertEquals((await curl("-T", file, `${url}/stream`))!.length, size);
      assertMatch((await curl("-I", `${url}/head`))!, /^HTTP\/1\.1 200 OK\r\n[^]*content-length: 12\r\n/);
      const reused = await curl(`${url}/1`, `${url}/2`, "-w", " %{num_connects};");
      assertEquals(reused, "GET /1 0 1;GET /2 0 0;");
      assertEquals(
        await curl(
          "-T",
          file,
          "-o",
          "/dev/null",
          "-w",
          "%{http_code}",
          `${url}/big`,
          "-H",
          "Content-Length: 99999999",
        ),
        "413",
      );
    });
  } finally {
    await Deno.remove(file);
  }
});

Deno.test("on sockets: fetch streams both ways", async () => {
  await served(echo, async (url) => {
    const parts = Array.from({ length: 50 }, () => new Uint8Array(50_000));
    const response = await fetch(`${url}/stream`, { method: "POST", body: ReadableStream.from(parts) });
    assertEquals((await response.bytes()).length, 2_500_000);
    assertEquals(await (await fetch(`${url}/x`)).text(), "GET /x 0");
  });
});

Deno.test("on sockets: 1,000 heads that drip are cut off in time, and hardly slow the others down", async () => {
  const count = 1_000;
  const headerTimeout = 1_500;
  await using reactor = new DenoReactor();
  const server = await serveHttp(reactor, "tcp:127.0.0.1:0", () => new Reply("x"), { headerTimeout });
  assert(server.address.transport === "tcp");
  const { port } = server.address;
  const script = new URL("./_drip.ts", import.meta.url).pathname;
  const dripping = new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-net", script, String(port), String(count)],
    stdout: "piped",
  }).output();
  const latencies: number[] = [];
  let over = false;
  void dripping.finally(() => over = true);
  while (!over) {
    const since = performance.now();
    assertEquals(await (await fetch(`http://127.0.0.1:${port}/`)).text(), "x");
    latencies.push(performance.now() - since);
    // Requests all the time would be a load of their own.
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  const lives: number[] = JSON.parse(new TextDecoder().decode((await dripping).stdout).split("\n")[1]!);
  assertEquals([lives.length, server.counters().timeouts], [count, count]);
  // From its begin to its close a connection has: the timeout, a sweep, and what the machine takes for a thousand.
  assert(Math.max(...lives) < headerTimeout + 2_000, `One lived ${Math.max(...lives)} ms`);
  const ordinary = latencies.toSorted((a, b) => a - b)[latencies.length >> 1]!;
  assert(ordinary < 100, `Half of ${latencies.length} requests took more than ${ordinary} ms`);
});

Deno.test("on sockets: an unchanged Hono application works", async () => {
  const app = new Hono();
  app.get("/", (c) => c.text("hello"));
  app.get(
    "/json/:id",
    (c) => c.json({ id: c.req.param("id"), q: c.req.query("q"), agent: c.req.header("x-agent") }),
  );
  app.post("/json", async (c) => c.json(await c.req.json()));
  app.post("/form", async (c) => c.text(String((await c.req.parseBody())["a"])));
  app.get(
    "/stream",
    (c) => c.body(ReadableStream.from([new TextEncoder().encode("one "), new TextEncoder().encode("two")])),
  );
  app.use("/secret/*", basicAuth({ username: "a", password: "b" }));
  app.get("/secret/x", (c) => c.html("<p>yes"));
  app.get("/fail", () => {
    throw new Error("boom");
  });
  app.onError((error, c) => error instanceof HTTPException ? error.getResponse() : c.text("caught", 500));
  await served(asHandler(app.fetch), async (url) => {
    const get = async (path: string, init?: RequestInit) => {
      const response = await fetch(url + path, init);
      return [response.status, await response.text()];
    };
    assertEquals(await get("/"), [200, "hello"]);
    assertEquals(await get("/json/7?q=ü", { headers: { "x-agent": "me" } }), [
      200,
      `{"id":"7","q":"ü","agent":"me"}`,
    ]);
    assertEquals(await get("/json", { method: "POST", body: `{"a":[1]}` }), [200, `{"a":[1]}`]);
    assertEquals(await get("/form", { method: "POST", body: new URLSearchParams({ a: "b" }) }), [200, "b"]);
    assertEquals(await get("/stream"), [200, "one two"]);
    assertEquals(await get("/secret/x"), [401, "Unauthorized"]);
    assertEquals(await get("/secret/x", { headers: { authorization: `Basic ${btoa("a:b")}` } }), [
      200,
      "<p>yes",
    ]);
    assertEquals(await get("/fail"), [500, "caught"]);
    assertEquals(await get("/none"), [404, "404 Not Found"]);
  });
});
