import fc from "fast-check";
import { NotSmtpError, ReplyReader, type ServerReply } from "../../../../plugins/smtp/client/server_reply.ts";
import { ByteQueue } from "../../../../services/protocol/byte_queue.ts";
import { assert, assertEquals, assertStringIncludes, assertThrows } from "../../../assert.ts";
import { checkProperty } from "../../../property.ts";
import { FakeServer, RelayScene } from "./_scene.ts";

/** All that a reader makes of what comes in such pieces. */
function read(pieces: readonly string[]): ServerReply[] | "nonsense" {
  const [queue, reader] = [new ByteQueue(), new ReplyReader()];
  const replies: ServerReply[] = [];
  try {
    for (const piece of pieces) {
      queue.push(new TextEncoder().encode(piece));
      for (let reply = reader.next(queue); reply !== null; reply = reader.next(queue)) replies.push(reply);
    }
  } catch (error) {
    assert(error instanceof NotSmtpError);
    return "nonsense";
  }
  return replies;
}

Deno.test("ReplyReader reads replies of several lines, with enhanced codes or without", () => {
  assertEquals(read(["250-mx.test\r\n250-SIZE 10\r\n250 DSN\r\n550 5.1.1 no\r\n354\r\n"]), [
    { code: 250, enhanced: null, lines: ["mx.test", "SIZE 10", "DSN"] },
    { code: 550, enhanced: "5.1.1", lines: ["5.1.1 no"] },
    { code: 354, enhanced: null, lines: [""] },
  ]);
});

Deno.test("ReplyReader reads the same, however it is split", () => {
  const line = fc.oneof(
    fc.constantFrom(
      "250 ok\r\n",
      "250-a\r\n",
      "550 5.1.1 x\n",
      "354\r\n",
      "99 x\r\n",
      "\r\n",
      "HTTP/1.1 200 OK\r\n",
    ),
    fc.string({ maxLength: 8 }),
  );
  checkProperty(fc.property(fc.array(line, { maxLength: 6 }), fc.nat(), (lines, at) => {
    const text = lines.join("");
    const cut = text.length === 0 ? 0 : at % text.length;
    assertEquals(
      read([text.slice(0, cut), text.slice(cut)].filter((piece) => piece !== "")),
      read(text === "" ? [] : [text]),
    );
  }));
});

Deno.test("ReplyReader takes no reply without end", () => {
  for (const text of ["2".repeat(5000), "250-x\r\n".repeat(300)]) {
    const queue = new ByteQueue();
    queue.push(new TextEncoder().encode(text));
    assertThrows(() => new ReplyReader().next(queue), NotSmtpError, "The server's reply has no end");
  }
});

Deno.test("relay keeps a message whatever a server answers, and delivers it to a better one", async () => {
  await using scene = new RelayScene();
  await scene.start();
  const { next } = scene;
  const odd = [
    "",
    "hello",
    "\u0000",
    "999 x",
    "220",
    "250-never",
    "421 go away",
    "354 what",
    "x".repeat(6000),
    "250 a\r\n250 b\r\n250 c",
  ];
  let tried = 0;
  for (const place of ["", "EHLO", "MAIL", "RCPT", "DATA", "."]) {
    for (const answer of odd) {
      // Some answers are as good as the usual one there.
      const fine = answer === "220" && ["", "RCPT", "."].includes(place) ||
        answer.startsWith("250 a") && !["", "DATA"].includes(place) ||
        answer === "354 what" && place === "DATA";
      if (fine) continue;
      next.manners = {
        answer: (line) => (place === "" ? line === "" : line.startsWith(place)) ? answer : undefined,
      };
      if (tried++ === 0) assertEquals(await scene.send(), "250");
      else await scene.queue.retry();
      while ((await scene.queue.list()).some(({ nextAttempt }) => nextAttempt === null)) {
        await scene.app.advance(600_000);
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
      const waiting = await scene.queue.list();
      assertEquals(waiting.length, 1, `after ${JSON.stringify(answer)} to ${place}`);
    }
  }
  next.manners = {};
  next.taken.length = 0;
  await scene.queue.retry();
  assertEquals((await next.took(1))[0]!.to, ["jane@there.test"]);
});

for (const more of ["250-AUTH PLAIN", "250-AUTH PLAIN\r\n25"]) {
  Deno.test(`relay does not take ${JSON.stringify(more)} in the clear for the first words over TLS`, async () => {
    const answer = (line: string) => line === "STARTTLS" ? `220 go\r\n${more}` : undefined;
    const next = new FakeServer({ extensions: ["STARTTLS"], answer });
    await using scene = new RelayScene({ relay: { queue: "", tls: "required" } }, next);
    await scene.start();
    assertEquals(await scene.send(), "250");
    const isPutOff = ({ message }: { message: string }) => message === "Delivery put off";
    while (!scene.app.log.records.some(isPutOff)) await new Promise((resolve) => setTimeout(resolve, 1));
    const { fields } = scene.app.log.records.find(isPutOff)!;
    assertStringIncludes(String(fields?.answer), "STARTTLS is answered with more than a reply");
    assertEquals(next.taken, []);
  });
}
