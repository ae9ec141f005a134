import { DeferredQueue } from "../../services/async/deferred_queue.ts";
import { silentLogger } from "../../services/log.ts";
import { TextLineReceiver } from "../../services/protocol/text_line_receiver.ts";
import { DenoReactor } from "../../services/reactor/deno/deno_reactor.ts";
import { assert, assertEquals, assertStringIncludes } from "../assert.ts";
import { makeCertificates, withoutOpenssl } from "../support/certificates.ts";
import { isMissing, runProgram } from "../support/programs.ts";
import { TextConn } from "../support/text_conn.ts";
import { Scene } from "./_scene.ts";

const message = "Subject: greeting\r\n\r\nhello\r\n.dot\r\n";

interface Serving {
  /** Of pop3 with STLS. */
  readonly port: string;
  /** Of pop3s. */
  readonly securePort: string;
  /** PEM file. */
  readonly authority: string;
  readonly folder: string;
  /** The files in alice's mailbox. */
  files(): string[];
}

/** A server with TLS, and two messages for alice that came by SMTP. */
async function serving(test: (serving: Serving) => Promise<void>): Promise<void> {
  await using certificates = await makeCertificates();
  const { certificate, privateKey } = await certificates.issue("server", "localhost");
  await using scene = new Scene(`name: mail
services:
  smtp:
    plugin: smtp
    options:
      listen: tcp:127.0.0.1:0
      domains: [here.test]
      users: &users [{ name: alice, password: "s3cret word" }]
      deliver: { maildir: mail }
  pop3:
    plugin: pop3
    options:
      listen:
        - tcp:127.0.0.1:0
        - { tls: 0, interface: 127.0.0.1, certificate: "${certificate}", privateKey: "${privateKey}" }
      hostname: localhost
      users: *users
      maildir: mail
      tls: { certificate: "${certificate}", privateKey: "${privateKey}" }
`);
  await using app = scene.serve();
  const [smtp] = await app.endpoints("smtp");
  using sender = await TextConn.connect(smtp!);
  const one = `MAIL FROM:<bob@far.test>\r\nRCPT TO:<alice@here.test>\r\nDATA\r\n${
    message.replace(".dot", "..dot")
  }.\r\n`;
  await sender.send(`EHLO c\r\n${one}${one}QUIT\r\n`);
  assertEquals((await sender.rest()).match(/^250 2\.0\.0 Message/gm)?.length, 2);
  const [port, securePort] = (await app.endpoints("pop3")).map((endpoint) => endpoint.split(":").at(-1)!);
  await test({
    port: port!,
    securePort: securePort!,
    authority: certificates.authority,
    folder: scene.folder,
    files: () => [...Deno.readDirSync(`${scene.folder}/mail/alice/new`)].map(({ name }) => name),
  });
  app.kill("SIGTERM");
  assertEquals(await app.ended(), 0);
}

Deno.test({
  name: "curl lists, fetches and removes by POP3 with STLS, and by pop3s",
  ignore: withoutOpenssl || isMissing("curl"),
  fn: () =>
    serving(async ({ port, securePort, authority, files }) => {
      const curl = async (url: string, ...args: string[]) => {
        const login = [
          "--user",
          "alice:s3cret word",
          "--cacert",
          authority,
          "--ssl-reqd",
          "--max-time",
          "20",
        ];
        const { code, stdout, stderr } = await runProgram("curl", ["-sS", ...login, ...args, url]);
        assertEquals(code, 0, stderr);
        return stdout;
      };
      for (const url of [`pop3://localhost:${port}`, `pop3s://localhost:${securePort}`]) {
        assert(/^1 \d+\r\n/.test(await curl(`${url}/`)));
        for (const option of ["AUTH=PLAIN", "AUTH=LOGIN"]) {
          const fetched = await curl(`${url}/1`, "--login-options", option);
          assert(fetched.endsWith(message), fetched);
        }
        const before = files().length;
        await curl(`${url}/1`, "--request", "DELE", "--head");
        assertEquals(files().length, before - 1);
      }
    }),
});

Deno.test({
  name: "python3 poplib reads and removes by POP3 with STLS, and by pop3s",
  ignore: withoutOpenssl || isMissing("python3"),
  fn: () =>
    serving(async ({ port, securePort, authority, files }) => {
      const { code, stderr } = await runProgram("python3", ["-c", PYTHON, port, securePort, authority]);
      assertEquals(code, 0, stderr);
      assertEquals(files().length, 1);
    }),
});

const PYTHON = `
import poplib, ssl, sys
port, secure, authority = sys.argv[1:]
context = ssl.create_default_context(cafile=authority)
pop = poplib.POP3("localhost", int(port), timeout=20)
assert "STLS" in pop.capa(), pop.capa()
try:
    pop.user("alice")
    sys.exit("a name was taken without TLS")
except poplib.error_proto as error:
    pass
pop.stls(context=context)
assert "SASL" in pop.capa(), pop.capa()
pop.user("alice")
pop.pass_("s3cret word")
count, octets = pop.stat()
assert count == 2, count
numbers = [int(line.split()[1]) for line in pop.list()[1]]
assert sum(numbers) == octets, (numbers, octets)
lines = pop.retr(2)[1]
assert lines[-2:] == [b"hello", b".dot"], lines
assert sum(len(line) + 2 for line in lines) == numbers[1]
assert pop.top(1, 1)[1][-2:] == [b"", b"hello"]
uids = pop.uidl()[1]
pop.dele(1)
pop.quit()
pop = poplib.POP3_SSL("localhost", int(secure), timeout=20, context=context)
pop.user("alice")
pop.pass_("s3cret word")
assert [line.split()[1] for line in pop.uidl()[1]] == [uids[1].split()[1]]
pop.dele(1)
pop.close() # without QUIT: nothing is removed
`;

Deno.test({
  name: "fetchmail fetches all over STLS, and leaves nothing behind",
  ignore: withoutOpenssl || isMissing("fetchmail"),
  fn: () =>
    serving(async ({ port, authority, folder, files }) => {
      const control = `${folder}/fetchmailrc`;
      await Deno.writeTextFile(
        control,
        `poll localhost protocol POP3 port ${port} auth password user "alice" password "s3cret word"
  sslproto "tls1.2+" sslcertck sslcertfile "${authority}" mda "cat >> ${folder}/fetched"
`,
        { mode: 0o600 },
      );
      const args = ["--fetchmailrc", control, "--idfile", `${folder}/ids`, "--pidfile", `${folder}/pid`];
      const { code, stdout, stderr } = await runProgram("fetchmail", [...args, "--nosyslog", "--all"]);
      assertEquals(code, 0, stdout + stderr);
      assertEquals((await Deno.readTextFile(`${folder}/fetched`)).match(/^\.dot$/gm)?.length, 2);
      assertEquals(files(), []);
    }),
});

Deno.test({
  name: "getmail fetches all by pop3s, and knows the next time what it has",
  ignore: withoutOpenssl || isMissing("getmail"),
  fn: () =>
    serving(async ({ securePort, authority, folder, files }) => {
      await Deno.mkdir(`${folder}/getmail`);
      await Deno.writeTextFile(
        `${folder}/getmail/getmailrc`,
        `[retriever]
type = SimplePOP3SSLRetriever
server = localhost
port = ${securePort}
username = alice
password = s3cret word
ca_certs = ${authority}
[destination]
type = MDA_external
path = /usr/bin/tee
arguments = ("-a", "${folder}/fetched")
allow_root_commands = true
[options]
delete = false
read_all = false
`,
      );
      const fetched = () => Deno.readTextFileSync(`${folder}/fetched`).match(/^\.dot$/gm)?.length;
      for (const expected of [2, 2]) {
        const { code, stdout, stderr } = await runProgram("getmail", [`--getmaildir=${folder}/getmail`]);
        assertEquals(code, 0, stdout + stderr);
        assertEquals(fetched(), expected);
      }
      assertEquals(files().length, 2);
    }),
});

/** Gives its lines one by one. */
class Lines extends TextLineReceiver {
  readonly #lines = new DeferredQueue<string>();

  override textReceived(line: string): void {
    this.#lines.put(line);
  }

  ask(line: string): Promise<string> {
    this.sendLine(line);
    return this.line();
  }

  async line(): Promise<string> {
    return await this.#lines.get();
  }
}

Deno.test({
  name: "STLS forgets all that was said before, and closes on who does not speak TLS",
  ignore: withoutOpenssl,
  fn: () =>
    serving(async ({ port, authority }) => {
      await using reactor = new DenoReactor({ log: silentLogger });
      const client = await reactor.connect(`tcp:127.0.0.1:${port}`, () => new Lines());
      await client.line();
      // Whoever is in between has put a command behind ours.
      assertEquals(await client.ask("STLS\r\nXYZZY"), "+OK Begin TLS");
      await client.transport.startTLS({ authorities: authority, serverName: "localhost" });
      assertEquals(await client.ask("STLS"), "-ERR TLS is in use already");
      assertEquals(await client.ask("PASS s3cret word"), "-ERR Send USER first");
      assertEquals(await client.ask("USER alice"), "+OK Send PASS");
      assertEquals(await client.ask("PASS s3cret word"), "+OK 2 messages");
      assertEquals(await client.ask("QUIT"), "+OK Bye");
      using other = await TextConn.connect(`tcp:127.0.0.1:${port}`);
      await other.line();
      await other.send("STLS\r\n");
      assertEquals(await other.line(), "+OK Begin TLS");
      await other.send("this is no handshake\r\n");
      assert(!(await other.rest()).includes("OK"));
    }),
});

Deno.test("a maildrop is one session's among all processes, and kill -9 gives it back with all its mail", async () => {
  await using scene = new Scene(`name: mail
services:
  pop3:
    plugin: pop3
    options: { listen: "tcp:127.0.0.1:0", users: [{ name: a, password: b }], maildir: mail, insecureAuth: true }
`);
  const login = async (conn: TextConn): Promise<string> => {
    await conn.send("USER a\r\nPASS b\r\n");
    assertEquals(await conn.line(), "+OK Send PASS");
    return await conn.line();
  };
  await using one = scene.serve();
  await using two = scene.serve();
  const [endpointOne, endpointTwo] = [(await one.endpoints("pop3"))[0]!, (await two.endpoints("pop3"))[0]!];
  for (const number of [1, 2, 3]) {
    await Deno.writeTextFile(`${scene.folder}/mail/a/new/${number}.x`, "a: b\r\n");
  }
  using first = await TextConn.connect(endpointOne);
  using second = await TextConn.connect(endpointTwo);
  await Promise.all([first.line(), second.line()]);
  assertEquals(await login(first), "+OK 3 messages");
  await first.send("DELE 1\r\nDELE 2\r\nNOOP\r\n");
  for (let i = 0; i < 3; i++) assertStringIncludes(await first.line(), "+OK");
  assertEquals(await login(second), "-ERR [IN-USE] Another session has this maildrop open");
  one.kill("SIGKILL");
  await one.ended();
  assertEquals(await login(second), "+OK 3 messages");
});
