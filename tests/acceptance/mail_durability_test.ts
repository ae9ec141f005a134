import { assert, assertEquals } from "../assert.ts";
import { randomOf } from "../support/random.ts";
import { TextConn } from "../support/text_conn.ts";
import { KILLS, mountTmpfs, SEED, send, type Sent } from "./_mail_senders.ts";
import { Scene, type Served } from "./_scene.ts";

const CONNECTIONS = 8;

const application = `name: mail
services:
  smtp:
    plugin: smtp
    options: { listen: "tcp:127.0.0.1:0", domains: [here.test], catchAll: inbox, deliver: { maildir: mail } }
  pop3:
    plugin: pop3
    options:
      listen: tcp:127.0.0.1:0
      users: [{ name: inbox, password: secret }]
      maildir: mail
      insecureAuth: true
`;

/** How often POP3 has each message, by its number. */
async function fetched(app: Served): Promise<Map<string, number>> {
  const [endpoint] = await app.endpoints("pop3");
  using client = await TextConn.connect(endpoint!);
  await client.line();
  await client.send("USER inbox\r\nPASS secret\r\n");
  assertEquals(await client.line(), "+OK Send PASS");
  const count = Number(/^\+OK (\d+) messages$/.exec(await client.line())![1]);
  const times = new Map<string, number>();
  for (let number = 1; number <= count; number++) {
    await client.send(`TOP ${number} 0\r\n`);
    for (let line = ""; line !== "."; line = await client.line()) {
      const id = /^X-Number: (m\d+)$/.exec(line)?.[1];
      if (id !== undefined) times.set(id, (times.get(id) ?? 0) + 1);
    }
  }
  return times;
}

Deno.test(`smtp keeps every message that got a 250, once and whole, however often it is killed (seed ${SEED})`, async () => {
  const random = randomOf(SEED);
  const sent: Sent = new Map();
  await using scene = new Scene(application);
  let count = 0;
  const next = () => ({ id: `m${++count}`, size: Math.floor(random() ** 3 * 150_000) });
  for (let round = 0; round < KILLS; round++) {
    await using app = scene.serve();
    const port = Number(await app.port("smtp"));
    const senders = Array.from({ length: CONNECTIONS }, () => send(port, "x@here.test", next, sent));
    await new Promise((resolve) => setTimeout(resolve, 20 + random() * 250));
    app.kill("SIGKILL");
    await Promise.all(senders);
    await app.ended();
  }
  const folder = `${scene.folder}/mail/inbox/new`;
  const found = new Map<string, number>();
  for (const { name } of Deno.readDirSync(folder)) {
    const text = Deno.readTextFileSync(`${folder}/${name}`);
    const id = /^X-Number: (m\d+)\r\n/m.exec(text)?.[1];
    assert(
      id !== undefined && text.endsWith(`end ${id}\r\n`),
      `a message that is not whole is visible: ${name}`,
    );
    assert(name.includes(`,S=${text.length},`), `the size in ${name} is not ${text.length}`);
    found.set(id, (found.get(id) ?? 0) + 1);
  }
  const acknowledged = [...sent].filter(([, { acknowledged }]) => acknowledged).map(([id]) => id);
  assertEquals(
    acknowledged.filter((id) => found.get(id) !== 1),
    [],
    "got a 250, and are not there exactly once",
  );
  assertEquals([...found].filter(([, times]) => times !== 1), [], "delivered more than once");
  await using app = scene.serve();
  assertEquals(await fetched(app), found, "POP3 has something else than is there");
  assert(
    acknowledged.length > KILLS,
    `only ${acknowledged.length} messages got through: the test tests nothing`,
  );
});

Deno.test("smtp answers 451 on a full disk, never 250, and takes mail again when there is room", async () => {
  await using scene = new Scene(application);
  using disk = mountTmpfs(`${scene.folder}/mail`);
  if (disk === null) return;
  await using app = scene.serve();
  const port = Number(await app.port("smtp"));
  const connection = await Deno.connect({ hostname: "127.0.0.1", port });
  const buffer = new Uint8Array(4096);
  const codes: string[] = [];
  const until = async (count: number): Promise<void> => {
    while (codes.length < count) {
      const size = await connection.read(buffer);
      assert(size !== null, "the connection is over");
      for (const [, code] of new TextDecoder().decode(buffer.subarray(0, size)).matchAll(/^(\d{3}) /gm)) {
        codes.push(code!);
      }
    }
  };
  const write = async (text: string) => {
    const bytes = new TextEncoder().encode(text);
    for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
  };
  const sendOne = async (size: number): Promise<string> => {
    const before = codes.length;
    await write(
      `MAIL FROM:<a@b>\r\nRCPT TO:<x@here.test>\r\nDATA\r\n${
        `${"x".repeat(98)}\r\n`.repeat(size / 100)
      }.\r\n`,
    );
    await until(before + 4);
    return codes.at(-1)!;
  };
  await until(1);
  await write("EHLO c\r\n");
  await until(2);
  const folder = `${scene.folder}/mail/inbox/new`;
  const outcomes = [];
  for (let i = 0; i < 8; i++) outcomes.push(await sendOne(100_000));
  assertEquals([...new Set(outcomes)].sort(), ["250", "451"]);
  assertEquals([...Deno.readDirSync(folder)].length, outcomes.filter((code) => code === "250").length);
  assertEquals([...Deno.readDirSync(`${scene.folder}/mail/inbox/tmp`)].length, 0);
  for (const { name } of Deno.readDirSync(folder)) Deno.removeSync(`${folder}/${name}`);
  assertEquals(await sendOne(100_000), "250");
  connection.close();
});
