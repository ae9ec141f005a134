import { quote } from "../../../services/text/quote.ts";
import { assertEquals } from "../../assert.ts";

Deno.test("quote() shows text on one line, in bounds, and leaves a terminal alone", () => {
  const cases: [string, string][] = [
    ["tcp:80o", `"tcp:80o"`],
    ["naïve 日本 😀", `"naïve 日本 😀"`],
    ["a\\b", `"a\\b"`],
    ["a\r\n\tb", `"a\\r\\n\\tb"`],
    ["\x1b[31m", `"\\u{1b}[31m"`],
    ["\u202ecod", `"\\u{202e}cod"`],
    ["\u2028", `"\\u{2028}"`],
    ["\ud800", `"\\u{d800}"`],
    ["x".repeat(121), `"${"x".repeat(120)}..."`],
  ];
  for (const [text, shown] of cases) assertEquals(quote(text), shown);
});
