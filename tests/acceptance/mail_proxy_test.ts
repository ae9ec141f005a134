import { assertEquals, assertStringIncludes } from "../assert.ts";
import { TextConn } from "../support/text_conn.ts";
import { Scene } from "./_scene.ts";

Deno.test("smtp behind a proxy hears from trusted peers alone, and only headers that are sound", async () => {
  await using scene = new Scene(`name: mail
services:
  smtp:
    plugin: smtp
    options:
      listen: [haproxy:tcp:127.0.0.1:0, "haproxy:tcp:127.0.0.1:0:trusted=192.0.2.0/24"]
      hostname: mx.test
      domains: [here.test]
      catchAll: inbox
      deliver: { maildir: mail }
`);
  await using app = scene.serve();
  const [trusting, suspicious] = (await app.endpoints("smtp")).map((endpoint) =>
    endpoint.replace(/^haproxy:/, "")
  );
  const header = "PROXY TCP6 2001:db8::7 2001:db8::1 4000 25\r\n";
  const session = async (endpoint: string, opening: string) => {
    using client = await TextConn.connect(endpoint);
    await client.send(
      `${opening}EHLO c\r\nMAIL FROM:<a@b>\r\nRCPT TO:<x@here.test>\r\nDATA\r\n.\r\nQUIT\r\n`,
    );
    return await client.rest().catch(() => "closed");
  };
  const closed = (told: string) => told === "" || told === "closed";
  assertStringIncludes(await session(trusting!, header), "250 2.0.0 Message ");
  const [file] = [...Deno.readDirSync(`${scene.folder}/mail/inbox/new`)];
  const text = Deno.readTextFileSync(`${scene.folder}/mail/inbox/new/${file!.name}`);
  assertStringIncludes(text, "Received: from c ([IPv6:2001:db8::7])\r\n");
  const bad = {
    untrusted: header,
    none: "",
    overlong: `PROXY TCP4 ${"1".repeat(200)}\r\n`,
    odd: "PROXY TCP4 x y 1 2\r\n",
  };
  for (const [what, opening] of Object.entries(bad)) {
    const told = await session(what === "untrusted" ? suspicious! : trusting!, opening);
    assertEquals([what, closed(told)], [what, true], told);
  }
  assertEquals([...Deno.readDirSync(`${scene.folder}/mail/inbox/new`)].length, 1);
});
