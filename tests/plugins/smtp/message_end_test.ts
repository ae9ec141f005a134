import { assert, assertEquals } from "../../assert.ts";
import { checkedOutcome, type Options } from "./_scene.ts";

const begin = "EHLO c\r\nMAIL FROM:<a@b.test>\r\nRCPT TO:<alice@here.test>\r\nDATA\r\n";
const begun = ["220", "250", "250 2.1.0", "250 2.1.5", "354"];
const taken = "250 2.0.0";

/** What looks like the end of a message, and is not. */
const false_ends: Record<string, string> = {
  "<LF>.<CRLF>": "a\n.\r\n",
  "<CRLF>.<LF>": "a\r\n.\n",
  "<LF>.<LF>": "a\n.\n",
  "<CR>.<CR>": "a\r.\r",
  "<CRLF>.<CR>": "a\r\n.\r",
  "<CR>.<CRLF>": "a\r.\r\n",
  "<CRLF><NUL>.<CRLF>": "a\r\n\0.\r\n",
  "<CRLF>.<CR><CR><LF>": "a\r\n.\r\r\n",
  "<CRLF>.<NUL><CRLF>": "a\r\n.\0\r\n",
  "<CRLF> .<CRLF>": "a\r\n .\r\n",
  "<LF>.<CR><LF> at the start": "\n.\r\n",
  "<CR><LF><CR>.<CR><LF>": "a\r\n\r.\r\n",
};

const smuggled = "MAIL FROM:<evil@b.test>\r\nRCPT TO:<bob@here.test>\r\nDATA\r\nsmuggled\r\n.\r\n";

for (const [name, text] of Object.entries(false_ends)) {
  for (const bareNewline of ["reject", "normalize"] satisfies Options["bareNewline"][]) {
    Deno.test(`smtp does not take ${name} for the end of a message (${bareNewline})`, async () => {
      const outcome = await checkedOutcome({ bareNewline }, `${begin}${text}${smuggled}QUIT\r\n`);
      const harmless = text.includes("\0") || text.includes(" .");
      const refused = bareNewline === "reject" && !harmless;
      assertEquals(outcome.replies, [...begun, refused ? "554 5.6.0" : taken, "221 2.0.0"]);
      assertEquals(outcome.stored.length, refused ? 0 : 1);
      for (const message of outcome.stored) {
        assert(message.endsWith("smuggled\r\n"), message);
        assert(!/(^|[^\r])\n|\r(?!\n)/.test(message), "CR or LF stands alone");
      }
    });
  }
}

Deno.test("smtp takes one message, however its end is split", async () => {
  const outcome = await checkedOutcome({}, `${begin}Subject: x\r\n\r\nhello\r\n.\r\n`);
  assertEquals(outcome, {
    replies: [...begun, taken],
    stored: ["Subject: x\r\n\r\nhello\r\n"],
    closed: false,
  });
});

Deno.test("smtp takes out the dots that were put in", async () => {
  const outcome = await checkedOutcome({}, `${begin}..x\r\n...\r\na..\r\n..\r\n.y\r\n.\r\n`);
  assertEquals(outcome.stored, [".x\r\n..\r\na..\r\n.\r\ny\r\n"]);
});

Deno.test("smtp takes an empty message", async () => {
  const outcome = await checkedOutcome({}, `${begin}.\r\n`);
  assertEquals(outcome, { replies: [...begun, taken], stored: [""], closed: false });
});

Deno.test("smtp normalizes CR and LF that stand alone when it is told to", async () => {
  const outcome = await checkedOutcome({ bareNewline: "normalize" }, `${begin}a\nb\rc\r\r\nd\n\n\r\n.\r\n`);
  assertEquals(outcome.stored, ["a\r\nb\r\nc\r\n\r\nd\r\n\r\n\r\n"]);
});

Deno.test("smtp takes a line of 998 octets", async () => {
  const line = "x".repeat(998);
  const outcome = await checkedOutcome({}, `${begin}${line}\r\n.${line}\r\n.\r\n`);
  assertEquals(outcome.stored, [`${line}\r\n${line}\r\n`]);
});

for (const [what, line] of [["longer by one", "x".repeat(999)], ["without end", "x".repeat(5000)]] as const) {
  Deno.test(`smtp refuses a line that is ${what} once, after the end`, async () => {
    const next = `MAIL FROM:<a@b.test>\r\nRCPT TO:<alice@here.test>\r\nDATA\r\nnext\r\n.\r\n`;
    const outcome = await checkedOutcome({}, `${begin}${line}\r\n.\r\n${next}`);
    assertEquals(outcome.replies, [...begun, "554 5.6.0", ...begun.slice(2), taken]);
    assertEquals(outcome.stored, ["next\r\n"]);
  });
}

Deno.test("smtp refuses a message that goes in circles", async () => {
  const limits = { received: 3 };
  const fields = "received: from x\r\n by y\r\n";
  const body = "\r\nReceived: is no field here\r\n.\r\n";
  const few = await checkedOutcome({ limits }, `${begin}${fields.repeat(3)}Receive: x\r\n${body}`);
  assertEquals(few.replies.at(-1), taken);
  const many = await checkedOutcome({ limits }, `${begin}${fields.repeat(2)}RECEIVED: x\r\n${fields}${body}`);
  assertEquals(many.replies.at(-1), "554 5.4.6");
  assertEquals(many.stored, []);
});

Deno.test("smtp refuses a message that is larger than it may be, and goes on", async () => {
  const limits = { messageSize: 100 };
  const outcome = await checkedOutcome({ limits }, `${begin}${"1234567890\r\n".repeat(9)}.\r\nNOOP\r\n`);
  assertEquals(outcome, { replies: [...begun, "552 5.3.4", "250 2.0.0"], stored: [], closed: false });
  const fits = await checkedOutcome({ limits }, `${begin}${"..3456789\r\n".repeat(10)}.\r\n`);
  assertEquals(fits.replies.at(-1), taken);
});
