import { eventStream } from "../../../services/http/event_stream.ts";
import type { Handler } from "../../../services/http/handler.ts";
import { HttpError } from "../../../services/http/http_error.ts";
import type { HttpOptions, ReplyOutcome } from "../../../services/http/options.ts";
import { Reply } from "../../../services/http/reply.ts";
import type { HttpServer } from "../../../services/http/serve_http.ts";
import { serveHttp2 } from "../../../services/http/serve_http2.ts";
import { DenoReactor } from "../../../services/reactor/deno/deno_reactor.ts";
import { CannotListenError } from "../../../services/reactor/errors.ts";
import type { Scope } from "../../../services/reactor/scope/scope.ts";
import { type RecordingLogger, recordingLogger } from "../../../services/testing/recording_logger.ts";
import { assert, assertEquals, assertMatch, assertRejects } from "../../assert.ts";
import { makeCertificates, withoutOpenssl } from "../../support/certificates.ts";
import { isMissing, runProgram } from "../../support/programs.ts";

const withoutCurl = isMissing("curl");

interface Scene {
  readonly scope: Scope;
  readonly server: HttpServer;
  readonly port: number;
  readonly log: RecordingLogger;
}

/** Serve `handler` in a scope of its own, and run `talk`. */
async function served(
  handler: Handler,
  talk: (scene: Scene) => Promise<void>,
  options: HttpOptions = {},
  endpoint = "tcp:127.0.0.1:0",
): Promise<void> {
  await using reactor = new DenoReactor();
  const log = recordingLogger();
  const scope = reactor.scope({
    name: "web",
    log,
    onFailure: (error) => {
      throw error;
    },
  });
  const server = await serveHttp2(scope, endpoint, handler, { log, ...options });
  assert(server.address.transport === "tcp");
  await talk({ scope, server, port: server.address.port, log });
}

async function curl(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await runProgram("curl", ["-sS", "--max-time", "20", ...args]);
  assertEquals(code, 0, stderr);
  return stdout;
}

const echo: Handler = async (request) =>
  new Reply(`${request.method} ${request.pathname}${request.search} ${(await request.bytes()).length}`, {
    headers: { "x-agent": request.header("x-agent") ?? "none", connection: "close" },
  });

Deno.test({
  name: "HTTP/2: with prior knowledge, curl gets, posts and sees the fields",
  ignore: withoutCurl,
  fn: () =>
    served(echo, async ({ port, server }) => {
      const version = ["-w", " %{http_version}"];
      const url = `http://127.0.0.1:${port}`;
      const h2 = "--http2-prior-knowledge";
      assertEquals(await curl(h2, "--path-as-is", ...version, `${url}/a/../b?c`), "GET /b?c 0 2");
      assertEquals(await curl(h2, ...version, "-d", "abc", `${url}/p`), "POST /p 3 2");
      assertEquals(await curl(...version, `${url}/old`), "GET /old 0 1.1");
      const head = await curl(h2, "-D-", "-o", "/dev/null", "-H", "X-Agent: me", url);
      assertMatch(head, /^x-agent: me\r$/m);
      assert(!/connection/i.test(head), head);
      assertEquals(await curl(h2, "-I", "-o", "/dev/null", "-w", "%{http_code}", url), "200");
      const { requests, replies } = server.counters();
      assertEquals([requests, replies["2xx"]], [5, 5]);
    }),
});

Deno.test({
  name: "HTTP/2: chosen by ALPN on a TLS endpoint",
  ignore: withoutCurl || withoutOpenssl,
  fn: async () => {
    await using certificates = await makeCertificates();
    const { certificate, privateKey } = await certificates.issue("server", "localhost");
    const endpoint = `tls:0:interface=127.0.0.1:certificate=${certificate}:privateKey=${privateKey}`;
    await served(
      (request, info) => new Reply(`${request.url.replace(/:\d+/, "")} ${info.tls !== null}`),
      async ({ port }) => {
        const args = ["--cacert", certificates.authority, "-w", " %{http_version}"];
        assertEquals(await curl(...args, `https://localhost:${port}/x`), "https://localhost/x true 2");
        assertEquals(
          await curl(...args, "--http1.1", `https://localhost:${port}/`),
          "https://localhost/ true 1.1",
        );
      },
      {},
      endpoint,
    );
  },
});

Deno.test({
  name: "HTTP/2: many streams on one connection are served side by side",
  ignore: isMissing("h2load"),
  fn: () =>
    served(echo, async ({ port, server }) => {
      const args = ["-n", "500", "-c", "2", "-m", "50", `http://127.0.0.1:${port}/`];
      const { stdout } = await runProgram("h2load", args);
      assertMatch(stdout, /^requests: 500 total, 500 started, 500 done, 500 succeeded, 0 failed, 0 errored/m);
      assertEquals(server.counters().requests, 500);
    }),
});

Deno.test({
  name: "HTTP/2: what the platform lets through is refused all the same",
  ignore: withoutCurl,
  fn: async () => {
    const seen: string[] = [];
    const handler: Handler = async (request) => {
      seen.push(request.pathname);
      return new Reply(String((await request.bytes()).length));
    };
    await served(handler, async ({ port, server }) => {
      const url = `http://127.0.0.1:${port}`;
      const status = async (...args: string[]) =>
        Number(await curl("-o", "/dev/null", "-w", "%{http_code}", ...args));
      assertEquals(await status("-H", "Host: a b", url), 400);
      assertEquals(await status("-H", "Host: 1.2.3.4.5", url), 400);
      assertEquals(await status("-H", "Host: a", "--request-target", "http://b/", url), 400);
      assertEquals(await status("-X", "TRACE", url), 405);
      assertEquals(await status("-X", "BREW", url), 501);
      assertEquals(await status(`${url}/${"x".repeat(100)}`), 414);
      assertEquals(await status("-H", `X-Long: ${"x".repeat(600)}`, url), 431);
      assertEquals(await status("--http2-prior-knowledge", "-d", "x".repeat(101), url), 413);
      const chunked = ["-H", "Transfer-Encoding: chunked", "-d", "x".repeat(101)];
      assertEquals(await status(...chunked, `${url}/chunked`), 413);
      assertEquals(await rawStatus(port, "CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n"), 405);
      assertEquals(await rawStatus(port, "GET / HTTP/1.1\r\nHost:\r\n\r\n"), 400);
      assertEquals(seen, ["/chunked"]);
      assertEquals(server.counters().handlerErrors, 0);
    }, { maxBody: 100, maxTarget: 100, maxHead: 500 });
  },
});

async function rawStatus(port: number, request: string): Promise<number> {
  using conn = await Deno.connect({ port });
  await conn.write(new TextEncoder().encode(request));
  const buffer = new Uint8Array(1_000);
  const size = await conn.read(buffer);
  return Number(new TextDecoder().decode(buffer.subarray(0, size ?? 0)).slice("HTTP/1.1 ".length, 12));
}

Deno.test("HTTP/2: a handler that throws gives 500 and a line with its place; an HttpError is sent as it is", async () => {
  const handler: Handler = (request) => {
    if (request.pathname === "/no") throw new HttpError(403, "Only members");
    throw new Error("boom");
  };
  await served(handler, async ({ port, log }) => {
    const refused = await fetch(`http://127.0.0.1:${port}/no`);
    assertEquals([refused.status, await refused.text()], [403, "Only members\n"]);
    const failed = await fetch(`http://127.0.0.1:${port}/`);
    assertEquals([failed.status, await failed.text()], [500, "Internal Server Error\n"]);
    assertEquals(log.records.map(({ level }) => level), ["error"]);
    assertMatch(String(log.records[0]!.fields["at"]), /http2_test\.ts:\d+:\d+$/);
  });
});

Deno.test({
  name:
    "HTTP/2: a reply may be made of the request while that comes; an upload that nobody reads is answered",
  ignore: withoutCurl,
  fn: () =>
    served(
      (request) => new Reply(request.pathname === "/echo" ? request.body : "no, thanks"),
      async ({ port }) => {
        const file = await Deno.makeTempFile();
        await Deno.writeFile(file, new Uint8Array(3_000_000).fill(97));
        try {
          const url = `http://127.0.0.1:${port}`;
          const h2 = "--http2-prior-knowledge";
          assertEquals((await curl(h2, "-T", file, `${url}/echo`)).length, 3_000_000);
          assertEquals(await curl(h2, "-d", "x".repeat(50_000), `${url}/unread`), "no, thanks");
        } finally {
          await Deno.remove(file);
        }
      },
    ),
});

/** Sends the head of an upload and `first` of its body, and waits for what is answered. */
async function stalledUpload(port: number, path: string): Promise<string> {
  using conn = await Deno.connect({ port });
  const head = `POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nfirst`;
  await conn.write(new TextEncoder().encode(head));
  const buffer = new Uint8Array(1_000);
  const size = await conn.read(buffer);
  return new TextDecoder().decode(buffer.subarray(0, size ?? 0)).slice("HTTP/1.1 ".length).split("\r")[0]!;
}

Deno.test("HTTP/2: a body that does not come in time is 408; who reads none of it is not held up by it for ever", async () => {
  const handler: Handler = async (request) => {
    if (request.pathname === "/unread") return new Reply("no, thanks");
    return new Reply(await request.text());
  };
  await served(handler, async ({ port, server }) => {
    assertEquals(await stalledUpload(port, "/read"), "408 Request Timeout");
    assertEquals(await stalledUpload(port, "/unread"), "200 OK");
    assertEquals(server.counters().timeouts, 2);
  }, { bodyTimeout: 100, minBodyRate: 1_000 });
});

Deno.test({
  name: "HTTP/2: a body that keeps up its rate has the time that it needs",
  ignore: withoutCurl,
  fn: () =>
    served(echo, async ({ port }) => {
      const body = "x".repeat(2_000);
      const args = ["--http2-prior-knowledge", "--limit-rate", "4000", "-d", body];
      assertEquals(await curl(...args, `http://127.0.0.1:${port}/`), "POST / 2000");
    }, { bodyTimeout: 100, minBodyRate: 1_000 }),
});

Deno.test("HTTP/2: events are streamed, and whoever keeps a log hears of the end", async () => {
  const outcomes: ReplyOutcome[] = [];
  const done = Promise.withResolvers<void>();
  await served(
    () =>
      eventStream((async function* () {
        yield "one";
        yield "two";
      })()),
    async ({ port }) => {
      assertEquals(await (await fetch(`http://127.0.0.1:${port}/`)).text(), "data: one\n\ndata: two\n\n");
      await done.promise;
      const [{ status, bytes, complete, request }] = outcomes as [ReplyOutcome];
      assertEquals([status, bytes, complete, request?.method], [200, 22, true, "GET"]);
    },
    {
      onReply: (outcome) => {
        outcomes.push(outcome);
        done.resolve();
      },
    },
  );
});

Deno.test("HTTP/2: the platform's WebSocket serves handlers that ask for one", async () => {
  await served((request, info) => {
    const { socket, response } = info.upgradeWebSocket(request);
    socket.onmessage = ({ data }) => socket.send(`${data}!`);
    return response;
  }, async ({ port }) => {
    const refused = await fetch(`http://127.0.0.1:${port}/`);
    assertEquals(refused.status, 426);
    await refused.body?.cancel();
    const socket = new WebSocket(`ws://127.0.0.1:${port}/`);
    const answer = new Promise((resolve) => socket.onmessage = ({ data }) => resolve(data));
    socket.onopen = () => socket.send("hello");
    assertEquals(await answer, "hello!");
    const closed = new Promise((resolve) => socket.onclose = resolve);
    socket.close();
    await closed;
  });
});

Deno.test("HTTP/2: a scope lists the server, and drains it when nothing is in flight any more", async () => {
  const begun = Promise.withResolvers<void>();
  const go = Promise.withResolvers<void>();
  await served(async (request) => {
    begun.resolve();
    await go.promise;
    return new Reply(await request.text());
  }, async ({ scope, server, port }) => {
    assertEquals(scope.endpoints, [server.address]);
    const upload = fetch(`http://127.0.0.1:${port}/`, { method: "POST", body: "abc" });
    await begun.promise;
    const drained = scope.drain({ within: 10_000, hold: 0 });
    assertEquals(server.counters().inFlight, 1);
    go.resolve();
    assertEquals(await (await upload).text(), "abc");
    assertEquals(await drained, []);
    assertEquals(scope.endpoints, []);
    await assertRejects(() => Deno.connect({ hostname: "127.0.0.1", port }), Deno.errors.ConnectionRefused);
  });
});

Deno.test("HTTP/2: what is in flight at the deadline is cut, and named", async () => {
  const begun = Promise.withResolvers<void>();
  await served(() => {
    begun.resolve();
    return new Promise(() => {});
  }, async ({ scope, port }) => {
    const request = fetch(`http://127.0.0.1:${port}/`).then(() => "answered", () => "cut");
    await begun.promise;
    assertEquals(await scope.drain({ within: 50, hold: 0 }), [`1 request on tcp:127.0.0.1:${port}`]);
    assertEquals(await request, "cut");
  });
});

Deno.test("HTTP/2: stopListening ends the server before its scope does", async () => {
  await served(echo, async ({ scope, server }) => {
    await server.stopListening();
    assertEquals(scope.endpoints, []);
  });
});

Deno.test("HTTP/2: a place that is taken, or cannot be, is named", async () => {
  await served(echo, async ({ scope, port }) => {
    const taken = await assertRejects(
      () => serveHttp2(scope, `tcp:127.0.0.1:${port}`, echo),
      CannotListenError,
    );
    assertMatch(taken.message, /^Cannot serve HTTP\/2 on "tcp:127\.0\.0\.1:\d+": Address already in use/);
    const wrong = await assertRejects(() => serveHttp2(scope, "unix:/tmp/x", echo), CannotListenError);
    assertEquals(
      wrong.message,
      'Cannot serve HTTP/2 on "unix:/tmp/x": only tcp and tls endpoints can',
    );
  });
});
