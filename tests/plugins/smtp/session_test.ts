import smtp from "../../../plugins/smtp/mod.ts";
import { memoryMail } from "../../../services/mail/memory_mail.ts";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "../../assert.ts";
import { latin1, repliesTo, startSmtp, stored } from "./_scene.ts";

const begin = "EHLO c\r\nMAIL FROM:<a@b>\r\nRCPT TO:<alice@here.test>\r\nDATA\r\n";

Deno.test("smtp says goodbye to a client that says nothing", async () => {
  await using app = await startSmtp({ timeouts: { command: "40s" } });
  const client = await app.connect();
  assertEquals(repliesTo(client), ["220"]);
  await app.advance(35_000);
  await client.send("NOOP\r\n");
  await app.advance(35_000);
  assertEquals([repliesTo(client), client.closed], [["250 2.0.0"], false]);
  await app.advance(30_000);
  assertEquals([repliesTo(client), client.closed], [["421 4.4.2"], true]);
});

Deno.test("smtp does not take single octets for a command's progress", async () => {
  await using app = await startSmtp({ timeouts: { command: "40s" } });
  const client = await app.connect();
  for (let i = 0; i < 6; i++) {
    await client.send("x");
    await app.advance(10_000);
  }
  assertEquals([repliesTo(client), client.closed], [["220", "421 4.4.2"], true]);
});

Deno.test("smtp has another patience for a message, and delivers nothing of half of one", async () => {
  await using app = await startSmtp({ timeouts: { command: "10s", data: "40s" } });
  const client = await app.connect();
  await client.send(begin);
  for (let i = 0; i < 5; i++) {
    await client.send("x");
    await app.advance(30_000);
  }
  assertEquals(client.closed, false);
  await app.advance(60_000);
  assertEquals(repliesTo(client).at(-1), "421 4.4.2");
  assertEquals([client.closed, stored(app)], [true, []]);
});

Deno.test("smtp delivers nothing when the client goes away during the message", async () => {
  await using app = await startSmtp();
  for (const leave of ["close", "abort"]) {
    const client = await app.connect();
    await client.send(`${begin}half a mess\r\n`);
    if (leave === "close") await client.close();
    else client.transport.abortConnection();
    await app.reactor.settle();
  }
  assertEquals(stored(app), []);
});

Deno.test("smtp answers a client that sends all at once and no more", async () => {
  await using app = await startSmtp();
  const client = await app.connect();
  client.transport.write(new TextEncoder().encode(`${begin}hi\r\n.\r\nQUIT\r\n`));
  client.transport.loseWriteConnection();
  await app.reactor.settle();
  assertEquals(repliesTo(client).slice(-2), ["250 2.0.0", "221 2.0.0"]);
  assertEquals([stored(app), client.closed], [["hi\r\n"], true]);
});

Deno.test("smtp greets later when it is told to, and refuses who cannot wait", async () => {
  await using app = await startSmtp({ greetingDelay: "2s" });
  const [polite, hasty, gone] = [await app.connect(), await app.connect(), await app.connect()];
  await gone.close();
  await hasty.send("EHLO c\r\n");
  assertEquals([repliesTo(polite), repliesTo(hasty), hasty.closed], [[], ["554 5.5.1"], true]);
  await app.advance(2_000);
  await polite.send("EHLO c\r\n");
  assertEquals(repliesTo(polite), ["220", "250"]);
});

Deno.test("smtp refuses a client that has too many connections, politely", async () => {
  await using app = await startSmtp({ limits: { connectionsPerClient: 2 } });
  const clients = [await app.connect(), await app.connect(), await app.connect()];
  assertEquals(clients.map(repliesTo), [["220"], ["220"], ["421 4.7.0"]]);
  assertEquals(clients.map(({ closed }) => closed), [false, false, true]);
  await clients[0]!.close();
  assertEquals(repliesTo(await app.connect()), ["220"]);
});

Deno.test("smtp lets a transaction come to its end when it stops, and says goodbye to the others", async () => {
  await using app = await startSmtp();
  const [idle, sending] = [await app.connect(), await app.connect()];
  await sending.send(`${begin}half`);
  const stopped = app.stop();
  await app.reactor.settle();
  assertEquals([repliesTo(idle).at(-1), idle.closed, sending.closed], ["421 4.3.2", true, false]);
  await sending.send("\r\n.\r\n");
  assertEquals(repliesTo(sending).slice(-2), ["250 2.0.0", "421 4.3.2"]);
  assertEquals([await stopped, sending.closed, stored(app)], [[], true, ["half\r\n"]]);
});

Deno.test("smtp writes in front of a message who sent it, and how", async () => {
  await using app = await startSmtp({ insecureAuth: true });
  const client = await app.connect();
  const login = `AUTH PLAIN ${btoa("\0alice\0secret")}\r\n`;
  await client.send(
    `EHLO (evil)\r\n${login}MAIL FROM:<"a b"@c>\r\nRCPT TO:<alice@here.test>\r\nDATA\r\n.\r\n` +
      "HELO c\r\nMAIL FROM:<>\r\nRCPT TO:<alice@here.test>\r\nRCPT TO:<bob@here.test>\r\nDATA\r\n.\r\n",
  );
  const [one, two] = app.get(memoryMail).messages.map(({ bytes }) => latin1(bytes));
  assert(
    /^Return-Path: <"a b"@c>\r\nReceived: from \?evil\? \(\[127\.0\.0\.1\]\)\r\n\tby mx\.test with ESMTPA id \w+\r\n\tfor <alice@here\.test>;\r\n\t\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d \+0000\r\n$/
      .test(one!),
    one,
  );
  assert(
    /^Return-Path: <>\r\nReceived: from c \(\[127\.0\.0\.1\]\)\r\n\tby mx\.test with SMTP id \w+;/.test(two!),
    two,
  );
  const [first, second] = app.get(memoryMail).messages;
  assertEquals([first!.sender, second!.sender], ['"a b"@c', ""]);
  assertEquals(second!.recipients, ["alice@here.test", "bob@here.test"]);
});

Deno.test("smtp believes a trusted proxy who the client is", async () => {
  await using app = await startSmtp({ xclient: ["127.0.0.0/8"] });
  const client = await app.connect();
  await client.send("EHLO proxy\r\n");
  assertStringIncludes(client.received(), "250 XCLIENT NAME ADDR PORT PROTO HELO LOGIN\r\n");
  await client.send(
    "XCLIENT NAME=spike.test ADDR=IPV6:2001:db8::1 HELO=[UNAVAILABLE] LOGIN=alice\r\n" +
      "MAIL FROM:<a@b>\r\nEHLO spike\r\nMAIL FROM:<a@b>\r\nRCPT TO:<alice@here.test>\r\nDATA\r\n.\r\n" +
      "XCLIENT ADDR=nonsense\r\nXCLIENT FOO=1\r\nXCLIENT\r\n",
  );
  assertEquals(repliesTo(client), [
    ...["220", "503 5.5.1", "250", "250 2.1.0", "250 2.1.5", "354", "250 2.0.0"],
    ...["501 5.5.4", "501 5.5.4", "501 5.5.4"],
  ]);
  const text = latin1(app.get(memoryMail).messages[0]!.bytes);
  assertStringIncludes(text, "from spike (spike.test [IPv6:2001:db8::1])\r\n\tby mx.test with ESMTPA id");
});

Deno.test("smtp logs who has failed to log in, and no password", async () => {
  await using app = await startSmtp({ insecureAuth: true });
  const client = await app.connect();
  await client.send(`EHLO c\r\nAUTH PLAIN ${btoa("\0alice\0wrong")}\r\nAUTH PLAIN\r\n*\r\n`);
  const failed = app.log.records.filter(({ message }) => message === "Login failed");
  assertEquals(failed.map(({ level, fields }) => [level, fields]), [["warn", { client: "127.0.0.1" }]]);
});

Deno.test("smtp has time to read a long queue when it starts, and no longer than others without one", async () => {
  assertEquals(smtp.unitDefaults!(await read({})), {});
  assertEquals(smtp.unitDefaults!(await read({ relay: {} })), { startTimeout: 600_000 });
});

Deno.test("smtp says what is wrong with its options", async () => {
  const problems = smtp.check!(
    await read({
      users: [{ name: "a", password: "x" }, { name: "A", password: "$2b$x" }],
      aliases: { b: "nowhere" },
      requireTls: true,
    }),
  );
  assertEquals(problems.map(({ path, message }) => `${path?.join(".")}: ${message}`), [
    "users.1.name: there is a user of that name",
    'users.1.password: Cannot read password: its hash is of kind "2b", use scrypt or pbkdf2-sha256',
    "requireTls: needs tls, or endpoints tls:... alone",
    'aliases.b.0: no user or alias is named "nowhere"',
  ]);
  await assertRejects(
    () => startSmtp({ domains: ["not a domain"] }),
    Error,
    'Must be a domain, as in "example.org", or "*" for all, not "not a domain"',
  );
  await assertRejects(
    () => startSmtp({ xclient: ["10.0.0.1/8"] }),
    Error,
    'Cannot parse address block "10.0.0.1/8"',
  );
  await assertRejects(() => startSmtp({ limits: { lineLength: 10 } }), Error, "lineLength");
});

async function read(options: object) {
  const result = await smtp.options["~standard"].validate(options);
  if (result.issues !== undefined) throw new Error(JSON.stringify(result.issues));
  return result.value;
}
