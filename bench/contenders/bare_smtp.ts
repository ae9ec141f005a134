// As little of a mail server as will do, to see what the disk and the sockets give: `bare_smtp.ts MODE`, where MODE
// is `journal` or `maildir`, with the syncs of all messages of one time grouped, or `each`, one for each message.
import { GroupCommit } from "../../services/mail/group_commit.ts";

const [mode] = Deno.args;
const folder = await Deno.makeTempDir({ prefix: "bench-disk" });
for (const name of ["tmp", "new"]) await Deno.mkdir(`${folder}/${name}`);
const journal = await Deno.open(`${folder}/journal`, { write: true, create: true });
const encoder = new TextEncoder();
const lineEnd = 0x0a;
let pending: Uint8Array[] = [];
let last: Promise<void> = Promise.resolve();
let count = 0;

async function writeAll(file: Deno.FsFile, bytes: Uint8Array): Promise<void> {
  for (let rest = bytes; rest.length > 0;) rest = rest.subarray(await file.write(rest));
}

const commits = new GroupCommit(async () => {
  if (mode === "maildir") {
    using opened = await Deno.open(`${folder}/new`);
    return await opened.sync();
  }
  const group = pending;
  pending = [];
  const block = new Uint8Array(group.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const bytes of group) {
    block.set(bytes, at);
    at += bytes.length;
  }
  await writeAll(journal, block);
  await journal.syncData();
});

async function alone(message: Uint8Array): Promise<void> {
  await writeAll(journal, message);
  await journal.syncData();
}

async function store(message: Uint8Array): Promise<void> {
  if (mode === "journal") {
    pending.push(message);
    return await commits.commit();
  }
  if (mode === "each") return await (last = last.then(() => alone(message)));
  const name = String(count++);
  const file = await Deno.open(`${folder}/tmp/${name}`, { write: true, createNew: true });
  await writeAll(file, message);
  await file.syncData();
  file.close();
  await Deno.rename(`${folder}/tmp/${name}`, `${folder}/new/${name}`);
  await commits.commit();
}

/** Where a message ends that begins at `from`; -1 when that has not come. */
function endOfMessage(bytes: Uint8Array, from: number): number {
  for (let at = bytes.indexOf(0x2e, from); at >= 0; at = bytes.indexOf(0x2e, at + 1)) {
    if (bytes[at - 1] === lineEnd && bytes[at + 1] === 0x0d && bytes[at + 2] === lineEnd) return at + 3;
  }
  return -1;
}

async function serve(connection: Deno.TcpConn): Promise<void> {
  connection.setNoDelay(true);
  const buffer = new Uint8Array(64 * 1024);
  let waiting = new Uint8Array();
  let inData = false;
  await connection.write(encoder.encode("220 bare\r\n"));
  for (let size = await connection.read(buffer); size !== null; size = await connection.read(buffer)) {
    const all = new Uint8Array(waiting.length + size);
    all.set(waiting);
    all.set(buffer.subarray(0, size), waiting.length);
    let replies = "";
    let at = 0;
    while (true) {
      const end = inData ? endOfMessage(all, at) : all.indexOf(lineEnd, at) + 1;
      if (end <= 0) break;
      if (inData) await store(all.subarray(at, end));
      inData = !inData && all[at] === 0x44;
      replies += inData ? "354 go\r\n" : "250 ok\r\n";
      at = end;
    }
    waiting = all.subarray(at);
    if (replies !== "") await connection.write(encoder.encode(replies));
  }
}

Deno.addSignalListener("SIGTERM", () => {
  Deno.removeSync(folder, { recursive: true });
  Deno.exit();
});
const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
console.log(`ready ${listener.addr.port}`);
for await (const connection of listener) void serve(connection).catch(() => connection.close());
