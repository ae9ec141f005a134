import fc from "fast-check";
import { assertEquals } from "../../assert.ts";
import { checkProperty } from "../../property.ts";
import { Pop3Scene } from "./_scene.ts";

const runs = Number(Deno.env.get("HEDDLE_FUZZ_RUNS") ?? 60);

/** Pieces of sessions: what makes sense, and what nearly does. */
const piece = fc.oneof(
  {
    arbitrary: fc.constantFrom("USER alice\r\n", "PASS secret\r\n", "USER alice\r\nPASS secret\r\n"),
    weight: 4,
  },
  { arbitrary: fc.constantFrom("STAT\r\n", "LIST\r\n", "UIDL\r\n", "LIST 2\r\n", "UIDL 9\r\n"), weight: 3 },
  {
    arbitrary: fc.constantFrom("RETR 1\r\n", "RETR 2\r\n", "TOP 2 1\r\n", "TOP 1 99999\r\n", "RETR 0\r\n"),
    weight: 3,
  },
  { arbitrary: fc.constantFrom("DELE 1\r\n", "DELE 2\r\n", "RSET\r\n", "NOOP\r\n", "CAPA\r\n"), weight: 3 },
  {
    arbitrary: fc.constantFrom(
      "AUTH PLAIN\r\n",
      `AUTH PLAIN ${btoa("\0alice\0secret")}\r\n`,
      `${btoa("\0alice\0secret")}\r\n`,
      "AUTH LOGIN =\r\n",
      "AUTH SCRAM-SHA-256 biws\r\n",
      "*\r\n",
      "STLS\r\n",
    ),
    weight: 2,
  },
  {
    arbitrary: fc.constantFrom(
      "\r\n",
      "\n",
      "\r",
      "\0",
      " ",
      ".",
      "\xff",
      "LIST 99999999999\r\n",
      "x".repeat(600),
    ),
    weight: 3,
  },
  { arbitrary: fc.uint8Array({ maxLength: 12 }).map((bytes) => String.fromCharCode(...bytes)), weight: 1 },
);
const session = fc.array(piece, { maxLength: 20 }).map((pieces) => pieces.join(""));
const lengths = fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 40 });

/** What a server says to `input` in pieces of these lengths, and which messages are left. */
async function outcomeOf(input: string, lengths: readonly number[]) {
  await using scene = await Pop3Scene.start({
    limits: { errors: 12, commandLength: 300 },
    failedLoginDelay: 0,
  });
  const entries = await scene.deliver("a: b\r\n\r\n.x\r\n", "c: d\n\ne\n");
  const client = await scene.connect();
  const bytes = Uint8Array.from(input, (character) => character.charCodeAt(0));
  let at = 0;
  for (const length of [...lengths, bytes.length]) {
    if (at < bytes.length) client.transport.write(bytes.slice(at, at + length));
    at += length;
    await scene.app.advance(1);
  }
  // Whatever came before, this ends it: as a command, or as the end of a login and then a command.
  client.transport.write(new TextEncoder().encode("\r\n*\r\nQUIT\r\n"));
  let over = false;
  void client.whenClosed.then(() => over = true);
  while (!over) {
    await new Promise((resolve) => setImmediate(resolve));
    await scene.app.advance(1);
  }
  const faults = scene.app.log.records.filter(({ level }) => level === "error");
  assertEquals(faults, []);
  const said = entries.reduce(
    (text, { unique }, at) => text.replaceAll(unique, `uid${at}`),
    client.received(),
  );
  // A server's nonce is another each time.
  return { said: said.replaceAll(/^\+ \S{20,}\r$/gm, "+ ...\r"), left: scene.files().length };
}

Deno.test("pop3 makes the same of a session however it is split, and never falls over", async () => {
  await checkProperty(
    fc.asyncProperty(session, lengths, async (input, lengths) => {
      assertEquals(await outcomeOf(input, lengths), await outcomeOf(input, []));
    }),
    { numRuns: runs },
  );
});
