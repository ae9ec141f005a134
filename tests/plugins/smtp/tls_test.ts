import smtp from "../../../plugins/smtp/mod.ts";
import { silentLogger } from "../../../services/log.ts";
import { TextLineReceiver } from "../../../services/protocol/text_line_receiver.ts";
import { DenoReactor } from "../../../services/reactor/deno/deno_reactor.ts";
import { ServiceLife } from "../../../services/service_life.ts";
import { assertEquals, assertRejects } from "../../assert.ts";
import { makeCertificates, withoutOpenssl } from "../../support/certificates.ts";

/** A client over real sockets: collects whole replies, by their last line. */
class Client extends TextLineReceiver {
  readonly #replies: string[] = [];
  #wake = () => {};
  lines: string[] = [];

  override textReceived(line: string): void {
    this.lines.push(line);
    if (line[3] === " ") this.#replies.push(line.slice(0, 3));
    this.#wake();
  }

  override connectionLost(): void {
    this.#replies.push("closed");
    this.#wake();
  }

  async reply(): Promise<string> {
    while (this.#replies.length === 0) await new Promise<void>((resolve) => this.#wake = resolve);
    return this.#replies.shift()!;
  }

  ask(line: string): Promise<string> {
    this.sendLine(line);
    return this.reply();
  }
}

async function serving(options: object, test: (reactor: DenoReactor, port: () => string) => Promise<void>) {
  await using reactor = new DenoReactor({ log: silentLogger });
  const read = await smtp.options["~standard"].validate({
    hostname: "mx.test",
    domains: ["here.test"],
    users: [{ name: "alice", password: "secret" }],
    deliver: "discard",
    ...options,
  });
  if (read.issues !== undefined) throw new Error(JSON.stringify(read.issues));
  const life = new ServiceLife({
    name: "smtp",
    log: silentLogger,
    open: (options) => reactor.scope(options),
    tokens: {
      get: () => {
        throw new Error("none");
      },
      provide: () => {},
    },
  });
  await life.start(() => smtp.makeService(read.value) as never);
  const address = life.scope.endpoints[0]!;
  try {
    await test(reactor, () => `127.0.0.1:${"port" in address ? address.port : 0}`);
  } finally {
    await life.stop({ within: 0, hold: 0 });
  }
}

Deno.test({
  name: "smtp switches to TLS, and forgets all that was said before",
  ignore: withoutOpenssl,
  async fn() {
    await using certificates = await makeCertificates();
    const tls = await certificates.issue("server", "localhost");
    await serving({ listen: "tcp:127.0.0.1:0", tls, requireTls: true }, async (reactor, port) => {
      const client = await reactor.connect(`tcp:${port()}`, () => new Client());
      assertEquals(await client.reply(), "220");
      assertEquals(await client.ask("EHLO c"), "250");
      assertEquals(client.lines.includes("250 STARTTLS"), true);
      assertEquals(await client.ask("MAIL FROM:<a@b>"), "530");
      assertEquals(await client.ask(`AUTH PLAIN ${btoa("\0alice\0secret")}`), "538");
      // Whoever is in between has put a command behind ours.
      assertEquals(await client.ask("STARTTLS\r\nMAIL FROM:<evil@b>"), "220");
      await client.transport.startTLS({ authorities: certificates.authority, serverName: "localhost" });
      assertEquals(await client.ask("MAIL FROM:<a@b>"), "503");
      client.lines = [];
      assertEquals(await client.ask("EHLO c"), "250");
      assertEquals(client.lines.at(-1), "250 AUTH SCRAM-SHA-256 PLAIN LOGIN");
      assertEquals(await client.ask("STARTTLS"), "503");
      assertEquals(await client.ask(`AUTH PLAIN ${btoa("\0alice\0secret")}`), "235");
      assertEquals(await client.ask("MAIL FROM:<a@b>"), "250");
      assertEquals(await client.ask("QUIT"), "221");
      assertEquals(await client.reply(), "closed");
    });
  },
});

Deno.test({
  name: "smtp closes a connection that does not speak TLS after STARTTLS",
  ignore: withoutOpenssl,
  async fn() {
    await using certificates = await makeCertificates();
    const tls = await certificates.issue("server", "localhost");
    await serving({ listen: "tcp:127.0.0.1:0", tls }, async (reactor, port) => {
      const client = await reactor.connect(`tcp:${port()}`, () => new Client());
      await client.reply();
      assertEquals(await client.ask("EHLO c"), "250");
      assertEquals(await client.ask("STARTTLS"), "220");
      assertEquals(await client.ask("this is no handshake"), "closed");
    });
  },
});

Deno.test({
  name: "smtp does not start with a certificate that it cannot show",
  ignore: withoutOpenssl,
  async fn() {
    await using certificates = await makeCertificates();
    const { certificate } = await certificates.issue("server", "localhost");
    const { privateKey } = await certificates.issue("other", "localhost");
    const start = (tls: object) => serving({ listen: "tcp:127.0.0.1:0", tls }, () => Promise.resolve());
    await assertRejects(
      () => start({ certificate: "nowhere.pem", privateKey }),
      Error,
      'Cannot offer STARTTLS: certificate "nowhere.pem"',
    );
    await assertRejects(() => start({ certificate, privateKey }), Error, "does not belong to certificate");
  },
});

Deno.test({
  name: "smtp takes logins on an endpoint with implicit TLS",
  ignore: withoutOpenssl,
  async fn() {
    await using certificates = await makeCertificates();
    const { certificate, privateKey } = await certificates.issue("server", "localhost");
    const listen = { tls: 0, interface: "127.0.0.1", certificate, privateKey };
    await serving({ listen, requireTls: true }, async (reactor, port) => {
      const [hostname, number] = port().split(":");
      const client = await reactor.connect(
        {
          kind: "tls",
          hostname: hostname!,
          port: Number(number),
          tls: { authorities: certificates.authority, serverName: "localhost" },
        },
        () => new Client(),
      );
      assertEquals(await client.reply(), "220");
      assertEquals(await client.ask("EHLO c"), "250");
      assertEquals(client.lines.at(-1), "250 AUTH SCRAM-SHA-256 PLAIN LOGIN");
      assertEquals(await client.ask("STARTTLS"), "503");
      assertEquals(await client.ask(`AUTH PLAIN ${btoa("\0alice\0secret")}`), "235");
      assertEquals(await client.ask("QUIT"), "221");
    });
  },
});
