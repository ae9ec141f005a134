import { readQueue } from "../../services/mail/queue/read_queue.ts";
import { systemQueueFiles } from "../../services/mail/queue/queue_files.ts";
import { assert, assertEquals, assertStringIncludes } from "../assert.ts";
import { makeCertificates, withoutOpenssl } from "../support/certificates.ts";
import { isMissing, runProgram } from "../support/programs.ts";
import { TextConn } from "../support/text_conn.ts";
import { Scene, type Served } from "./_scene.ts";

/** A relay that takes mail from this machine. */
function relaying(relay: string, rest = ""): string {
  return `name: relaying
services:
  smtp:
    plugin: smtp
    options:
      listen: tcp:127.0.0.1:0
      hostname: relay.test
      domains: [here.test]
      trusted: [127.0.0.1]
      deliver: discard
      relay: { queue: queue, ${relay} }
${rest}`;
}

async function untilEmpty(folder: string): Promise<void> {
  const waiting = async () => (await readQueue(`${folder}/queue`, systemQueueFiles)).state.entries.size;
  for (const end = Date.now() + 30_000; await waiting() > 0;) {
    assert(Date.now() < end, "mail is still in the queue");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Say lines, each when the reply to the one before has come; the last line of each reply. */
async function converse(port: string, ...lines: string[]): Promise<string[]> {
  using client = await TextConn.connect(`tcp:127.0.0.1:${port}`);
  const replies: string[] = [];
  const reply = async () => {
    while (true) {
      const line = await client.line();
      if (line[3] === " ") return replies.push(line);
    }
  };
  await reply();
  for (const line of lines) {
    await client.send(`${line}\r\n`);
    await reply();
  }
  return replies;
}

async function delivered(app: Served): Promise<Record<string, unknown>> {
  return await app.record(({ message }) => message === "Message delivered" || message === "Delivery put off");
}

/** A server with TLS, from which a relay hears; `options` of the relay, by the port and the authority. */
async function twoServers(
  options: (port: string, authority: string) => string,
  test: (relay: Served, port: string, stored: () => string[]) => Promise<void>,
): Promise<void> {
  await using certificates = await makeCertificates();
  const { certificate, privateKey } = await certificates.issue("server", "localhost");
  await using far = new Scene(`name: far
services:
  smtp:
    plugin: smtp
    options:
      listen: tcp:127.0.0.1:0
      hostname: far.test
      domains: [there.test]
      catchAll: all
      users: [{ name: relay, password: "s3cret word" }]
      deliver: { maildir: mail }
      tls: { certificate: ${certificate}, privateKey: ${privateKey} }
`);
  await using farApp = far.serve();
  const farPort = await farApp.port("smtp");
  await using near = new Scene(relaying(options(farPort, certificates.authority)));
  await using nearApp = near.serve();
  await test(nearApp, await nearApp.port("smtp"), () => {
    const folder = `${far.folder}/mail/all/new`;
    return [...Deno.readDirSync(folder)].map(({ name }) => Deno.readTextFileSync(`${folder}/${name}`));
  });
  nearApp.kill("SIGTERM");
  farApp.kill("SIGTERM");
  assertEquals([await nearApp.ended(), await farApp.ended()], [0, 0]);
}

const body = "Subject: gr\u00fc\u00dfe\r\n\r\n..dots\r\n..\r\ntext \u00fc\r\n.";

Deno.test({
  name: "two servers exchange mail with all extensions: TLS, a login, UTF-8, DSN, chunks, many recipients",
  ignore: withoutOpenssl,
  fn: () =>
    twoServers(
      (port, authority) =>
        `smarthost: "tcp:localhost:${port}", tls: required, authorities: ${authority}, login: { user: relay, password: "s3cret word" }`,
      async (_relay, port, stored) => {
        const recipients = Array.from({ length: 20 }, (_, at) => `RCPT TO:<r${at}@there.test>`);
        const replies = await converse(
          port,
          "EHLO client.test",
          "MAIL FROM:<j\u00f6rg@here.test> SMTPUTF8 BODY=8BITMIME RET=HDRS ENVID=e1",
          "RCPT TO:<jos\u00e9@there.test> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;jos+40there.test",
          ...recipients,
          "DATA",
          body,
        );
        assert(replies.at(-1)!.startsWith("250 2.0.0 "), replies.join("\n"));
        // In chunks, over a second connection.
        const text = "Subject: chunks\r\n\r\n.\r\nend\r\n";
        const whole = await converse(
          port,
          "EHLO client.test",
          "MAIL FROM:<a@here.test>",
          "RCPT TO:<b@there.test>",
          `BDAT ${text.length} LAST\r\n${text.slice(0, -2)}`,
        );
        assert(whole.at(-1)!.startsWith("250 2.0.0 "), whole.join("\n"));
        while (stored().length < 2) await new Promise((resolve) => setTimeout(resolve, 10));
        const [chunks, utf8] = stored().sort((a, b) =>
          Number(a.includes("gr\u00fc")) - Number(b.includes("gr\u00fc"))
        );
        assert(utf8!.startsWith("Return-Path: <j\u00f6rg@here.test>\r\nReceived: from relay.test"), utf8);
        assertStringIncludes(utf8!, "by far.test with UTF8SMTPSA id ");
        assertStringIncludes(utf8!, "\r\nSubject: gr\u00fc\u00dfe\r\n\r\n.dots\r\n.\r\ntext \u00fc\r\n");
        assertStringIncludes(chunks!, text);
        assertEquals(stored().length, 2);
      },
    ),
});

Deno.test({
  name: "a relay encrypts where it can, also for a server that nobody vouches for, unless TLS is required",
  ignore: withoutOpenssl,
  async fn() {
    const mail = ["EHLO c", "MAIL FROM:<a@here.test>", "RCPT TO:<b@there.test>", "DATA", "hi\r\n."];
    await twoServers((port) => `smarthost: "tcp:localhost:${port}"`, async (relay, port, stored) => {
      await converse(port, ...mail);
      assertEquals((await delivered(relay)).message, "Message delivered");
      assertStringIncludes(stored()[0]!, "by far.test with ESMTPS id ");
    });
    await twoServers(
      (port) => `smarthost: "tcp:localhost:${port}", tls: required`,
      async (relay, port) => {
        await converse(port, ...mail);
        const { message, answer } = await delivered(relay);
        assertEquals(message, "Delivery put off");
        assertStringIncludes(String(answer), "TLS cannot be set up");
      },
    );
  },
});

Deno.test({
  name: "postfix's smtp-source sends to a relay, and its smtp-sink hears from it",
  ignore: isMissing("smtp-source") || isMissing("smtp-sink"),
  async fn() {
    const reserved = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = reserved.addr;
    reserved.close();
    await using scene = new Scene(relaying(`smarthost: "tcp:127.0.0.1:${port}", retry: 1s`));
    Deno.mkdirSync(`${scene.folder}/sunk`);
    Deno.chmodSync(scene.folder, 0o755);
    Deno.chmodSync(`${scene.folder}/sunk`, 0o777);
    const sink = new Deno.Command("smtp-sink", {
      args: [
        ...(Deno.uid() === 0 ? ["-u", "nobody"] : []),
        "-d",
        `${scene.folder}/sunk/%M.`,
        `127.0.0.1:${port}`,
        "100",
      ],
      stdout: "null",
      stderr: "null",
    }).spawn();
    try {
      await using app = scene.serve();
      const server = await app.port("smtp");
      const sent = await runProgram("smtp-source", [
        ...["-s", "10", "-m", "200", "-l", "5000", "-r", "3", "-N"],
        ...["-f", "a@here.test", "-t", "b@there.test", `127.0.0.1:${server}`],
      ]);
      assertEquals([sent.code, sent.stderr], [0, ""]);
      await untilEmpty(scene.folder);
      const found = [...Deno.readDirSync(`${scene.folder}/sunk`)]
        .map(({ name }) => Deno.readTextFileSync(`${scene.folder}/sunk/${name}`));
      assertEquals(found.length, 200);
      for (const text of found) {
        assert(text.length > 5000 && text.includes("by relay.test with SMTP id "), text.slice(0, 500));
      }
    } finally {
      sink.kill("SIGTERM");
      await sink.status;
    }
  },
});

Deno.test("a relay passes mail on for nobody who is not known, by whichever way they come", async () => {
  const plain = relaying(`smarthost: "tcp:127.0.0.1:9"`).replace(
    "trusted: [127.0.0.1]",
    "trusted: [192.0.2.0/24]",
  )
    .replace("listen: tcp:127.0.0.1:0", "listen: [tcp:127.0.0.1:0, haproxy:tcp:127.0.0.1:0]")
    .replace(
      "deliver: discard",
      "deliver: discard\n      xclient: [127.0.0.1]\n      users: [{ name: a, password: p }]",
    );
  await using scene = new Scene(plain);
  await using app = scene.serve();
  const [direct, proxied] = (await app.endpoints("smtp")).map((endpoint) => endpoint.split(":").at(-1)!);
  const mail = ["MAIL FROM:<a@here.test>", "RCPT TO:<b@there.test>"];
  const refused = "550 5.7.1 Relaying denied";
  assertEquals((await converse(direct!, "EHLO c", ...mail)).at(-1), refused);
  const odd = [
    'RCPT TO:<"b@there.test"@here.test>',
    "RCPT TO:<b%there.test@here.test>",
    "RCPT TO:<@here.test:b@there.test>",
  ];
  const replies = await converse(direct!, "EHLO c", mail[0]!, ...odd);
  assertEquals(replies.slice(-3).map((reply) => reply.slice(0, 9)), ["550 5.1.1", "550 5.1.1", "550 5.7.1"]);
  // A proxy that tells who the client is, who may be trusted or not.
  for (
    const [facts, reply] of [
      ["ADDR=203.0.113.9", refused],
      ["ADDR=[UNAVAILABLE]", refused],
      ["ADDR=192.0.2.7", "250 2.1.5 Recipient OK"],
    ]
  ) {
    assertEquals((await converse(direct!, `XCLIENT ${facts}`, "EHLO c", ...mail)).at(-1), reply, facts);
  }
  const addresses = [["203.0.113.9", refused], ["192.0.2.7", "250 2.1.5 Recipient OK"]] as const;
  for (const [address, reply] of addresses) {
    for (const header of [`PROXY TCP4 ${address} 127.0.0.1 4000 25\r\n`, proxyV2(address)]) {
      using client = await TextConn.connect(`tcp:127.0.0.1:${proxied}`);
      await client.send(header);
      await client.send(`EHLO c\r\n${mail.join("\r\n")}\r\nQUIT\r\n`);
      const lines = (await client.rest()).split("\r\n");
      assertEquals(lines.at(-3), reply, address);
    }
  }
});

/** A header of PROXY v2 for an IPv4 client. */
function proxyV2(address: string): Uint8Array {
  const signature = [0x0d, 0x0a, 0x0d, 0x0a, 0, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a];
  const octets = address.split(".").map(Number);
  return Uint8Array.of(...signature, 0x21, 0x11, 0, 12, ...octets, 127, 0, 0, 1, 0x0f, 0xa0, 0, 25);
}

Deno.test({
  name: "msmtp logs in by SCRAM-SHA-256",
  ignore: isMissing("msmtp") || withoutOpenssl,
  async fn() {
    await using certificates = await makeCertificates();
    const { certificate, privateKey } = await certificates.issue("server", "localhost");
    await using scene = new Scene(`name: mail
services:
  smtp:
    plugin: smtp
    options:
      listen: tcp:127.0.0.1:0
      hostname: localhost
      domains: [here.test]
      users: [{ name: alice, password: "s3cret word" }]
      deliver: { maildir: mail }
      tls: { certificate: ${certificate}, privateKey: ${privateKey} }
      requireAuth: true
`);
    await using app = scene.serve();
    const port = await app.port("smtp");
    const run = (password: string) =>
      runProgram("msmtp", [
        ...["--host=localhost", `--port=${port}`, "--tls=on", `--tls-trust-file=${certificates.authority}`],
        ...["--auth=scram-sha-256", "--user=alice", `--passwordeval=echo ${password}`],
        ...["--from=alice@here.test", "alice@here.test"],
      ], "Subject: x\n\nhi\n");
    assertEquals(await run("s3cret word"), { code: 0, stdout: "", stderr: "" });
    const [file] = [...Deno.readDirSync(`${scene.folder}/mail/alice/new`)];
    const text = Deno.readTextFileSync(`${scene.folder}/mail/alice/new/${file!.name}`);
    assertStringIncludes(text, "with ESMTPSA id ");
    const wrong = await run("wrong");
    assert(wrong.code !== 0 && wrong.stderr.includes("535"), wrong.stderr);
  },
});
