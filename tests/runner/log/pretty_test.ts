import { plainValue } from "../../../runner/log/plain_value.ts";
import { COLOURS, PLAIN, prettyFormatter } from "../../../runner/log/pretty.ts";
import type { LogRecord } from "../../../runner/log/record.ts";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "../../assert.ts";

const base: LogRecord = {
  time: new Date(2025, 0, 2, 3, 4, 5, 67).getTime(),
  level: "info",
  service: "web",
  message: "Listening",
  fields: {},
};

const plain = prettyFormatter(PLAIN);

Deno.test("prettyFormatter() aligns time, level, service and message, and writes fields as key=value", () => {
  assertEquals(
    plain({ ...base, fields: { endpoint: "tcp:127.0.0.1:80", why: "two words", quote: 'a"b', list: [1] } }),
    `03:04:05.067 INFO  web          Listening                        ` +
      `endpoint=tcp:127.0.0.1:80 why="two words" quote="a\\"b" list=[1]\n`,
  );
  assertEquals(plain(base), "03:04:05.067 INFO  web          Listening\n");
});

Deno.test("prettyFormatter() writes an error's headline in the line and its stacks below, indented", () => {
  const error = new Error("no answer", { cause: new TypeError("broken pipe") });
  const [line, ...below] = plain({ ...base, level: "error", fields: { error } }).trimEnd().split("\n");
  assertStringIncludes(line!, `error="Error: no answer"`);
  assertMatch(below[0]!, /^ {4}at .*pretty_test\.ts/);
  assert(below.includes("    caused by TypeError: broken pipe"));
  const fromElsewhere = { error: plainValue(error) };
  assertEquals(plain({ ...base, level: "error", fields: fromElsewhere }).trimEnd().split("\n"), [
    line,
    ...below,
  ]);
});

Deno.test("prettyFormatter() shows control characters of a stranger as escapes", () => {
  const hostile = "GET \x1b]0;owned\x07\x9b31m\r\nfake line\u202e";
  const text = plain({ ...base, message: hostile, service: "a\x1b[2J", fields: { ["k\x1b"]: hostile } });
  assertEquals(text.match(/[\p{Cc}\p{Bidi_Control}]/gu), ["\n"]);
  assertStringIncludes(text, "\\x1b]0;owned\\x07\\x9b31m\\r\\nfake line\\u202e");
});

Deno.test("prettyFormatter() escapes what an error carries, also in its stack", () => {
  const error = new Error("a\x1b[31m\nforged line");
  const text = plain({ ...base, fields: { error } });
  assert(!text.includes("\x1b"));
  for (const line of text.trimEnd().split("\n").slice(1)) assert(line.startsWith("    "), line);
});

Deno.test("prettyFormatter() paints the level when it has colours", () => {
  const text = prettyFormatter(COLOURS)({ ...base, level: "warn" });
  assertStringIncludes(text, "\x1b[33mWARN \x1b[39m");
});
