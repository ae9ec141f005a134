import { parseMaildirName } from "../../../services/mail/maildir_entry.ts";
import { Maildir, MessageGoneError } from "../../../services/mail/maildir.ts";
import { MaildirNames } from "../../../services/mail/maildir_names.ts";
import { type MailFiles, systemFiles } from "../../../services/mail/mail_files.ts";
import { Mailboxes, mailboxPath } from "../../../services/mail/mailboxes.ts";
import { assert, assertEquals, assertNotEquals, assertRejects } from "../../assert.ts";
import { type FileCall, watchedFiles } from "./_failing_files.ts";

const text = (bytes: string) => new TextEncoder().encode(bytes);

class Scene implements AsyncDisposable {
  constructor(readonly path: string) {}

  static async open(): Promise<Scene> {
    return new Scene(await Deno.makeTempDir({ prefix: "heddle_maildir_" }));
  }

  async maildir(name = "inbox", files: MailFiles = systemFiles): Promise<Maildir> {
    const maildir = new Maildir(`${this.path}/${name}`, { names: new MaildirNames({ host: "mx" }), files });
    await maildir.create();
    return maildir;
  }

  /** All files beneath, by folder. */
  files(name = "inbox"): Record<string, number> {
    const count = (folder: string) => [...Deno.readDirSync(`${this.path}/${name}/${folder}`)].length;
    return { tmp: count("tmp"), new: count("new"), cur: count("cur") };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.path, { recursive: true });
  }
}

async function readAll(maildir: Maildir): Promise<string[]> {
  const messages = [];
  for (const entry of await maildir.list()) {
    messages.push(await new Response(await maildir.read(entry)).text());
  }
  return messages;
}

Deno.test("Maildir delivers messages, and lists them in the order of their arrival", async () => {
  await using scene = await Scene.open();
  const maildir = await scene.maildir();
  for (const body of ["one\r\n", "two\r\n", "three\r\n"]) await maildir.deliver(text(body));
  assertEquals(await readAll(maildir), ["one\r\n", "two\r\n", "three\r\n"]);
  assertEquals(scene.files(), { tmp: 0, new: 3, cur: 0 });
});

Deno.test("Maildir tells sizes without opening a message: in the file, and with CRLF on the wire", async () => {
  await using scene = await Scene.open();
  const maildir = await scene.maildir();
  const draft = maildir.draft();
  for (const piece of ["a\n", "\n", "b\r", "\nc\n"]) await draft.write(text(piece));
  await draft.publish([maildir]);
  const [entry] = await maildir.list();
  assertEquals([entry!.size, entry!.wireSize], [8, 11]);
});

Deno.test("Maildir finds the size of a message that another program has delivered", async () => {
  await using scene = await Scene.open();
  const maildir = await scene.maildir();
  await Deno.writeTextFile(`${maildir.path}/new/1700000000.P1.mx`, "hello\n");
  const [entry] = await maildir.list();
  assertEquals([entry!.size, await maildir.size(entry!)], [null, 6]);
});

Deno.test("Maildir keeps a message's unique name when its flags change", async () => {
  await using scene = await Scene.open();
  const maildir = await scene.maildir();
  const delivered = await maildir.deliver(text("x"));
  const seen = await maildir.setFlags(delivered, "SF");
  assertEquals([seen.unique, seen.folder, seen.flags], [delivered.unique, "cur", "FS"]);
  assertEquals(await maildir.list(), [seen]);
  assertEquals((await maildir.setFlags(seen, "")).file, `${delivered.file}:2,`);
});

Deno.test("Maildir finds a message that a reader has moved since it was listed", async () => {
  await using scene = await Scene.open();
  const maildir = await scene.maildir();
  const listed = await maildir.deliver(text("moved"));
  await maildir.setFlags(listed, "S");
  assertEquals(await new Response(await maildir.read(listed)).text(), "moved");
  await maildir.delete([listed]);
  assertEquals(await maildir.list(), []);
  await maildir.delete([listed]);
  await assertRejects(() => maildir.read(listed), MessageGoneError, `Cannot find message "${listed.unique}"`);
});

Deno.test("Maildir delivers one draft into several mailboxes", async () => {
  await using scene = await Scene.open();
  const [one, two] = [await scene.maildir("one"), await scene.maildir("two")];
  const draft = one.draft();
  await draft.write(text("to both"));
  await draft.publish([one, two]);
  assertEquals([await readAll(one), await readAll(two)], [["to both"], ["to both"]]);
  assertEquals(scene.files("one"), { tmp: 0, new: 1, cur: 0 });
});

Deno.test("Maildir copies where a second name cannot be made", async () => {
  await using scene = await Scene.open();
  const files = watchedFiles((call) => {
    if (call === "link") throw new Error("Invalid cross-device link");
  });
  const [one, two] = [await scene.maildir("one", files), await scene.maildir("two", files)];
  const draft = one.draft();
  await draft.write(text("to both"));
  await draft.publish([one, two]);
  assertEquals([await readAll(one), await readAll(two)], [["to both"], ["to both"]]);
  assertEquals(scene.files("two"), { tmp: 0, new: 1, cur: 0 });
});

Deno.test("Maildir flushes the message before it is there, and the folder before it is delivered", async () => {
  await using scene = await Scene.open();
  const calls: string[] = [];
  const maildir = await scene.maildir(
    "inbox",
    watchedFiles((call, path) => {
      calls.push(`${call} ${path.slice(scene.path.length)}`.replace(/[0-9]+\.M.*$/, "*"));
    }),
  );
  calls.length = 0;
  await maildir.deliver(text("x"));
  assertEquals(calls, [
    "create /inbox/tmp/*",
    "write /inbox/tmp/*",
    "sync /inbox/tmp/*",
    "rename /inbox/new/*",
    "syncFolder /inbox/new",
  ]);
});

Deno.test("Maildir shares the flush of the folder among deliveries of one time", async () => {
  await using scene = await Scene.open();
  let flushes = 0;
  const maildir = await scene.maildir(
    "inbox",
    watchedFiles((call) => {
      if (call === "syncFolder") flushes++;
    }),
  );
  flushes = 0;
  await Promise.all(Array.from({ length: 100 }, (_, i) => maildir.deliver(text(`message ${i}`))));
  assertEquals((await maildir.list()).length, 100);
  assert(flushes < 60, `${flushes} flushes for 100 deliveries`);
});

for (const failing of ["create", "write", "sync", "rename", "syncFolder"] satisfies FileCall[]) {
  Deno.test(`Maildir delivers nothing when ${failing} fails, and leaves nothing behind`, async () => {
    await using scene = await Scene.open();
    let armed = false;
    const files = watchedFiles((call) => {
      if (armed && call === failing) throw new Error("No space left on device");
    });
    const [one, two] = [await scene.maildir("one", files), await scene.maildir("two", files)];
    armed = true;
    await assertRejects(() => one.deliver(text("lost")), Error, "No space");
    const draft = one.draft();
    await assertRejects(
      async () => {
        await draft.write(new Uint8Array(100_000));
        await draft.publish([one, two]);
      },
      Error,
      "No space",
    );
    await draft.discard();
    assertEquals([scene.files("one"), scene.files("two")], Array(2).fill({ tmp: 0, new: 0, cur: 0 }));
  });
}

Deno.test("Maildir keeps its own copy of what a draft is given", async () => {
  await using scene = await Scene.open();
  const maildir = await scene.maildir();
  const draft = maildir.draft();
  const lent = text("mine");
  await draft.write(lent);
  lent.fill(0);
  await draft.publish([maildir]);
  assertEquals(await readAll(maildir), ["mine"]);
});

Deno.test("Maildir writes a large draft as it comes", async () => {
  await using scene = await Scene.open();
  let written = 0;
  const maildir = await scene.maildir(
    "inbox",
    watchedFiles((call) => {
      if (call === "write") written++;
    }),
  );
  const draft = maildir.draft();
  for (let i = 0; i < 40; i++) await draft.write(new Uint8Array(10_000).fill(i));
  assert(written >= 5, `${written} writes`);
  await draft.publish([maildir]);
  const bytes = new Uint8Array(
    await new Response(await maildir.read((await maildir.list())[0]!)).arrayBuffer(),
  );
  assertEquals(bytes.length, 400_000);
  assert(bytes.every((byte, at) => byte === Math.floor(at / 10_000)));
});

Deno.test("Maildir removes drafts that were left behind, and no others", async () => {
  await using scene = await Scene.open();
  const { path } = await scene.maildir();
  for (const name of ["old", "fresh"]) await Deno.writeTextFile(`${path}/tmp/${name}`, "half a mess");
  const longAgo = Date.now() / 1000 - 37 * 3600;
  await Deno.utime(`${path}/tmp/old`, longAgo, longAgo);
  await scene.maildir();
  assertEquals([...Deno.readDirSync(`${path}/tmp`)].map(({ name }) => name), ["fresh"]);
});

Deno.test("MaildirNames differ between processes, starts and messages, and sort by time", () => {
  let now = 1_700_000_000_004.217;
  const names = new MaildirNames({ host: "mx/1:2,3", pid: 9, nonce: "ab", now: () => now });
  const first = names.next();
  assertEquals(first, "1700000000.M004217Q000000P9Rab.mx\\0571\\0722\\0543");
  assertNotEquals(names.next(), first);
  now += 1;
  assert(names.next() > first);
});

Deno.test("parseMaildirName reads what other programs write", () => {
  const entry = parseMaildirName("cur", "1700000000.M1P2.mx,S=10,W=12:2,FRS");
  assertEquals(entry, {
    unique: "1700000000.M1P2.mx",
    folder: "cur",
    file: "1700000000.M1P2.mx,S=10,W=12:2,FRS",
    flags: "FRS",
    size: 10,
    wireSize: 12,
  });
  assertEquals(parseMaildirName("new", ".nfs0001"), null);
  assertEquals(parseMaildirName("cur", "x:1,odd")?.flags, "");
  assertEquals(parseMaildirName("cur", "x,S=12abc")?.size, null);
});

Deno.test("mailboxPath leads nowhere else, whatever the name", () => {
  assertEquals(mailboxPath("/m", "alice@example.org"), "/m/alice@example.org");
  assertEquals(mailboxPath("/m", "../etc"), "/m/%2E.%2Fetc");
  assertEquals(mailboxPath("/m", ".."), "/m/%2E.");
  assertEquals(mailboxPath("/m", "\u00fc%41\0"), "/m/%C3%BC%2541%00");
});

Deno.test("Mailboxes makes a mailbox once, and again when it was removed", async () => {
  await using scene = await Scene.open();
  const mailboxes = new Mailboxes(`${scene.path}/mail`, { names: new MaildirNames({ host: "mx" }) });
  const [one, same] = await Promise.all([mailboxes.open("alice"), mailboxes.open("alice")]);
  assert(one === same);
  await Deno.remove(one.path, { recursive: true });
  mailboxes.forget("alice");
  await (await mailboxes.open("alice")).deliver(text("back"));
  assertEquals(scene.files("mail/alice").new, 1);
});
