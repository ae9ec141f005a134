import fc from "fast-check";
import { DenoReactor } from "../../../services/reactor/deno/deno_reactor.ts";
import { serveHttp } from "../../../services/http/serve_http.ts";
import type { UpgradeOptions } from "../../../services/http/websocket/upgrade.ts";
import { checkProperty } from "../../property.ts";
import { assert, assertEquals, assertMatch, assertStringIncludes, assertThrows } from "../../assert.ts";
import { type Client, octetsOf, scene } from "./_scene.ts";

const handshake = [
  "GET /chat HTTP/1.1",
  "Host: example.org",
  "Upgrade: websocket",
  "Connection: keep-alive, Upgrade",
  "Sec-WebSocket-Version: 13",
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
  "Sec-WebSocket-Protocol: chat, superchat",
];

function requestOf(lines: readonly string[]): string {
  return lines.join("\r\n") + "\r\n\r\n";
}

/** A client's frame, one character an octet. */
function frame(first: number, payload: string | Uint8Array, key = [1, 2, 3, 4], masked = true): string {
  const bytes = typeof payload === "string" ? octetsOf(payload) : payload;
  const size = bytes.length;
  const length = size < 126
    ? [size]
    : size < 65_536
    ? [126, size >> 8, size & 255]
    : [127, 0, 0, 0, 0, size >>> 24, (size >> 16) & 255, (size >> 8) & 255, size & 255];
  if (masked) length[0]! |= 0x80;
  let text = String.fromCharCode(first, ...length, ...(masked ? key : []));
  for (let i = 0; i < size; i++) text += String.fromCharCode(masked ? bytes[i]! ^ key[i & 3]! : bytes[i]!);
  return text;
}

const closeFrame = (code: number, reason = "") =>
  frame(0x88, String.fromCharCode(code >> 8, code & 255) + reason);

interface Talk {
  readonly client: Client;
  readonly events: string[];
  readonly socket: WebSocket;
  readonly reactor: Awaited<ReturnType<typeof scene>>["reactor"];
  /** What the server has sent since the handshake. */
  sent(): string;
  say(...pieces: string[]): Promise<void>;
}

async function talk(
  options: UpgradeOptions = {},
  setUp: (socket: WebSocket) => void = () => {},
): Promise<Talk> {
  const events: string[] = [];
  let socket!: WebSocket;
  const { send, reactor } = await scene((request, info) => {
    const upgrade = info.upgradeWebSocket(request, options);
    socket = upgrade.socket;
    socket.onopen = () => events.push("open");
    socket.onmessage = ({ data }) =>
      events.push(
        typeof data === "string" ? `text ${data.length} ${data.slice(0, 20)}` : `binary ${data.byteLength}`,
      );
    socket.onclose = ({ code, reason, wasClean }) => events.push(`close ${code} ${reason} ${wasClean}`);
    socket.onerror = () => events.push("error");
    setUp(socket);
    return upgrade.response;
  });
  const client = await send(requestOf(handshake));
  const from = client.text.indexOf("\r\n\r\n") + 4;
  return {
    client,
    events,
    socket,
    reactor,
    sent: () => client.text.slice(from),
    async say(...pieces) {
      for (const piece of pieces) {
        client.send(piece);
        await reactor.settle();
      }
    },
  };
}

Deno.test("the handshake is answered as in RFC 6455, section 1.3", async () => {
  const { client, socket, events } = await talk({ protocol: "chat" });
  assertMatch(client.text, /^HTTP\/1\.1 101 Switching Protocols\r\n/);
  for (
    const field of [
      "upgrade: websocket",
      "connection: upgrade",
      "sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
      "sec-websocket-protocol: chat",
    ]
  ) assertStringIncludes(client.text, `${field}\r\n`);
  assertEquals([socket.url, socket.protocol, socket.readyState, events], [
    "ws://example.org/chat",
    "chat",
    1,
    ["open"],
  ]);
});

Deno.test("what is no handshake is told what is missing", async () => {
  const { send } = await scene((request, info) => info.upgradeWebSocket(request).response);
  const cases: [wrong: RegExp, instead: string, status: number][] = [
    [/^Upgrade:.*/, "X: y", 426],
    [/^Connection:.*/, "Connection: keep-alive", 426],
    [/^Sec-WebSocket-Version:.*/, "Sec-WebSocket-Version: 8", 426],
    [/^Sec-WebSocket-Key:.*/, "Sec-WebSocket-Key: short", 400],
    [/^Sec-WebSocket-Key:.*/, "X: y", 400],
    [/^GET/, "POST", 400],
  ];
  for (const [wrong, instead, status] of cases) {
    const client = await send(requestOf(handshake.map((line) => line.replace(wrong, instead))));
    assertEquals(client.statuses, [status], instead);
  }
});

Deno.test("messages come whole, however their frames and octets are cut", async () => {
  const stream = frame(0x81, "hello") + frame(0x01, "fra") + frame(0x89, "ping") + frame(0x00, "gmen") +
    frame(0x80, "ted") + frame(0x82, "") + frame(0x82, "x".repeat(300), [9, 0, 200, 255]) +
    frame(0x81, "\xc3\xbc");
  const expected = ["open", "text 5 hello", "text 10 fragmented", "binary 0", "binary 300", "text 1 ü"];
  for (const pieces of [[stream], [...stream], [stream.slice(0, 40), stream.slice(40)]]) {
    const { events, say, sent } = await talk();
    await say(...pieces);
    assertEquals([events, sent()], [expected, "\x8a\x04ping"]);
  }
});

Deno.test("messages of every size and alignment are unmasked and echoed", async () => {
  await checkProperty(
    fc.asyncProperty(
      fc.array(fc.uint8Array({ maxLength: 400 }), { maxLength: 6 }),
      fc.uint8Array({ minLength: 4, maxLength: 4 }),
      fc.array(fc.nat(200), { minLength: 1, maxLength: 20 }),
      async (messages, key, cuts) => {
        const received: string[] = [];
        const { say } = await talk({}, (socket) => {
          socket.onmessage = ({ data }) => received.push(new Uint8Array(data).join());
        });
        const stream = messages.map((message) => frame(0x82, message, [...key])).join("");
        const pieces: string[] = [];
        for (let at = 0, n = 0; at < stream.length; n++) {
          const size = cuts[n % cuts.length]! + 1;
          pieces.push(stream.slice(at, at + size));
          at += size;
        }
        await say(...pieces);
        assertEquals(received, messages.map((message) => message.join()));
      },
    ),
    { numRuns: 60 },
  );
});

Deno.test("who breaks the rules is closed with the code that says which", async () => {
  const cases: [name: string, sent: string, code: number][] = [
    ["an unmasked frame", frame(0x81, "a", [], false), 1002],
    ["a reserved bit", frame(0xc1, "a"), 1002],
    ["an unknown opcode", frame(0x83, "a"), 1002],
    ["an unknown control opcode", frame(0x8b, "a"), 1002],
    ["a fragmented ping", frame(0x09, "a"), 1002],
    ["a ping that is too long", frame(0x89, "a".repeat(126)), 1002],
    ["a continuation of nothing", frame(0x80, "a"), 1002],
    ["a message within another", frame(0x01, "a") + frame(0x81, "b"), 1002],
    ["text that is no UTF-8", frame(0x81, "\xff"), 1007],
    ["text that is half a character", frame(0x81, "\xe2\x82"), 1007],
    ["a message that is too long", frame(0x82, "a".repeat(101)), 1009],
    ["fragments that are too long", frame(0x02, "a".repeat(60)) + frame(0x80, "a".repeat(60)), 1009],
    ["a length of 2^63", "\x82\xff\x80\0\0\0\0\0\0\0\x01\x02\x03\x04", 1009],
    ["a close with half a code", frame(0x88, "a"), 1002],
    ["a close with a code that is never sent", closeFrame(1006), 1002],
    ["a close with a code below 1000", closeFrame(999), 1002],
    ["a close whose reason is no UTF-8", closeFrame(1000, "\xff"), 1007],
  ];
  for (const [name, sent, code] of cases) {
    for (const pieces of [[sent], [...sent]]) {
      const conversation = await talk({ maxMessage: 100 });
      await conversation.say(...pieces);
      await conversation.reactor.advance(1_100);
      const reply = octetsOf(conversation.sent());
      assertEquals([reply[0], (reply[2]! << 8) | reply[3]!], [0x88, code], name);
      assert(conversation.client.lost !== null, name);
      assertMatch(conversation.events.at(-1)!, new RegExp(`^close ${code} .* false$`), name);
    }
  }
});

Deno.test("a close is answered by a close, from either side", async () => {
  const theirs = await talk();
  await theirs.say(closeFrame(4001, "bye"));
  assertEquals([theirs.sent(), theirs.client.lost?.clean], ["\x88\x02\x0f\xa1", true]);
  assertEquals(theirs.events, ["open", "close 4001 bye true"]);

  const ours = await talk();
  ours.socket.close(3000, "done");
  await ours.reactor.settle();
  assertEquals([ours.sent(), ours.socket.readyState, ours.client.lost], ["\x88\x06\x0b\xb8done", 2, null]);
  await ours.say(closeFrame(3000));
  assertEquals([ours.events, ours.socket.readyState], [["open", "close 3000  true"], 3]);

  const deaf = await talk();
  deaf.socket.close();
  await deaf.reactor.advance(5_100);
  assertEquals([deaf.events.at(-1), deaf.client.lost !== null], ["close 1006  false", true]);
});

Deno.test("a peer that answers no ping is given up", async () => {
  const { events, sent, say, reactor } = await talk({ pingInterval: 1_000 });
  await reactor.advance(1_000);
  assertEquals(sent(), "\x89\0");
  await say(frame(0x8a, ""));
  await reactor.advance(1_000);
  assertEquals(sent(), "\x89\0\x89\0");
  await reactor.advance(1_000);
  assertEquals(events, ["open", "error", "close 1006  false"]);
});

Deno.test("sending follows the standard", async () => {
  const { socket, sent, reactor, say } = await talk();
  socket.send("ü");
  socket.send(new Uint8Array([1, 2]));
  socket.send(new Uint8Array([1, 2, 3]).buffer);
  socket.send("x".repeat(126));
  await reactor.settle();
  assertEquals(
    sent(),
    "\x81\x02\xc3\xbc\x82\x02\x01\x02\x82\x03\x01\x02\x03\x81\x7e\0\x7e" + "x".repeat(126),
  );
  assertThrows(() => socket.close(1001), DOMException, 'not "1001"');
  assertThrows(() => socket.close(1000, "x".repeat(124)), DOMException, "longer than 123 bytes");
  await say(closeFrame(1000));
  socket.send("dropped");
});

Deno.test("a listener that throws closes its WebSocket with 1011, and is logged with file and line", async () => {
  for (const listen of ["property", "listener", "object"]) {
    const { send, reactor, log } = await scene((request, info) => {
      const { socket, response } = info.upgradeWebSocket(request);
      const fail = () => {
        throw new Error("secret");
      };
      if (listen === "property") socket.onmessage = fail;
      else socket.addEventListener("message", listen === "listener" ? fail : { handleEvent: fail });
      return response;
    });
    const client = await send(requestOf(handshake), frame(0x81, "x"));
    await reactor.settle();
    assertStringIncludes(client.text, "\x88\x02\x03\xf3");
    assertMatch(String(log.records[0]!.fields.at), /websocket_test\.ts:\d+:\d+$/);
  }
});

Deno.test("on sockets: the platform's WebSocket talks to it", async () => {
  await using reactor = new DenoReactor();
  const server = await serveHttp(reactor, "tcp:127.0.0.1:0", (request, info) => {
    const { socket, response } = info.upgradeWebSocket(request, { maxMessage: 4_000_000 });
    socket.addEventListener("message", ({ data }) => socket.send(data));
    return response;
  });
  assert(server.address.transport === "tcp");
  const socket = new WebSocket(`ws://127.0.0.1:${server.address.port}/`);
  socket.binaryType = "arraybuffer";
  const next = (type: string) =>
    new Promise<Event>((resolve) => socket.addEventListener(type, resolve, { once: true }));
  await next("open");
  for (const size of [0, 1, 125, 126, 65_535, 65_536, 1_000_000]) {
    const message = next("message");
    socket.send("ü".repeat(size));
    assertEquals((await message as MessageEvent).data.length, size);
    const binary = next("message");
    socket.send(new Uint8Array(size));
    assertEquals((await binary as MessageEvent).data.byteLength, size);
  }
  const closed = next("close");
  socket.close(4000, "done");
  const { code, wasClean } = await closed as CloseEvent;
  assertEquals([code, wasClean], [4000, true]);
});
