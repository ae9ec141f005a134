import fc from "fast-check";
import { TopLines } from "../../../plugins/pop3/maildrop/top_lines.ts";
import { WireEncoder, wireSizeOf } from "../../../plugins/pop3/maildrop/wire_encoder.ts";
import { assertEquals } from "../../assert.ts";
import { checkProperty } from "../../property.ts";

const text = fc.array(fc.constantFrom("\r\n", "\n", "\r", ".", "..", "a", "a: b", "\r\n.\r\n", "\r\n\r\n"), {
  maxLength: 30,
}).map((pieces) => pieces.join(""));
const lengths = fc.array(fc.integer({ min: 1, max: 6 }), { maxLength: 40 });

function* split(input: string, lengths: readonly number[]): Generator<Uint8Array> {
  const bytes = new TextEncoder().encode(input);
  let at = 0;
  for (const length of [...lengths, bytes.length]) {
    if (at < bytes.length) yield bytes.slice(at, at + length);
    at += length;
  }
}

const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

Deno.test("WireEncoder ends every line with CRLF and doubles the dots in front, however a message is split", () => {
  checkProperty(
    fc.property(text, lengths, (input, lengths) => {
      const encoder = new WireEncoder();
      let sent = "";
      for (const bytes of split(input, lengths)) sent += decode(encoder.encode(bytes));
      sent += decode(encoder.finish());
      assertEquals(sent, encoded(input));
    }),
    { numRuns: 2_000 },
  );
});

/** The same, with the whole text at hand. */
function encoded(input: string): string {
  const end = input === "" || input.endsWith("\n") ? "" : input.endsWith("\r") ? "\n" : "\r\n";
  return (input + end).replaceAll(/(?<!\r)\n/g, "\r\n").replaceAll(/(^|\n)\./g, "$1..");
}

Deno.test("wireSizeOf counts what is sent, without the doubled dots", async () => {
  await checkProperty(
    fc.asyncProperty(text, lengths, async (input, lengths) => {
      const size = await wireSizeOf(ReadableStream.from(split(input, lengths)));
      assertEquals(size, input.replaceAll(/(?<!\r)\n/g, "\r\n").length);
    }),
  );
});

Deno.test("TopLines cuts at the same place however a message is split", () => {
  checkProperty(
    fc.property(text, lengths, fc.integer({ min: 0, max: 5 }), (input, lengths, lines) => {
      const top = new TopLines(lines);
      let taken = "";
      for (const bytes of split(input, lengths)) {
        const { length, done } = top.take(bytes);
        taken += decode(bytes.subarray(0, length));
        if (done) break;
      }
      const all = input.match(/[^\n]*\n|[^\n]+/g) ?? [];
      const empty = all.findIndex((line) => line === "\n" || line === "\r\n");
      assertEquals(taken, (empty < 0 ? all : all.slice(0, empty + 1 + lines)).join(""));
    }),
    { numRuns: 2_000 },
  );
});
