import { assert, assertEquals } from "../assert.ts";
import { TextConn } from "../support/text_conn.ts";
import { Scene, type Served } from "./_scene.ts";

/** How often the server is killed; `HEDDLE_KILLS=300` takes minutes. */
const KILLS = Number(Deno.env.get("HEDDLE_KILLS") ?? 6);
const SEED = Number(Deno.env.get("HEDDLE_SEED") ?? Date.now() % 1_000_000);
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

/** A generator of numbers in [0, 1) that a seed determines (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** What was sent, by the message's number. */
type Sent = Map<string, { readonly size: number; acknowledged: boolean }>;

/** Send messages on one connection until it breaks; remember which got a 250. */
async function send(port: number, next: () => { id: string; size: number }, sent: Sent): Promise<void> {
  let connection: Deno.Conn;
  try {
    connection = await Deno.connect({ hostname: "127.0.0.1", port });
  } catch {
    return; // killed already
  }
  const decoder = new TextDecoder();
  let pending = "";
  const reply = async (): Promise<string> => {
    const buffer = new Uint8Array(4096);
    while (true) {
      const line = /^(\d{3}) .*\r\n/m.exec(pending);
      if (line !== null) {
        pending = pending.slice(line.index + line[0].length);
        return line[1]!;
      }
      const size = await connection.read(buffer);
      if (size === null) throw new Error("over");
      pending += decoder.decode(buffer.subarray(0, size), { stream: true });
    }
  };
  const write = async (text: string) => {
    const bytes = new TextEncoder().encode(text);
    for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
  };
  try {
    await reply();
    await write("EHLO c\r\n");
    await reply();
    while (true) {
      const { id, size } = next();
      sent.set(id, { size, acknowledged: false });
      await write(`MAIL FROM:<a@b>\r\nRCPT TO:<x@here.test>\r\nDATA\r\n`);
      for (const expected of ["250", "250", "354"]) assertEquals(await reply(), expected);
      await write(
        `X-Number: ${id}\r\n\r\n${"0123456789abcde\r\n".repeat(Math.ceil(size / 17))}end ${id}\r\n.\r\n`,
      );
      if ((await reply()) === "250") sent.get(id)!.acknowledged = true;
    }
  } catch (error) {
    if (error instanceof Error && error.name === "AssertionError") throw error;
  } finally {
    connection.close();
  }
}

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
    const senders = Array.from({ length: CONNECTIONS }, () => send(port, next, sent));
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

const isRoot = Deno.build.os === "linux" && Deno.uid() === 0;

/** Mounts a small file system at `path`; null where that is not allowed. */
function mountTmpfs(path: string): Disposable | null {
  const mount = (...args: string[]) =>
    new Deno.Command(args[0]!, { args: args.slice(1), stderr: "null" }).outputSync().success;
  Deno.mkdirSync(path, { recursive: true });
  if (!isRoot || !mount("mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", path)) {
    console.warn("a file system cannot be mounted here: the test of a full disk is skipped");
    return null;
  }
  return { [Symbol.dispose]: () => void mount("umount", "-l", path) };
}

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
