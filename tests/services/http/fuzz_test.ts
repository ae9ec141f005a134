import { Buffer } from "node:buffer";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { Reply } from "../../../services/http/reply.ts";
import { assert, assertEquals } from "../../assert.ts";
import { checkProperty } from "../../property.ts";
import { octetsOf, scene } from "./_scene.ts";

/** Requests that are right, to be spoilt. */
const seeds = [
  "GET /a?b=c HTTP/1.1\r\nHost: example.org\r\nAccept: */*\r\n\r\n",
  "POST /p HTTP/1.1\r\nHost: example.org\r\nContent-Length: 5\r\n\r\nhello",
  "POST /p HTTP/1.1\r\nHost: example.org\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
  "POST /p HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n0\r\nT: v\r\n\r\n",
  "PUT /p HTTP/1.0\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nhi",
];

/** What attackers like to put in. */
const pieces = [
  "\r\n",
  "\n",
  "\r",
  "\0",
  " ",
  "\t",
  ":",
  ",",
  ";",
  "0",
  "\x7f",
  "\x0b",
  "\xff",
  "\r\n ",
  " HTTP/1.1",
  "Content-Length: 3\r\n",
  "Content-Length: 5\r\n",
  "Transfer-Encoding: chunked\r\n",
  "Transfer-Encoding: identity\r\n",
  "Host: b\r\n",
  "GET / HTTP/1.1\r\n",
];

interface Change {
  readonly at: number;
  readonly remove: number;
  readonly insert: string;
}

const change: fc.Arbitrary<Change> = fc.record({
  at: fc.nat(200),
  remove: fc.nat(3),
  insert: fc.oneof(fc.constantFrom(...pieces, ""), fc.nat(255).map((code) => String.fromCharCode(code))),
});

const spoilt = fc.tuple(fc.constantFrom(...seeds), fc.array(change, { minLength: 1, maxLength: 3 })).map(
  ([seed, changes]) =>
    changes.reduce((text, { at, remove, insert }) => {
      const place = at % (text.length + 1);
      return text.slice(0, place) + insert + text.slice(place + remove);
    }, seed),
);

/** Node's http server, whose parser is llhttp. */
class NodeServer implements AsyncDisposable {
  readonly #process: Deno.ChildProcess;
  readonly #port: number;

  private constructor(process: Deno.ChildProcess, port: number) {
    this.#process = process;
    this.#port = port;
  }

  /** Null where `node` is not installed. */
  static async start(): Promise<NodeServer | null> {
    const script = new URL("./_node_server.mjs", import.meta.url).pathname;
    try {
      const process = new Deno.Command("node", { args: [script], stdout: "piped" }).spawn();
      const reader = process.stdout.getReader();
      const { value } = await reader.read();
      await reader.cancel();
      return new NodeServer(process, Number(new TextDecoder().decode(value)));
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return null;
      throw error;
    }
  }

  /** The first request that it makes of `text`: method, target, body; null when it refuses it. */
  async parse(text: string): Promise<string | null> {
    using conn = await Deno.connect({ hostname: "127.0.0.1", port: this.#port });
    await conn.write(octetsOf(text));
    const buffer = new Uint8Array(4_096);
    let reply = "";
    for (let size; (size = await conn.read(buffer)) !== null;) {
      reply += Buffer.from(buffer.subarray(0, size)).toString("latin1");
    }
    return reply.startsWith("HTTP/1.1 200 ") ? reply.slice(reply.indexOf("\r\n\r\n") + 4) : null;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill("SIGKILL");
    await this.#process.status;
  }
}

Deno.test("a handler sees no request that Node's parser refuses, and reads no body otherwise", async () => {
  await using node = await NodeServer.start();
  if (node === null) return console.log("node is not installed: its parser is not compared");
  let agreed = 0;
  let refused = 0;
  await checkProperty(
    fc.asyncProperty(spoilt, async (text) => {
      const seen: string[] = [];
      const { send, log } = await scene(async (request) => {
        const body = [...await request.bytes()].map((octet) => String.fromCharCode(octet)).join("");
        seen.push(`${request.method} ${request.target} ${body}`);
        return new Reply("x");
      });
      const client = await send(text);
      client.transport.abortConnection();
      assertEquals(log.records.filter(({ level }) => level === "error"), []);
      assert(!client.statuses.includes(500), client.text);
      if (seen.length === 0) return void refused++;
      agreed++;
      assertEquals(await node.parse(text), seen[0]);
    }),
    { numRuns: 4_000 },
  );
  assert(agreed > 50 && refused > 50, `${agreed} requests were seen, ${refused} refused`);
});

Deno.test("garbage ends its connection, and leaves nothing behind", async () => {
  const { send, server, reactor } = await scene(() => new Reply("x"));
  await checkProperty(
    fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 2_000 }), async (octets) => {
      const client = await send([...octets].map((octet) => String.fromCharCode(octet)).join(""));
      client.transport.abortConnection();
      await reactor.settle();
    }),
    { numRuns: 300 },
  );
  await reactor.advance(20_000);
  assertEquals([server.counters().connections, server.counters().inFlight], [0, 0]);
});

/** Memory in use when what is garbage is gone, bytes. */
function memoryInUse(): number {
  setFlagsFromString("--expose-gc");
  runInNewContext("gc")();
  const { heapUsed, external } = Deno.memoryUsage();
  return heapUsed + external;
}

Deno.test("what strangers begin and do not finish is not kept when they are gone", async () => {
  const { send, reactor } = await scene(async (request) => new Reply(await request.bytes()));
  const begun = [
    `GET /${"a".repeat(8_000)}`,
    `GET / HTTP/1.1\r\nHost: a\r\nX: ${"b".repeat(15_000)}`,
    `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 60000\r\n\r\n${"c".repeat(50_000)}`,
    `POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nfff0\r\n${"d".repeat(50_000)}`,
    `GET / HTTP/1.1\r\nHost: ${"e".repeat(200)}`,
  ];
  const round = async (times: number) => {
    for (let n = 0; n < times; n++) {
      const client = await send(begun[n % begun.length]! + n);
      client.transport.abortConnection();
    }
    await reactor.settle();
  };
  await round(100);
  const before = memoryInUse();
  await round(1_000);
  // Kept, it would be some 25 MB.
  const grown = memoryInUse() - before;
  assert(grown < 4_000_000, `${grown} bytes more are in use`);
});
