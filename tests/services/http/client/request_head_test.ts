import { requestHead } from "../../../../services/http/client/request_head.ts";
import { assertEquals, assertThrows } from "../../../assert.ts";

Deno.test("requestHead() writes what it is given, and nothing that would end a line", () => {
  assertEquals(
    requestHead("GET", "/a?b", { host: "example.org", "x-list": ["1", ""] }),
    "GET /a?b HTTP/1.1\r\nhost: example.org\r\nx-list: 1\r\nx-list: \r\n\r\n",
  );
  const wrong: [method: string, target: string, headers: Record<string, string>][] = [
    ["GET /", "/", {}],
    ["GET", "/ HTTP/1.1", {}],
    ["GET", "", {}],
    ["GET", "/", { "a:b": "c" }],
    ["GET", "/", { a: "b\r\nc: d" }],
    ["GET", "/", { a: "\u20ac" }],
  ];
  for (const parts of wrong) assertThrows(() => requestHead(...parts), TypeError);
});
