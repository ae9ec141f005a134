import { createHash } from "node:crypto";
import pop3 from "../../../plugins/pop3/mod.ts";
import { hashPassword } from "../../../services/auth/password.ts";
import { assert, assertEquals, assertRejects } from "../../assert.ts";
import { ask, askLines, type Options, Pop3Scene } from "./_scene.ts";

Deno.test("pop3 tells what it can, and nothing of passwords without TLS", async () => {
  await using open = await Pop3Scene.start();
  assertEquals(
    await askLines(await open.connect(), "capa"),
    "+OK Capabilities follow\r\nTOP\r\nUIDL\r\nRESP-CODES\r\nAUTH-RESP-CODE\r\nPIPELINING\r\nEXPIRE NEVER\r\n" +
      "USER\r\nSASL SCRAM-SHA-256 PLAIN LOGIN\r\n",
  );
  await using closed = await Pop3Scene.start({ insecureAuth: false, apop: true });
  const client = await closed.connect();
  assert(!/USER|SASL|STLS/.test(await askLines(client, "CAPA")));
  const refused = "-ERR Passwords are taken over TLS alone, send STLS first";
  assertEquals(await ask(client, "USER alice"), refused);
  assertEquals(await ask(client, `AUTH PLAIN ${btoa("\0alice\0secret")}`), refused);
});

Deno.test("pop3 takes AUTH PLAIN with an initial response and without", async () => {
  await using scene = await Pop3Scene.start();
  const plain = btoa("\0alice\0secret");
  const one = await scene.connect();
  assertEquals(await ask(one, `AUTH PLAIN ${plain}`), "+OK 0 messages");
  await ask(one, "QUIT");
  const two = await scene.connect();
  assertEquals(await ask(two, "auth plain"), "+ ");
  assertEquals(await ask(two, "*"), "-ERR Authentication cancelled");
  assertEquals(await ask(two, "AUTH PLAIN"), "+ ");
  assertEquals(await ask(two, "%%%"), "-ERR Response is not what the mechanism asks for");
  assertEquals(await ask(two, "AUTH PLAIN"), "+ ");
  assertEquals(await ask(two, plain), "+OK 0 messages");
});

Deno.test("pop3 answers a wrong password late, and after three closes", async () => {
  await using scene = await Pop3Scene.start({ failedLoginDelay: "2s" });
  const client = await scene.connect();
  const wrong = "-ERR [AUTH] Name or password is wrong";
  for (const line of ["PASS nonsense", "PASS secret ", "PASS "]) {
    await ask(client, "USER alice");
    await client.send(`${line}\r\n`);
    // The comparison is not on this clock.
    while (scene.app.log.records.filter(({ message }) => message === "Login failed").length < 1) await null;
    await scene.app.advance(1_900);
    assertEquals(client.received(), "");
    await scene.app.advance(200);
    assertEquals(await client.receivedUntil("\r\n"), `${wrong}\r\n`);
    scene.app.log.records.length = 0;
  }
  await client.whenClosed;
});

Deno.test("pop3 forgets the name when the password was wrong", async () => {
  await using scene = await Pop3Scene.start({ failedLoginDelay: 0 });
  const client = await scene.connect();
  await ask(client, "USER alice");
  await client.send("PASS x\r\n");
  await scene.app.advance(1);
  await client.receivedUntil("\r\n");
  assertEquals(await ask(client, "PASS secret"), "-ERR Send USER first");
});

Deno.test("pop3 takes APOP where it is offered, each time with another timestamp", async () => {
  await using scene = await Pop3Scene.start({ apop: true, insecureAuth: false, failedLoginDelay: 0 });
  const timestamps = new Set<string>();
  for (const password of ["secret", "Secret"]) {
    const client = await scene.app.connect();
    const [timestamp] = /<[^>]+@mx\.test>/.exec(await client.receivedUntil("\r\n"))!;
    timestamps.add(timestamp);
    const digest = createHash("md5").update(timestamp + password).digest("hex").toUpperCase();
    await client.send(`APOP alice ${digest}\r\n`);
    while (password === "Secret" && scene.app.log.records.length === 0) await null;
    await scene.app.advance(1);
    const reply = await client.receivedUntil("\r\n");
    assertEquals(reply.startsWith("+OK"), password === "secret", reply);
    await client.close();
  }
  assertEquals(timestamps.size, 2);
});

Deno.test("pop3 closes without a word, and removes nothing, when the client is silent", async () => {
  await using scene = await Pop3Scene.start();
  await scene.deliver("a\r\n");
  const [stranger, client] = [await scene.connect(), await scene.login()];
  await ask(client, "DELE 1");
  await scene.app.advance(90_000);
  assertEquals([stranger.closed, client.closed], [true, false]);
  await scene.app.advance(500_000);
  assertEquals(await ask(client, "NOOP"), "+OK");
  await scene.app.advance(550_000);
  assertEquals(client.closed, false);
  await scene.app.advance(250_000);
  assertEquals([client.received(), stranger.received(), client.closed], ["", "", true]);
  assertEquals(scene.files().length, 1);
});

Deno.test("pop3 closes after too many errors, and refuses lines that are too long once each", async () => {
  await using scene = await Pop3Scene.start({ limits: { errors: 4, commandLength: 300 } });
  const client = await scene.connect();
  await client.send(`NOOP ${"x".repeat(100_000)}\r\nXYZZY\r\nUSER \0\r\nLIST x\r\nNOOP\r\n`);
  await client.whenClosed;
  assertEquals(
    client.received(),
    "-ERR Line is too long\r\n-ERR Command not recognized\r\n-ERR Command has control characters, or is not UTF-8\r\n" +
      "-ERR Tell the number of a message\r\n-ERR Too many errors\r\n",
  );
});

Deno.test("pop3 refuses a client that has too many connections, politely", async () => {
  await using scene = await Pop3Scene.start({ limits: { connectionsPerClient: 2 } });
  const [first] = [await scene.connect(), await scene.connect()];
  const third = await scene.app.connect();
  await third.whenClosed;
  assertEquals(third.received(), "-ERR [SYS/TEMP] Too many connections from your address\r\n");
  await first!.close();
  await scene.connect();
});

Deno.test("pop3 says goodbye to its sessions when it stops, and removes nothing", async () => {
  await using scene = await Pop3Scene.start();
  await scene.deliver("a\r\n");
  const client = await scene.login();
  await ask(client, "DELE 1");
  assertEquals(await scene.app.stop(), []);
  await client.whenClosed;
  assertEquals(client.received(), "-ERR [SYS/TEMP] Service is shutting down, try again later\r\n");
  assertEquals(scene.files().length, 1);
});

Deno.test("pop3 says what is wrong with its options", async () => {
  const problemsOf = async (options: Options) => {
    const read = await pop3.options["~standard"].validate(options);
    if (read.issues !== undefined) throw new Error(JSON.stringify(read.issues));
    return pop3.check!(read.value).map(({ path, message }) => `${path?.join(".")}: ${message}`);
  };
  const users = [{ name: "alice", password: "secret" }];
  assertEquals(await problemsOf({ users, insecureAuth: true }), []);
  assertEquals(await problemsOf({ users, timeouts: { idle: "9m" } }), [
    "tls: nobody could log in: give tls for STLS, listen on tls:..., or set insecureAuth: true",
    "timeouts.idle: must be 10m at least (RFC 1939, section 3)",
  ]);
  const hashed = { name: "bob", password: await hashPassword("x") };
  assertEquals(await problemsOf({ users: [...users, hashed], apop: true }), [
    "users.1.password: must stand in the open for APOP",
  ]);
  await assertRejects(() => Pop3Scene.start({ users: [] }), Error, "users");
  await assertRejects(
    () => Pop3Scene.start({ tls: { certificate: "nowhere.pem", privateKey: "nowhere.key" } }),
    Error,
    'Cannot offer STLS: certificate "nowhere.pem"',
  );
});
