import fc from "fast-check";
import { MessageDecoder, type MessageRules } from "../../../plugins/smtp/message/message_decoder.ts";
import { assert, assertEquals } from "../../assert.ts";
import { checkProperty } from "../../property.ts";
import { bytesOf, latin1, outcomeOf } from "./_scene.ts";

/** Pieces of sessions: what makes sense, and what nearly does. */
const piece = fc.oneof(
  {
    arbitrary: fc.constantFrom(
      "EHLO c\r\n",
      "MAIL FROM:<a@b>\r\n",
      "RCPT TO:<alice@here.test>\r\n",
      "DATA\r\n",
    ),
    weight: 6,
  },
  {
    arbitrary: fc.constantFrom(
      "\r\n.\r\n",
      ".\r\n",
      "..\r\n",
      "\n.\r\n",
      "\r\n.\n",
      "\r.\r\n",
      "\r\n.\r\r\n",
    ),
    weight: 4,
  },
  {
    arbitrary: fc.constantFrom("BDAT 3\r\n", "BDAT 5 LAST\r\n", "BDAT 0 LAST\r\n", "BDAT 1e9\r\n"),
    weight: 3,
  },
  {
    arbitrary: fc.constantFrom(
      "RSET\r\n",
      "NOOP\r\n",
      "HELO c\r\n",
      "VRFY x\r\n",
      "AUTH PLAIN\r\n",
      "AUTH LOGIN =\r\n",
      "*\r\n",
    ),
    weight: 2,
  },
  {
    arbitrary: fc.constantFrom(
      "RCPT TO:<nobody@here.test>\r\n",
      "RCPT TO:<x@far.test>\r\n",
      "MAIL FROM:<> SIZE=9999\r\n",
    ),
    weight: 2,
  },
  {
    arbitrary: fc.constantFrom(
      "Received: x\r\n",
      "text",
      "\r",
      "\n",
      "\0",
      ".",
      " ",
      "\xff",
      "x".repeat(700),
    ),
    weight: 3,
  },
  { arbitrary: fc.uint8Array({ maxLength: 12 }).map(latin1), weight: 1 },
);

const session = fc.array(piece, { maxLength: 25 }).map((pieces) => `EHLO c\r\n${pieces.join("")}`);
const options = fc.record({
  bareNewline: fc.constantFrom("reject" as const, "normalize" as const),
  insecureAuth: fc.constant(true),
  limits: fc.constant({ messageSize: 3000, received: 3, errors: 8, commandLength: 510 }),
});

const runs = Number(Deno.env.get("HEDDLE_FUZZ_RUNS") ?? 150);

Deno.test("smtp makes the same of a session however it is split, and never falls over", async () => {
  await checkProperty(
    fc.asyncProperty(
      options,
      session,
      fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 60 }),
      async (options, input, lengths) => {
        const whole = await outcomeOf(options, input);
        assertEquals(await outcomeOf(options, input, ...lengths), whole);
        for (const message of whole.stored) {
          assert(
            !/(^|[^\r])\n|\r(?!\n)/.test(message),
            "CR or LF stands alone",
          );
        }
      },
    ),
    { numRuns: runs },
  );
});

// The decoder against the rules of RFC 5321 said in the plainest way.

const rules: MessageRules = { maxSize: 400, maxLineLength: 20, maxReceived: 2, bareNewline: "reject" };
const text = fc.array(
  fc.oneof(
    fc.constantFrom(
      "\r\n",
      "\r\n.",
      ".",
      "\r",
      "\n",
      "..",
      "\r\n.\r\n",
      "Received:",
      "received: x\r\n",
      "\r\n\r\n",
      "\0",
    ),
    fc.string({ maxLength: 25 }),
  ),
  { maxLength: 30 },
).map((parts) => parts.join("").replaceAll(/[^\0-\xff]/g, "?"));

/** What the decoder makes of a message in pieces. */
function decode(input: string, lengths: readonly number[], rules: MessageRules) {
  let written = "";
  const decoder = new MessageDecoder(rules, true, (bytes) => void (written += latin1(bytes)));
  let at = 0;
  for (let turn = 0; at < input.length; turn++) {
    const length = lengths.length === 0 ? input.length : lengths[turn % lengths.length]!;
    const end = decoder.push(bytesOf(input.slice(at, at + length)));
    if (end >= 0) {
      return { end: at + end, fault: decoder.fault, written: decoder.fault === null ? written : "" };
    }
    at += length;
  }
  return { end: -1, fault: decoder.fault, written: decoder.fault === null ? written : "" };
}

/** The same, with the whole text at hand. */
function expected(input: string) {
  const at = `\r\n${input}`.indexOf("\r\n.\r\n");
  const body = at === 0 ? "" : input.slice(0, at);
  return {
    end: at + 3,
    body,
    bare: /(^|[^\r])\n|\r(?!\n)/.test(body),
    content: body.replaceAll(/(^|\r\n)\./g, "$1"),
  };
}

Deno.test("MessageDecoder finds the end where RFC 5321 has it, and takes out the dots", () => {
  const lengths = fc.array(fc.integer({ min: 1, max: 12 }), { maxLength: 8 });
  const generous = { ...rules, maxSize: 1e9, maxLineLength: 1e9, maxReceived: 1e9 };
  checkProperty(
    fc.property(text, lengths, (start, lengths) => {
      const input = `${start}\r\n.\r\nMAIL`;
      const { end, bare, content } = expected(input);
      const got = decode(input, lengths, generous);
      assertEquals(got, { end, fault: bare ? "bareNewline" : null, written: bare ? "" : content });
      const normalized = decode(input, lengths, { ...generous, bareNewline: "normalize" });
      assertEquals(normalized.end, end);
      assertEquals(normalized.written, content.replaceAll(/\r\n|\r|\n/g, "\r\n"));
    }),
    { numRuns: 10 * runs },
  );
});

Deno.test("MessageDecoder finds the same fault however a message is split", () => {
  const lengths = fc.array(fc.integer({ min: 1, max: 12 }), { maxLength: 8 });
  checkProperty(
    fc.property(text, lengths, (start, lengths) => {
      const input = `${start}\r\n.\r\n`;
      assertEquals(decode(input, lengths, rules), decode(input, [], rules));
    }),
    { numRuns: 10 * runs },
  );
});
