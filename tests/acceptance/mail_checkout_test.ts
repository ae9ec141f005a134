import { parse, stringify } from "yaml";
import { assert, assertEquals, assertStringIncludes } from "../assert.ts";
import { TextConn } from "../support/text_conn.ts";
import { Scene } from "./_scene.ts";

const PORTS = ["127.0.0.1:2525", "127.0.0.1:8025", "127.0.0.1:1110"];

/** The mail services of the checkout's application, as they are but for the ports. */
function mailOf(text: string): string {
  const { smtp, pop3 } = parse(text).services;
  let written = stringify({ name: "checkout", services: { smtp, pop3 } });
  for (const port of PORTS) {
    assert(written.includes(port), `app.yaml does not listen on ${port}`);
    written = written.replace(port, "127.0.0.1:0");
  }
  return written;
}

Deno.test("app.yaml receives mail on 2525, shows it on 8025 and serves it by POP3 on 1110", async () => {
  await using scene = new Scene(mailOf(Deno.readTextFileSync(new URL("../../app.yaml", import.meta.url))));
  await using app = scene.serve();
  const [mail, inbox] = await app.endpoints("smtp");
  using sender = await TextConn.connect(mail!);
  await sender.send("HELO c\r\nMAIL FROM:<a@b.test>\r\nRCPT TO:<anybody@anywhere.test>\r\nDATA\r\n");
  await sender.send("Subject: first mail\r\n\r\nhello\r\n.\r\nQUIT\r\n");
  assertStringIncludes(await sender.rest(), "\r\n250 2.0.0 Message ");

  const site = `http://${inbox!.replace("tcp:", "")}`;
  const { rows } = await (await fetch(`${site}/api/messages`)).json();
  assertEquals(rows.map(({ subject }: { subject: string }) => subject), ["first mail"]);
  assertStringIncludes(await (await fetch(site)).text(), "<html");

  using reader = await TextConn.connect((await app.endpoints("pop3"))[0]!);
  await reader.send("USER inbox\r\nPASS inbox\r\nRETR 1\r\nQUIT\r\n");
  assertStringIncludes(await reader.rest(), "Subject: first mail\r\n\r\nhello\r\n.\r\n");
});
