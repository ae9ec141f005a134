import { MaildirDelivery } from "../../../plugins/smtp/delivery/maildir_delivery.ts";
import type { Transaction } from "../../../plugins/smtp/delivery/delivery.ts";
import { Mailboxes } from "../../../services/mail/mailboxes.ts";
import { MaildirNames } from "../../../services/mail/maildir_names.ts";
import { assertEquals, assertRejects } from "../../assert.ts";
import { type FileCall, watchedFiles } from "../../services/mail/_failing_files.ts";
import { startSmtp, withoutTrace } from "./_scene.ts";

const send = (...to: string[]) =>
  `EHLO c\r\nMAIL FROM:<a@b>\r\n${
    to.map((name) => `RCPT TO:<${name}@here.test>\r\n`).join("")
  }DATA\r\nhi\r\n.\r\n`;

/** The messages in a mailbox, and how many drafts there are. */
async function look(root: string, mailbox: string): Promise<{ messages: string[]; drafts: number }> {
  const messages = [];
  for await (const { name } of Deno.readDir(`${root}/${mailbox}/new`)) {
    messages.push(withoutTrace(await Deno.readTextFile(`${root}/${mailbox}/new/${name}`)));
  }
  return { messages, drafts: [...Deno.readDirSync(`${root}/${mailbox}/tmp`)].length };
}

async function inFolder(test: (root: string) => Promise<void>): Promise<void> {
  const root = await Deno.makeTempDir({ prefix: "heddle_smtp_" });
  try {
    await test(root);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

Deno.test("smtp stores a message in the Maildir of each of its users, once", () =>
  inFolder(async (root) => {
    await using app = await startSmtp({ deliver: { maildir: root }, aliases: { all: ["alice", "bob"] } });
    const client = await app.connect();
    await client.send(send("all", "alice", "bob+x"));
    await client.receivedUntil("accepted\r\n");
    for (const name of ["alice", "bob"]) {
      assertEquals(await look(root, name), { messages: ["hi\r\n"], drafts: 0 });
    }
  }));

Deno.test("smtp makes mailboxes anew that were removed while it was running", () =>
  inFolder(async (root) => {
    await using app = await startSmtp({ deliver: { maildir: root } });
    await Deno.remove(`${root}/alice`, { recursive: true });
    const client = await app.connect();
    await client.send(send("alice"));
    await client.receivedUntil("451 4.3.0");
    await client.send(send("alice"));
    await client.receivedUntil("accepted\r\n");
    assertEquals(await look(root, "alice"), { messages: ["hi\r\n"], drafts: 0 });
  }));

Deno.test("smtp does not start where it cannot store", () =>
  inFolder(async (root) => {
    await Deno.writeTextFile(`${root}/file`, "");
    await assertRejects(
      () => startSmtp({ deliver: { maildir: `${root}/file` } }),
      Error,
      `Cannot use Maildir "${root}/file/`,
    );
  }));

const transaction: Transaction = {
  id: "1",
  client: { address: null, port: null, hostname: null, helo: "c", extended: true, tls: null, user: null },
  envelope: {
    sender: { address: null },
    recipients: [{
      address: { local: "alice", domain: "here.test" },
      destination: { mailboxes: ["alice", "bob"] },
    }],
  },
  receivedAt: 0,
};

for (const failing of ["create", "write", "sync", "rename", "link", "syncFolder"] satisfies FileCall[]) {
  Deno.test(`MaildirDelivery rejects when ${failing} fails, unless it can do without`, () =>
    inFolder(async (root) => {
      let armed = false;
      const files = watchedFiles((call) => {
        if (armed && call === failing) throw new Error("Input/output error");
      });
      const mailboxes = new Mailboxes(root, { names: new MaildirNames({ host: "mx" }), files });
      for (const name of ["alice", "bob"]) await mailboxes.open(name);
      armed = true;
      const sink = new MaildirDelivery(mailboxes).begin(transaction);
      await sink.write(new TextEncoder().encode("hi\r\n"));
      // Without links, it copies.
      if (failing === "link") assertEquals(await sink.commit(), null);
      else await assertRejects(async () => await sink.commit(), Error, "Input/output error");
      const messages = failing === "link" ? ["Return-Path: <>\r\nhi\r\n"] : [];
      for (const name of ["alice", "bob"]) assertEquals(await look(root, name), { messages, drafts: 0 });
    }));
}
