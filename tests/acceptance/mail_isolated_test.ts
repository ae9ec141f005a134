import { assertEquals, assertStringIncludes } from "../assert.ts";
import { makeCertificates, withoutOpenssl } from "../support/certificates.ts";
import { TextConn } from "../support/text_conn.ts";
import { Scene } from "./_scene.ts";

/** Hooks that import nothing, since they lie outside of the project. */
const HOOKS = `export default {
  async onMessage({ content }) {
    const text = await new Response(content).text();
    if (text.includes("lottery")) return { reject: "We do not play" };
  },
};`;

/** Of more parts than are taken apart in passing. */
function intricate(): string {
  const parts = Array.from(
    { length: 300 },
    (_, at) => `--x\r\nContent-Type: text/plain\r\n\r\npart ${at}\r\n`,
  );
  return `Subject: intricate\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n${parts.join("")}--x--\r\n`;
}

Deno.test({
  name:
    "mail in processes of its own has all that it needs: hooks, TLS, signatures, checks, queue, inbox, POP3",
  ignore: withoutOpenssl,
  async fn() {
    using next = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    await using certificates = await makeCertificates();
    const { certificate, privateKey } = await certificates.issue("server", "localhost");
    await using scene = new Scene(`name: mail
services:
  smtp:
    plugin: smtp
    isolate: process
    options:
      listen: [tcp:127.0.0.1:0]
      hostname: mx.test
      domains: [here.test]
      users: &users [{ name: alice, password: secret }]
      insecureAuth: true
      trusted: [127.0.0.1]
      deliver: { maildir: mail }
      hooks: ./hooks.ts
      tls: &tls { certificate: ${certificate}, privateKey: ${privateKey} }
      relay: { smarthost: "tcp:127.0.0.1:${next.addr.port}" }
      dkim: { domain: here.test, selector: s1, privateKey: ${privateKey} }
      verify: true
      inbox: tcp:127.0.0.1:0
  pop3:
    plugin: pop3
    isolate: process
    options: { listen: "tcp:127.0.0.1:0", users: *users, maildir: mail, insecureAuth: true, tls: *tls }
`);
    Deno.writeTextFileSync(`${scene.folder}/hooks.ts`, HOOKS);
    await using app = scene.serve();
    const [mail, inbox] = (await app.endpoints("smtp")).map((endpoint) => endpoint.split(":").at(-1)!);

    using client = await TextConn.connect(`tcp:127.0.0.1:${mail}`);
    const reply = async () => {
      while (true) {
        const line = await client.line();
        if (line[3] === " ") return line;
      }
    };
    const send = async (text: string, ...to: string[]) => {
      const lines = ["MAIL FROM:<alice@here.test>", ...to.map((address) => `RCPT TO:<${address}>`), "DATA"];
      await client.send(`${lines.join("\r\n")}\r\n`);
      for (const _ of lines) await reply();
      await client.send(`${text}.\r\n`);
      return (await reply()).slice(0, 3);
    };
    await reply();
    await client.send("EHLO c\r\n");
    await reply();
    assertEquals(await send("Subject: lottery\r\n\r\n", "alice@here.test"), "550");
    assertEquals(await send(intricate(), "alice@here.test", "bob@there.test"), "250");

    // It is on its way: the process may connect to whoever is next.
    (await next.accept()).close();
    const api = `http://127.0.0.1:${inbox}/api`;
    const { messages: queued } = await (await fetch(`${api}/queue`)).json();
    assertEquals(queued.length, 1);
    const { rows: [row] } = await (await fetch(`${api}/messages`)).json();
    const shown = await (await fetch(`${api}/messages/${encodeURIComponent(row.id)}`)).json();
    assertEquals([shown.subject, shown.problem], ["intricate", null]);
    assertStringIncludes(shown.text, "part 299");

    using reader = await TextConn.connect(`tcp:127.0.0.1:${await app.port("pop3")}`);
    await reader.send("USER alice\r\nPASS secret\r\nSTAT\r\nQUIT\r\n");
    assertStringIncludes(await reader.rest(), "+OK 1 ");
  },
});
