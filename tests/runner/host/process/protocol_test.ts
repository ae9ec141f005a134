import { exitReason } from "../../../../runner/host/process/exit_reason.ts";
import { OutputDecoder } from "../../../../runner/host/process/framing.ts";
import { mergeFamilies } from "../../../../runner/host/process/merge_metrics.ts";
import { parseMessage } from "../../../../runner/host/process/parse_message.ts";
import { MAX_MESSAGE } from "../../../../runner/host/process/protocol.ts";
import { accountOf } from "../../../../runner/host/process/accounts.ts";
import { assertEquals, assertThrows } from "../../../assert.ts";

function feed(...chunks: string[]): string[] {
  const decoder = new OutputDecoder();
  return chunks.flatMap((chunk) => decoder.feed(new TextEncoder().encode(chunk)))
    .map(({ kind, text }) => `${kind} ${text}`);
}

Deno.test("messages are told from what a plugin prints, wherever chunks end", () => {
  assertEquals(feed("print", "ed\n\x1e{", "1}\n"), ["print printed", "message {1}"]);
  assertEquals(feed("no end\x1e{2}\n"), ["print no end", "message {2}"]);
});

Deno.test("a line without an end is cut, a message without an end is a violation", () => {
  assertEquals(feed("x".repeat(10_000)).length, 1);
  assertThrows(() => feed("\x1e", "x".repeat(MAX_MESSAGE + 1)), RangeError, "longer than");
});

const STATS = { endpoints: [], connections: 0, bytesRead: 0, bytesWritten: 0, cpu: 0, memory: 0 };

Deno.test("what is no message of the protocol does not get in", () => {
  assertEquals(parseMessage('{"kind":"hello","version":1}'), { kind: "hello", version: 1 });
  const family = {
    name: "a",
    help: "",
    kind: "counter",
    labels: ["x"],
    samples: [{ labels: ["1"], value: 1 }],
  };
  const pong = (metrics: unknown) => JSON.stringify({ kind: "pong", id: 0, stats: STATS, metrics });
  parseMessage(pong([family]));
  const bad = [
    "[]",
    '{"kind":"constructor"}',
    '{"kind":"hello","version":"1"}',
    '{"kind":"ready","stats":{}}',
    '{"kind":"log","level":"fatal","message":"x"}',
    pong([{ ...family, name: "a b" }]),
    pong([{ ...family, samples: [{ labels: [], value: 1 }] }]),
    pong([{ ...family, kind: "histogram", buckets: [1], samples: [{ labels: ["1"], value: 1 }] }]),
    JSON.stringify({ kind: "ready", stats: { ...STATS, endpoints: [{ transport: "tcp" }] } }),
  ];
  for (const text of bad) assertThrows(() => parseMessage(text), TypeError, "no message of the protocol");
});

Deno.test("metrics of several processes are added up under the same labels", () => {
  const family = (value: number, label: string) =>
    [{ name: "n", help: "", kind: "counter", labels: ["l"], samples: [{ labels: [label], value }] }] as const;
  const [merged] = mergeFamilies([family(1, "a"), family(2, "a"), family(4, "b")]);
  assertEquals(merged!.samples, [{ labels: ["a"], value: 3 }, { labels: ["b"], value: 4 }]);
});

Deno.test("why a process ended is told in words", () => {
  assertEquals(exitReason({ code: null, signal: "SIGKILL" }, null, []), "its process was killed by SIGKILL");
  for (const how of ["Reached heap limit", "Ineffective mark-compacts near heap limit"]) {
    const oom = ["<--- Last few GCs --->", `# Fatal JavaScript out of memory: ${how}`];
    assertEquals(
      exitReason({ code: null, signal: "SIGTRAP" }, 64 << 20, oom),
      "its process ran out of its heap of 64 MiB",
    );
  }
  assertEquals(
    exitReason({ code: 1, signal: null }, null, ["error: Module not found"]),
    "its process ended with status 1: error: Module not found",
  );
});

Deno.test("users and groups are found by name or number", () => {
  const files = { "/etc/passwd": "root:x:0:0::/:\nweb:x:33:44::/:\n", "/etc/group": "www:x:55:\n" } as const;
  const read = (path: keyof typeof files) => files[path];
  assertEquals(accountOf(null, null, read), {});
  assertEquals(accountOf("web", null, read), { uid: 33, gid: 44 });
  assertEquals(accountOf("web", "www", read), { uid: 33, gid: 55 });
  assertEquals(accountOf(1234, null, read), { uid: 1234 });
  assertThrows(
    () => accountOf("nobdy", null, read),
    Error,
    'Cannot run as user "nobdy": there is no such user',
  );
  assertThrows(() => accountOf(null, "x", read), Error, 'Cannot run with group "x": there is no such group');
});
