import { assert, assertEquals, assertStringIncludes } from "../../assert.ts";
import { ask, askLines, Pop3Scene } from "./_scene.ts";

const message = (text: string) => `Subject: ${text}\r\n\r\n${text}\r\n`;

Deno.test("pop3 lists messages in the order of their arrival, with sizes and unique names", async () => {
  await using scene = await Pop3Scene.start();
  const entries = await scene.deliver(message("one"), message("three"), "bare\nlines\n");
  const client = await scene.login();
  assertEquals(await ask(client, "STAT"), "+OK 3 59");
  assertEquals(
    await askLines(client, "LIST"),
    "+OK Listing follows\r\n1 21\r\n2 25\r\n3 13\r\n",
  );
  const uids = entries.map(({ unique }, at) => `${at + 1} ${unique}\r\n`).join("");
  assertEquals(await askLines(client, "UIDL"), `+OK Listing follows\r\n${uids}`);
  assertEquals(await ask(client, "LIST 4"), "-ERR There is no such message");
  assertEquals(await ask(client, "LIST 0"), "-ERR There is no such message");
});

Deno.test("pop3 sends a message with CRLF and doubled dots, whatever it was stored with", async () => {
  await using scene = await Pop3Scene.start();
  await scene.deliver("a: b\r\n\r\n.x\r\n..\r\ny\r\n", ".bare\n.\nno end");
  const client = await scene.login();
  assertEquals(await askLines(client, "RETR 1"), "+OK 19 octets\r\na: b\r\n\r\n..x\r\n...\r\ny\r\n");
  assertEquals(await askLines(client, "RETR 2"), "+OK 16 octets\r\n..bare\r\n..\r\nno end\r\n");
});

Deno.test("pop3 sends the top of a message", async () => {
  await using scene = await Pop3Scene.start();
  await scene.deliver("a: b\r\n\r\n1\r\n2\r\n3\r\n");
  const client = await scene.login();
  const top = async (lines: number) =>
    (await askLines(client, `TOP 1 ${lines}`)).slice("+OK Top of message follows\r\n".length);
  assertEquals(await top(0), "a: b\r\n\r\n");
  assertEquals(await top(2), "a: b\r\n\r\n1\r\n2\r\n");
  assertEquals(await top(9999999), "a: b\r\n\r\n1\r\n2\r\n3\r\n");
  assertEquals(
    await ask(client, "TOP 1"),
    "-ERR Tell the number of a message and how many lines, as in TOP 1 10",
  );
});

Deno.test("pop3 removes at QUIT what was marked, and nothing else", async () => {
  await using scene = await Pop3Scene.start();
  const entries = await scene.deliver(message("1"), message("2"), message("3"));
  const client = await scene.login();
  for (const line of ["DELE 1", "DELE 3"]) {
    assertEquals(await ask(client, line), "+OK Marked to be removed at QUIT");
  }
  assertEquals(await ask(client, "DELE 3"), "-ERR There is no such message");
  assertEquals(await ask(client, "RETR 3"), "-ERR There is no such message");
  assertEquals(await ask(client, "STAT"), "+OK 1 17");
  assertEquals(await askLines(client, "LIST"), "+OK Listing follows\r\n2 17\r\n");
  assertEquals(scene.files().length, 3);
  assertEquals(await ask(client, "QUIT"), "+OK Bye");
  await client.whenClosed;
  assertEquals(scene.files(), [entries[1]!.file]);
});

Deno.test("pop3 removes nothing after RSET, or when the connection is lost", async () => {
  await using scene = await Pop3Scene.start();
  await scene.deliver(message("1"), message("2"));
  const one = await scene.login();
  await ask(one, "DELE 1");
  assertEquals(await ask(one, "RSET"), "+OK 2 messages");
  assertEquals(await ask(one, "QUIT"), "+OK Bye");
  const two = await scene.login();
  await ask(two, "DELE 1");
  await two.close();
  const three = await scene.login();
  await ask(three, "DELE 2");
  three.transport.abortConnection();
  await scene.app.reactor.settle();
  assertEquals(scene.files().length, 2);
});

Deno.test("pop3 lets one session have a maildrop at a time, and others another", async () => {
  await using scene = await Pop3Scene.start();
  const first = await scene.login();
  await scene.login("bob", "hunter2");
  const second = await scene.connect();
  const logIn = async () => {
    await ask(second, "USER alice");
    return await ask(second, "PASS secret");
  };
  assertEquals(await logIn(), "-ERR [IN-USE] Another session has this maildrop open");
  await ask(first, "QUIT");
  assertEquals(await logIn(), "+OK 0 messages");
});

Deno.test("pop3 leaves what arrives during a session to the next", async () => {
  await using scene = await Pop3Scene.start();
  await scene.deliver(message("1"));
  const client = await scene.login();
  await scene.deliver(message("2"));
  assertEquals(await ask(client, "STAT"), "+OK 1 17");
  await ask(client, "QUIT");
  assertEquals(await ask(await scene.login(), "STAT"), "+OK 2 34");
});

Deno.test("pop3 tells when somebody else has removed a message, and goes on", async () => {
  await using scene = await Pop3Scene.start();
  const [entry] = await scene.deliver(message("1"), message("2"));
  const client = await scene.login();
  await Deno.remove(`${scene.folder}/alice/new/${entry!.file}`);
  assertEquals(await ask(client, "RETR 1"), "-ERR That message was removed by somebody else");
  assertStringIncludes(await askLines(client, "RETR 2"), "Subject: 2");
  await ask(client, "DELE 1");
  assertEquals(await ask(client, "QUIT"), "+OK Bye");
});

Deno.test("pop3 finds messages that a reader moves, and counts those that tell no size", async () => {
  await using scene = await Pop3Scene.start();
  const [entry] = await scene.deliver(message("1"));
  await Deno.writeTextFile(`${scene.folder}/alice/cur/1.strange name:2,S`, "a\nb\n");
  await Deno.writeTextFile(`${scene.folder}/alice/cur/2.${"long".repeat(30)}:2,S`, "c\r\n");
  const client = await scene.login();
  assertEquals(await askLines(client, "LIST"), "+OK Listing follows\r\n1 6\r\n2 3\r\n3 17\r\n");
  const uids = (await askLines(client, "UIDL")).split("\r\n").slice(1, -1).map((line) => line.split(" "));
  for (const uid of uids) assert(uid.length === 2 && /^[!-~]{1,70}$/.test(uid[1]!), uid.join(" "));
  await Deno.rename(
    `${scene.folder}/alice/new/${entry!.file}`,
    `${scene.folder}/alice/cur/${entry!.file}:2,S`,
  );
  assertStringIncludes(await askLines(client, "RETR 3"), "Subject: 1");
  await ask(client, "DELE 3");
  await ask(client, "QUIT");
  assertEquals(scene.files().length, 2);
});

Deno.test("pop3 has the same unique names after a restart", async () => {
  await using one = await Pop3Scene.start();
  await one.deliver(message("1"), message("2"));
  const before = await askLines(await one.login(), "UIDL");
  await one.app.stop(0);
  await using two = await Pop3Scene.start({ maildir: one.folder });
  assertEquals(await askLines(await two.login(), "UIDL"), before);
});

Deno.test("pop3 says so when messages cannot be removed, and they stay", async () => {
  await using scene = await Pop3Scene.start();
  const [entry] = await scene.deliver(message("1"));
  const client = await scene.login();
  await ask(client, "DELE 1");
  // A folder of that name is what even root cannot remove as a file.
  const path = `${scene.folder}/alice/new/${entry!.file}`;
  await Deno.remove(path);
  await Deno.mkdir(`${path}/x`, { recursive: true });
  assertEquals(await ask(client, "QUIT"), "-ERR [SYS/TEMP] Some messages could not be removed, they stay");
  await client.whenClosed;
});

Deno.test("pop3 does several things that come at once in their order", async () => {
  await using scene = await Pop3Scene.start();
  await scene.deliver(message("1"));
  const client = await scene.connect();
  await client.send("USER alice\r\nPASS secret\r\nSTAT\r\nRETR 1\r\nDELE 1\r\nQUIT\r\n");
  await client.whenClosed;
  assertEquals(
    client.received(),
    `+OK Send PASS\r\n+OK 1 messages\r\n+OK 1 17\r\n+OK 17 octets\r\n${message("1")}.\r\n` +
      "+OK Marked to be removed at QUIT\r\n+OK Bye\r\n",
  );
  assertEquals(scene.files(), []);
});
