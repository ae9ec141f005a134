import { assertEquals, assertStringIncludes } from "../assert.ts";
import { MailSink } from "../acceptance/_mail_sink.ts";
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

Deno.test("examples/mail/development shows in its inbox what was sent to anybody", async () => {
  await using application = serveExample("mail/development/app.yaml", { PORT: "0", INBOX_PORT: "0" });
  const [smtp, inbox] = await endpointsOf(application, "smtp");
  using conn = await TextConn.connect(smtp!);
  await conn.send(
    "EHLO client\r\nMAIL FROM:<app@example.org>\r\nRCPT TO:<jane@anywhere.test>\r\n" +
      "DATA\r\nTo: jane@anywhere.test\r\nSubject: Welcome\r\n\r\nHello Jane\r\n.\r\nQUIT\r\n",
  );
  assertStringIncludes(await conn.rest(), "250 2.0.0 Message ");
  const api = `${inbox!.replace("tcp:", "http://")}/api/messages`;
  let rows: { id: string; subject: string }[] = [];
  while (rows.length === 0) ({ rows } = await (await fetch(`${api}?search=jane@anywhere.test`)).json());
  assertEquals(rows.map(({ subject }) => subject), ["Welcome"]);
  const { text } = await (await fetch(`${api}/${encodeURIComponent(rows[0]!.id)}`)).json();
  assertEquals(text, "Hello Jane\n");
});

Deno.test("examples/mail/relay passes mail on, when the next server is there", async () => {
  const folder = await Deno.makeTempDir({ prefix: "heddle_relay_" });
  try {
    await using sink = new MailSink();
    const env = {
      PORT: "0",
      MAIL: `${folder}/mail`,
      QUEUE: `${folder}/queue`,
      SMARTHOST: `127.0.0.1:${sink.port}`,
    };
    await using application = serveExample("mail/relay/app.yaml", env);
    const [endpoint] = await endpointsOf(application, "smtp");
    using conn = await TextConn.connect(endpoint!);
    await conn.send(
      "EHLO client\r\nMAIL FROM:<alice@example.org>\r\nRCPT TO:<office@example.org>\r\nRCPT TO:<bob@far.test>\r\n" +
        "DATA\r\nX-Number: 1\r\n\r\nend 1\r\n.\r\nQUIT\r\n",
    );
    assertStringIncludes(await conn.rest(), "250 2.0.0 Message ");
    while (sink.taken.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    assertEquals(sink.taken, [{ id: "1", whole: true, round: 0 }]);
    assertEquals([...Deno.readDirSync(`${folder}/mail/alice/new`)].length, 1);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
