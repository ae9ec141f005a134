import { memoryMail } from "../../../services/mail/memory_mail.ts";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "../../assert.ts";
import { outcomeOf, repliesTo, startSmtp, stored } from "./_scene.ts";

const hooks = "tests/plugins/smtp/fixtures/hooks.ts";
const send = (to: string, body = "hi") => `MAIL FROM:<a@b>\r\nRCPT TO:<${to}>\r\nDATA\r\n${body}\r\n.\r\n`;
const accepted = ["250 2.1.0", "250 2.1.5", "354"];

Deno.test("hooks judge senders, and one that throws defers", async () => {
  const names = ["reject", "defer", "throw", "nonsense", "fine"];
  const outcome = await outcomeOf(
    { hooks },
    `EHLO c\r\n${names.map((name) => `MAIL FROM:<${name}@b>\r\n`).join("")}`,
  );
  assertEquals(outcome.replies.slice(2), ["553 5.7.2", "451 4.7.1", "451 4.3.0", "451 4.3.0", "250 2.1.0"]);
});

Deno.test("hooks cannot say more than one line", async () => {
  await using app = await startSmtp({ hooks });
  const client = await app.connect();
  await client.send("EHLO c\r\n");
  client.received();
  await client.send("MAIL FROM:<defer@b>\r\n");
  assertEquals(client.received(), "451 4.7.1 Later 250 OK\r\n");
});

Deno.test("hooks judge recipients, before the server's own rules", async () => {
  await using app = await startSmtp({ hooks });
  const client = await app.connect();
  const names = [
    "tickets@anywhere.test",
    "unwanted@here.test",
    "throw@here.test",
    "alice@here.test",
    "x@far.test",
  ];
  await client.send(`EHLO c\r\nMAIL FROM:<a@b>\r\n${names.map((name) => `RCPT TO:<${name}>\r\n`).join("")}`);
  assertEquals(repliesTo(client).slice(3), ["250 2.1.5", "550 5.7.1", "451 4.3.0", "250 2.1.5", "550 5.7.1"]);
  await client.send("DATA\r\nhi\r\n.\r\n");
  assertEquals(app.get(memoryMail).messages[0]?.mailboxes, ["support", "alice"]);
});

Deno.test("hooks judge messages: pass, reject, throw", async () => {
  const inputs = [
    send("alice@here.test"),
    send("alice@here.test", "lottery"),
    send("alice@here.test", "explode"),
  ];
  const outcome = await outcomeOf({ hooks }, `EHLO c\r\n${inputs.join("")}NOOP\r\n`);
  assertEquals(outcome.replies.slice(2), [
    ...[...accepted, "250 2.0.0"],
    ...[...accepted, "550 5.7.1"],
    ...[...accepted, "451 4.3.0"],
    "250 2.0.0",
  ]);
  assertEquals(outcome.stored, ["hi\r\n"]);
});

Deno.test("hooks may take a message themselves, and may leave it unread", async () => {
  await using app = await startSmtp({ hooks });
  const client = await app.connect();
  await client.send(
    `EHLO c\r\n${send("hook-only@far.test")}${
      send("bob@here.test", "x".repeat(900) + "\r\n".repeat(300_000))
    }`,
  );
  assertEquals(repliesTo(client).filter((code) => code === "250 2.0.0").length, 2);
  assertEquals(stored(app).length, 1);
});

Deno.test("hooks see a large message as it comes, without all of it in memory", async () => {
  await using app = await startSmtp({ hooks });
  const client = await app.connect();
  await client.send("EHLO c\r\nMAIL FROM:<a@b>\r\nRCPT TO:<alice@here.test>\r\nDATA\r\n");
  const body = `${"y".repeat(98)}\r\n`.repeat(20_000);
  await client.send(body);
  await client.send(".\r\n");
  await client.receivedUntil("250 2.0.0");
  assertEquals(stored(app)[0]?.length, body.length);
});

Deno.test("hooks are told when the sender goes away", async () => {
  const path = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    await Deno.writeTextFile(
      path,
      `export const seen = [];
       export default { async onMessage({ content }) {
         try { await new Response(content).text(); } catch (error) { seen.push(error.message); }
       } };`,
    );
    await using app = await startSmtp({ hooks: path });
    const client = await app.connect();
    await client.send("EHLO c\r\nMAIL FROM:<a@b>\r\nRCPT TO:<alice@here.test>\r\nDATA\r\nhalf a mess");
    client.transport.abortConnection();
    await app.reactor.settle();
    const { seen } = await import(`file://${path}`);
    assertEquals(seen, ["The message did not come to its end"]);
    assertEquals(stored(app), []);
  } finally {
    await Deno.remove(path);
  }
});

Deno.test("hooks may refuse a connection", async () => {
  const path = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    await Deno.writeTextFile(path, `export default { onConnect: () => ({ reject: "Go away", code: 554 }) };`);
    const outcome = await outcomeOf({ hooks: path }, "EHLO c\r\n");
    assertEquals(outcome, { replies: ["554 5.7.1"], stored: [], closed: true });
  } finally {
    await Deno.remove(path);
  }
});

Deno.test("hooks that cannot be used fail the start, and say why", async () => {
  const error = await assertRejects(() => startSmtp({ hooks: "tests/none.ts" }), Error);
  assertStringIncludes(error.message, 'Cannot load hooks "tests/none.ts"');
  const path = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    await Deno.writeTextFile(path, "export default { onMale: () => {} };");
    const error = await assertRejects(() => startSmtp({ hooks: path }), Error);
    assert(error.message.includes('unknown hook "onMale", known are onConnect'), error.message);
  } finally {
    await Deno.remove(path);
  }
});
