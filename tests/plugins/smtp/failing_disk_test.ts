import smtp from "../../../plugins/smtp/mod.ts";
import { SmtpService, type SmtpWorld } from "../../../plugins/smtp/smtp_service.ts";
import { mailQueue } from "../../../services/mail/mail_queue.ts";
import { definePlugin } from "../../../services/plugin/plugin.ts";
import { startPlugin } from "../../../services/testing/mod.ts";
import { watchedFiles, watchedQueueFiles } from "../../services/mail/_failing_files.ts";
import { assertEquals } from "../../assert.ts";

for (const failing of ["sync", "write", "syncFolder"] as const) {
  for (const way of ["mailbox", "queue"] as const) {
    // The folder of a queue is flushed when a segment begins, and that has happened before.
    if (way === "queue" && failing === "syncFolder") continue;
    Deno.test(`smtp answers 451 when ${failing} fails for a ${way}, never 250, and takes mail again after that`, async () => {
      const folder = Deno.makeTempDirSync({ prefix: "failing" });
      let armed = false;
      const fail = (call: string, path: string) => {
        if (armed && call === failing && !path.includes("requests")) throw new Error("Input/output error");
      };
      const world: Partial<SmtpWorld> = {
        mailFiles: watchedFiles(fail),
        queueFiles: watchedQueueFiles(fail),
      };
      const plugin = definePlugin({ ...smtp, makeService: (options) => new SmtpService(options, world) });
      await using app = await startPlugin(plugin, {
        hostname: "mx.test",
        domains: ["here.test"],
        users: [{ name: "alice", password: "secret" }],
        deliver: { maildir: `${folder}/mail` },
        trusted: ["127.0.0.0/8"],
        relay: { queue: `${folder}/queue`, smarthost: "tcp:127.0.0.1:2600" },
      });
      const client = await app.connect();
      const to = way === "mailbox" ? "alice@here.test" : "jane@there.test";
      const send = async () => {
        await client.send(`RSET\r\nMAIL FROM:<a@b>\r\nRCPT TO:<${to}>\r\nDATA\r\nhi\r\n.\r\n`);
        await client.receivedUntil("354 ");
        await client.receivedUntil("\r\n");
        return (await client.receivedUntil("\r\n")).slice(0, 9);
      };
      await client.send("EHLO c\r\n");
      assertEquals(await send(), "250 2.0.0");
      armed = true;
      assertEquals([await send(), await send()], ["451 4.3.0", "451 4.3.0"]);
      armed = false;
      assertEquals(await send(), "250 2.0.0");
      assertEquals([...Deno.readDirSync(`${folder}/mail/alice/new`)].length, way === "mailbox" ? 2 : 0);
      assertEquals((await app.get(mailQueue).list()).length, way === "queue" ? 2 : 0);
      await client.close();
      await app.stop(0);
      Deno.removeSync(folder, { recursive: true });
    });
  }
}
