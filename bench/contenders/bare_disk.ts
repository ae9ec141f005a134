// What the disk gives without a mail server: `bare_disk.ts MODE WRITERS SIZE WINDOW-MS`, where MODE is
// `journal` or `maildir` with the syncs of all writers of one time grouped, or `each`, one sync for each message.
import { GroupCommit } from "../../services/mail/group_commit.ts";

const [mode, writers, size, window] = [Deno.args[0]!, ...Deno.args.slice(1).map(Number)] as [
  string,
  number,
  number,
  number,
];
const folder = await Deno.makeTempDir({ prefix: "bench-disk" });
for (const name of ["tmp", "new"]) await Deno.mkdir(`${folder}/${name}`);
const message = new Uint8Array(size).fill(0x78);
let pending: Uint8Array[] = [];

async function writeAll(file: Deno.FsFile, bytes: Uint8Array): Promise<void> {
  for (let rest = bytes; rest.length > 0;) rest = rest.subarray(await file.write(rest));
}

async function store(journal: Deno.FsFile, commits: GroupCommit, name: string): Promise<void> {
  switch (mode) {
    case "journal":
      pending.push(message);
      return await commits.commit();
    case "each":
      await writeAll(journal, message);
      return await journal.syncData();
    case "maildir": {
      const file = await Deno.open(`${folder}/tmp/${name}`, { write: true, createNew: true });
      await writeAll(file, message);
      await file.syncData();
      file.close();
      await Deno.rename(`${folder}/tmp/${name}`, `${folder}/new/${name}`);
      return await commits.commit();
    }
  }
}

using journal = await Deno.open(`${folder}/journal`, { write: true, create: true });
const flushJournal = async () => {
  const group = pending;
  pending = [];
  const block = new Uint8Array(group.length * size);
  for (const [at, bytes] of group.entries()) block.set(bytes, at * size);
  await writeAll(journal, block);
  await journal.syncData();
};
const flushFolder = async () => {
  using opened = await Deno.open(`${folder}/new`);
  await opened.sync();
};
const commits = new GroupCommit(mode === "maildir" ? flushFolder : flushJournal);
let messages = 0;
const begin = performance.now();
await Promise.all(Array.from({ length: mode === "each" ? 1 : writers }, async (_, writer) => {
  for (let count = 0; performance.now() - begin < window; count++) {
    await store(journal, commits, `${writer}.${count}`);
    messages++;
  }
}));
console.log(JSON.stringify({ messages, seconds: (performance.now() - begin) / 1000 }));
await Deno.remove(folder, { recursive: true });
