import { eventStream } from "../../../services/http/event_stream.ts";
import type { Handler } from "../../../services/http/handler.ts";
import { Reply } from "../../../services/http/reply.ts";
import { serveHttp } from "../../../services/http/serve_http.ts";
import { MemoryReactor } from "../../../services/reactor/memory/memory_reactor.ts";
import { silentLogger } from "../../../services/log.ts";
import { assert, assertEquals, assertStringIncludes } from "../../assert.ts";
import { Client } from "./_scene.ts";

const host = "Host: example.org\r\n";
const get = (path: string) => `GET ${path} HTTP/1.1\r\n${host}\r\n`;

/** A server in a scope of its own, and clients that have sent what they are to send. */
async function service(handler: Handler) {
  const reactor = new MemoryReactor();
  const scope = reactor.scope({
    name: "web",
    log: silentLogger,
    onFailure: (error) => {
      throw error;
    },
  });
  await serveHttp(scope, "tcp:80", handler);
  const connect = async (...pieces: string[]) => {
    const client = await reactor.connect("tcp:localhost:80", () => new Client());
    for (const piece of pieces) {
      client.send(piece);
      await reactor.settle();
    }
    await reactor.settle();
    return client;
  };
  return { reactor, scope, connect };
}

Deno.test("a drain finishes requests and uploads in flight, and closes at once what is idle, not who may have just asked", async () => {
  const { reactor, scope, connect } = await service(async (request) => {
    if (request.pathname === "/slow") {
      await new Promise((resolve) => reactor.callLater(2_000, () => resolve(null)));
    }
    return new Reply(`${request.pathname} ${(await request.bytes()).length}`);
  });
  const idle = await connect(get("/first"));
  await reactor.advance(1_000);
  const busy = await connect(get("/first"));
  const slow = await connect(get("/slow"));
  const upload = await connect(`POST /up HTTP/1.1\r\n${host}Content-Length: 10\r\n\r\n`, "abc");
  const begun = await connect("GET /half HTTP/1.1\r\n");
  const fresh = await connect();

  const leftovers = scope.drain({ within: 10_000, hold: 0 });
  await reactor.settle();
  const open = [busy, slow, upload, begun];
  assertEquals([idle.lost?.clean, ...open.map(({ lost }) => lost)], [true, null, null, null, null]);
  busy.send(get("/again"));
  await reactor.settle();
  assertEquals([busy.statuses, busy.lost?.clean], [[200, 200], true]);
  upload.send("defghij");
  begun.send(`${host}\r\n`);
  fresh.send(get("/fresh"));
  await reactor.advance(2_500);
  for (
    const [client, body] of [[slow, "/slow 0"], [upload, "/up 10"], [begun, "/half 0"], [
      fresh,
      "/fresh 0",
    ]] as const
  ) {
    assertEquals([client.statuses, client.body, client.lost?.clean], [[200], body, true]);
    assertStringIncludes(client.text, "connection: close\r\n");
  }
  assertEquals(await leftovers, []);
});

Deno.test("a drain does not wait for a connection that has nothing to say", async () => {
  const { reactor, scope, connect } = await service(() => new Reply("x"));
  const silent = await connect();
  const leftovers = scope.drain({ within: 10_000, hold: 0 });
  await reactor.advance(1_300);
  assertEquals([silent.lost?.clean, silent.text], [true, ""]);
  assertEquals(await leftovers, []);
});

Deno.test("a stream of events goes on while the service drains, until the deadline", async () => {
  let returned = false;
  const { reactor, scope, connect } = await service(() =>
    eventStream((async function* () {
      try {
        for (let n = 0;; n++) {
          yield String(n);
          await new Promise((resolve) => reactor.callLater(1_000, () => resolve(null)));
        }
      } finally {
        returned = true;
      }
    })())
  );
  const client = await connect(get("/"));
  const leftovers = scope.drain({ within: 3_500, hold: 0 });
  await reactor.advance(3_400);
  assertStringIncludes(client.text, "data: 3\n\n");
  assertEquals(client.lost, null);
  await reactor.advance(1_200);
  assert(client.lost !== null);
  assertEquals([(await leftovers).length, returned], [1, true]);
});

Deno.test("a WebSocket is closed with 1001 when the service drains", async () => {
  const { reactor, scope, connect } = await service((request, info) =>
    info.upgradeWebSocket(request).response
  );
  const client = await connect(
    `GET / HTTP/1.1\r\n${host}Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n` +
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
  );
  client.clear();
  const leftovers = scope.drain({ within: 10_000, hold: 0 });
  await reactor.settle();
  assertEquals([...client.bytes.subarray(0, 1), (client.bytes[2]! << 8) | client.bytes[3]!], [0x88, 1001]);
  // The client's own close ends it.
  client.send("\x88\x82\0\0\0\0\x03\xe9");
  await reactor.settle();
  assertEquals([client.lost?.clean, await leftovers], [true, []]);
});
