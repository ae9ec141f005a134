import fc from "fast-check";
import { formatJsonLine } from "../../../runner/log/json_lines.ts";
import type { LogRecord } from "../../../runner/log/record.ts";
import { assert, assertEquals } from "../../assert.ts";
import { checkProperty } from "../../property.ts";

const base: LogRecord = {
  time: Date.UTC(2025, 0, 2, 3, 4, 5, 678),
  level: "info",
  service: "web",
  message: "Listening",
  fields: {},
};

function parsed(record: Partial<LogRecord>): Record<string, unknown> {
  return JSON.parse(formatJsonLine({ ...base, ...record }));
}

Deno.test("formatJsonLine() writes one object with time, level, service, message, then the fields", () => {
  assertEquals(
    formatJsonLine({ ...base, fields: { endpoint: "tcp:127.0.0.1:80", attempt: 2, last: undefined } }),
    `{"time":"2025-01-02T03:04:05.678Z","level":"info","service":"web","message":"Listening",` +
      `"endpoint":"tcp:127.0.0.1:80","attempt":2}\n`,
  );
});

Deno.test("formatJsonLine() keeps a field from taking the place of the record's own", () => {
  const line = parsed({ fields: { level: "high", message: "theirs" } });
  assertEquals(line["level"], "info");
  assertEquals(line["level_"], "high");
  assertEquals(line["message_"], "theirs");
});

Deno.test("formatJsonLine() tells an error with its name, message, stack, code and causes", () => {
  const cause = Object.assign(new TypeError("inner"), { code: "E_INNER" });
  const error = parsed({ fields: { error: new Error("outer", { cause }) } })["error"] as Record<
    string,
    unknown
  >;
  assertEquals([error["name"], error["message"]], ["Error", "outer"]);
  assert(String(error["stack"]).includes("json_lines_test.ts"));
  const inner = error["cause"] as Record<string, unknown>;
  assertEquals([inner["name"], inner["message"], inner["code"]], ["TypeError", "inner", "E_INNER"]);
});

Deno.test("formatJsonLine() survives what JSON cannot say", () => {
  const circular: Record<string, unknown> = {};
  circular["self"] = circular;
  const trap = Object.defineProperty({}, "x", {
    enumerable: true,
    get: () => {
      throw new Error("trap");
    },
  });
  const line = parsed({
    fields: {
      circular,
      trap,
      big: 10n,
      not: NaN,
      bytes: new Uint8Array(3),
      map: new Map([["a", 1]]),
      fn: parsed,
    },
  });
  assertEquals(line["circular"], { self: "[circular]" });
  assertEquals(line["trap"], "[unreadable]");
  assertEquals(line["big"], "10");
  assertEquals(line["not"], "NaN");
  assertEquals(line["bytes"], "[3 bytes]");
  assertEquals(line["map"], { a: 1 });
  assertEquals(line["fn"], "[function parsed]");
});

Deno.test("formatJsonLine() bounds what one value can take", () => {
  let deep: unknown = "bottom";
  for (let level = 0; level < 10_000; level++) deep = [deep];
  const text = formatJsonLine({
    ...base,
    fields: { long: "x".repeat(1_000_000), wide: new Array(100_000).fill(0), deep },
  });
  assert(text.length < 20_000, `the line has ${text.length} characters`);
  assert(text.includes("[983616 characters more]"));
  assert(text.includes("[99900 more]"));
});

Deno.test("formatJsonLine() is always one line of JSON that steers no terminal", () => {
  checkProperty(fc.property(
    fc.string({ unit: "binary" }),
    fc.dictionary(
      fc.string({ unit: "binary" }),
      fc.anything({ withBigInt: true, withMap: true, withSet: true }),
    ),
    (message, fields) => {
      const line = formatJsonLine({ ...base, message, fields });
      assert(line.endsWith("\n"));
      assert(!/[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/u.test(line.slice(0, -1)), JSON.stringify(line));
      assertEquals(JSON.parse(line)["message"], message);
    },
  ));
});
