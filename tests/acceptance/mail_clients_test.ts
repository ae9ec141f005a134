import { assert, assertEquals, assertStringIncludes } from "../assert.ts";
import { makeCertificates, withoutOpenssl } from "../support/certificates.ts";
import { Scene } from "./_scene.ts";
// @ts-types="./_nodemailer.d.ts"
import { createTransport } from "nodemailer";

/** Whether a program that a test drives is there. */
function lacks(program: string, ...args: string[]): boolean {
  try {
    if (new Deno.Command(program, { args, stdout: "null", stderr: "null" }).outputSync().success) {
      return false;
    }
  } catch {
    // Not installed.
  }
  console.warn(`${program} is not installed: its test is skipped`);
  return true;
}

async function run(program: string, ...args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(program, { args, stdin: "null" }).output();
  const told = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  assert(success, told);
  return told;
}

/** A server with TLS and users, and what it has stored. */
async function serving(
  test: (port: string, authority: string, stored: () => string[]) => Promise<void>,
): Promise<void> {
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
  await test(await app.port("smtp"), certificates.authority, () => {
    const folder = `${scene.folder}/mail/alice/new`;
    return [...Deno.readDirSync(folder)].map(({ name }) => Deno.readTextFileSync(`${folder}/${name}`));
  });
  app.kill("SIGTERM");
  assertEquals(await app.ended(), 0);
}

Deno.test({
  name: "nodemailer sends over STARTTLS with a login, also an attachment and UTF-8",
  ignore: withoutOpenssl,
  fn: () =>
    serving(async (port, authority, stored) => {
      const transport = createTransport({
        host: "localhost",
        port: Number(port),
        requireTLS: true,
        tls: { ca: [await Deno.readTextFile(authority)] },
        auth: { user: "alice", pass: "s3cret word" },
      });
      const { response } = await transport.sendMail({
        from: "bob@far.test",
        to: "alice@here.test",
        subject: "H\u00e4llo",
        text: ".\r\n..dots\r\n",
        attachments: [{ filename: "x.bin", content: "x".repeat(300_000) }],
      });
      transport.close();
      assert(response.startsWith("250 2.0.0 "), response);
      const [message] = stored();
      assertStringIncludes(message!, "with ESMTPSA id");
      assertStringIncludes(message!, "Subject: =?UTF-8?");
      assertStringIncludes(message!, "\r\n.\r\n..dots\r\n");
      assert(message!.length > 400_000);
    }),
});

Deno.test({
  name: "python3 smtplib sends over STARTTLS with a login",
  ignore: withoutOpenssl || lacks("python3", "-c", "import smtplib"),
  fn: () =>
    serving(async (port, authority, stored) => {
      await run("python3", "-c", PYTHON, port, authority);
      assertStringIncludes(stored()[0]!, "\r\n\r\nfrom python\r\n.dot\r\n");
    }),
});

const PYTHON = `
import smtplib, ssl, sys
port, authority = sys.argv[1:]
with smtplib.SMTP("localhost", int(port), timeout=20) as client:
    client.starttls(context=ssl.create_default_context(cafile=authority))
    try:
        client.login("alice", "wrong")
        sys.exit("a wrong password was taken")
    except smtplib.SMTPAuthenticationError as error:
        assert error.smtp_code == 535, error
    client.login("alice", "s3cret word")
    refused = client.sendmail("bob@far.test", ["alice@here.test", "nobody@here.test"], "Subject: x\\n\\nfrom python\\n.dot\\n")
    assert refused["nobody@here.test"][0] == 550, refused
`;

Deno.test({
  name: "curl sends over STARTTLS with a login",
  ignore: withoutOpenssl || lacks("curl", "--version"),
  fn: () =>
    serving(async (port, authority, stored) => {
      const file = await Deno.makeTempFile();
      await Deno.writeTextFile(file, "Subject: x\r\n\r\nfrom curl\r\n");
      const url = `smtp://localhost:${port}/client.test`;
      const envelope = [
        "--mail-from",
        "bob@far.test",
        "--mail-rcpt",
        "alice@here.test",
        "--upload-file",
        file,
      ];
      for (const option of ["AUTH=PLAIN", "AUTH=LOGIN"]) {
        const login = ["--login-options", option, "--user", "alice:s3cret word"];
        await run(
          "curl",
          "-sS",
          "--max-time",
          "20",
          "--ssl-reqd",
          "--cacert",
          authority,
          ...login,
          ...envelope,
          url,
        );
      }
      await Deno.remove(file);
      assertEquals(stored().filter((message) => message.endsWith("\r\n\r\nfrom curl\r\n")).length, 2);
    }),
});

Deno.test({
  name: "swaks sends over STARTTLS with a login, pipelined",
  ignore: withoutOpenssl || lacks("swaks", "--version") || lacks("perl", "-MNet::SSLeay", "-e1"),
  fn: () =>
    serving(async (port, _authority, stored) => {
      const login = ["--auth", "PLAIN", "--auth-user", "alice", "--auth-password", "s3cret word"];
      const envelope = ["--from", "bob@far.test", "--to", "alice@here.test", "--body", "from swaks"];
      const told = await run(
        "swaks",
        "--server",
        "127.0.0.1",
        "--port",
        port,
        "--tls",
        "--pipeline",
        ...login,
        ...envelope,
      );
      assertStringIncludes(told, "250 2.0.0 Message");
      assertStringIncludes(stored()[0]!, "from swaks");
    }),
});
