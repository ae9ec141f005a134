import { assertEquals, assertStringIncludes } from "../assert.ts";
import { TextConn } from "../support/text_conn.ts";
import { endpointsOf, serveExample } from "./_example.ts";

Deno.test("examples/mail/receiving takes tickets and users' mail, and refuses what its hooks refuse", async () => {
  const mail = await Deno.makeTempDir({ prefix: "heddle_mail_" });
  try {
    await using application = serveExample("mail/receiving/app.yaml", { PORT: "0", MAIL: mail });
    const [endpoint] = await endpointsOf(application, "smtp");
    const message = (to: string, subject: string) =>
      `MAIL FROM:<bob@far.test>\r\nRCPT TO:<${to}>\r\nDATA\r\nSubject: ${subject}\r\n\r\nhello\r\n.\r\n`;
    using conn = await TextConn.connect(endpoint!);
    await conn.send(
      `EHLO client\r\n${message("tickets-17@example.org", "broken")}${
        message("sales@example.org", "offer")
      }` +
        `${
          message("alice@example.org", "Lottery")
        }MAIL FROM:<bob@far.test>\r\nRCPT TO:<x@far.test>\r\nQUIT\r\n`,
    );
    const told = await conn.rest();
    assertEquals(told.match(/^250 2\.0\.0 Message/gm)?.length, 2);
    assertStringIncludes(told, "550 5.7.1 We do not play\r\n");
    assertStringIncludes(told, "550 5.7.1 Relaying denied\r\n");
    for (const [mailbox, subject] of [["tickets", "broken"], ["alice", "offer"]]) {
      const [file, ...others] = [...Deno.readDirSync(`${mail}/${mailbox}/new`)];
      assertEquals(others, []);
      assertStringIncludes(
        await Deno.readTextFile(`${mail}/${mailbox}/new/${file!.name}`),
        `Subject: ${subject}\r\n`,
      );
    }
  } finally {
    await Deno.remove(mail, { recursive: true });
  }
});
