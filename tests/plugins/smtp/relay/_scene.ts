import smtp from "../../../../plugins/smtp/mod.ts";
import type { Exchanger, MailResolver } from "../../../../plugins/smtp/relay/mail_resolver.ts";
import { SmtpService, type SmtpWorld } from "../../../../plugins/smtp/smtp_service.ts";
import { type MailQueue, mailQueue } from "../../../../services/mail/mail_queue.ts";
import { definePlugin } from "../../../../services/plugin/plugin.ts";
import { Protocol } from "../../../../services/protocol/protocol.ts";
import { startPlugin, type TestClient } from "../../../../services/testing/mod.ts";
import type { Options, RunningSmtp } from "../_scene.ts";

/** When the tests take place, in milliseconds since 1970. */
export const EPOCH: number = Date.UTC(2030, 0, 1);

/** A message that a {@linkcode FakeServer} was given. */
export interface Taken {
  readonly from: string;
  readonly to: readonly string[];
  readonly data: string;
}

/** How a {@linkcode FakeServer} behaves. */
export interface Manners {
  readonly name?: string;
  readonly extensions?: readonly string[];
  /**
   * The reply to a line, to the end of a message (`"."`) or to a connection (`""`); undefined: the usual one; null:
   * hang up; `"silence"`: none.
   */
  readonly answer?: (line: string) => string | null | undefined;
}

const usual: readonly string[] = [
  "PIPELINING",
  "SIZE 1000000",
  "8BITMIME",
  "SMTPUTF8",
  "ENHANCEDSTATUSCODES",
];

/** A server of somebody else, that writes down what it hears. */
export class FakeServer {
  readonly lines: string[] = [];
  readonly taken: Taken[] = [];
  connections = 0;
  /** Messages that have come to their end, taken or not. */
  ended = 0;
  /** Says something on the first connection. */
  say: ((text: string) => void) | null = null;
  manners: Manners;
  #changed = Promise.withResolvers<void>();

  constructor(manners: Manners = {}) {
    this.manners = manners;
  }

  /** Resolves when it has taken so many messages. */
  async took(count: number): Promise<Taken[]> {
    await this.until(() => this.taken.length >= count);
    return this.taken;
  }

  /** Resolves when `condition` holds, which is looked at whenever something has come. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await this.#changed.promise;
  }

  happened(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }

  build = (): Protocol => new FakeConnection(this);
}

class FakeConnection extends Protocol {
  readonly #server: FakeServer;
  #text = "";
  #from = "";
  #to: string[] = [];
  #inData = false;

  constructor(server: FakeServer) {
    super();
    this.#server = server;
  }

  override connectionMade(): void {
    this.#server.connections++;
    this.#server.say ??= (text) => this.transport.write(new TextEncoder().encode(`${text}\r\n`));
    this.#reply("", `220 ${this.#server.manners.name ?? "next.test"} ESMTP`);
    this.#server.happened();
  }

  override dataReceived(data: Uint8Array): void {
    this.#text += new TextDecoder().decode(data);
    while (this.#step());
    this.#server.happened();
  }

  #step(): boolean {
    const ending = this.#inData ? "\r\n.\r\n" : "\r\n";
    const text = this.#inData ? `\r\n${this.#text}` : this.#text;
    const end = text.indexOf(ending);
    if (end < 0) return false;
    const taken = text.slice(0, end + 2);
    this.#text = text.slice(end + ending.length);
    if (this.#inData) this.#take(taken.slice(2));
    else this.#line(taken.slice(0, -2));
    return true;
  }

  #take(data: string): void {
    this.#inData = false;
    this.#server.ended++;
    const reply = this.#reply(".", "250 2.0.0 taken");
    if (!reply?.startsWith("2")) return;
    this.#server.taken.push({ from: this.#from, to: this.#to, data: data.replaceAll(/^\.\./gm, ".") });
  }

  #line(line: string): void {
    const { name = "next.test", extensions = usual } = this.#server.manners;
    this.#server.lines.push(line);
    const verb = line.slice(0, 4).toUpperCase();
    const address = /<(.*)>/.exec(line)?.[1] ?? "";
    switch (verb) {
      case "EHLO": {
        const lines = [name, ...extensions];
        this.#reply(
          line,
          lines.map((text, at) => `250${at < lines.length - 1 ? "-" : " "}${text}`).join("\r\n"),
        );
        return;
      }
      case "MAIL":
        this.#from = address;
        this.#to = [];
        this.#reply(line, "250 2.1.0 ok");
        return;
      case "RCPT":
        if (this.#reply(line, "250 2.1.5 ok")?.startsWith("2")) this.#to.push(address);
        return;
      case "DATA": {
        const reply = this.#reply(line, this.#to.length > 0 ? "354 go" : "503 5.5.1 nobody");
        this.#inData = reply?.startsWith("354") ?? false;
        return;
      }
      case "QUIT":
        this.#reply(line, "221 2.0.0 bye");
        this.transport.loseConnection();
        return;
      default:
        this.#reply(line, "250 2.0.0 ok");
    }
  }

  #reply(line: string, usual: string): string | null {
    const answer = this.#server.manners.answer?.(line);
    if (answer === null) this.transport.abortConnection();
    else if (answer !== "silence") this.transport.write(new TextEncoder().encode(`${answer ?? usual}\r\n`));
    return answer === undefined ? usual : answer;
  }
}

/** A DNS of its own. What it does not know rejects. */
export function fakeDns(
  domains: Readonly<Record<string, readonly Exchanger[]>>,
  hosts: Readonly<Record<string, readonly string[]>> = {},
): MailResolver {
  const find = <T>(table: Readonly<Record<string, readonly T[]>>, name: string) =>
    name in table ? Promise.resolve(table[name]!) : Promise.reject(new Error("SERVFAIL"));
  return {
    exchangers: (domain) => find(domains, domain),
    addresses: (host) => host in hosts ? find(hosts, host) : Promise.resolve(["127.0.0.1"]),
  };
}

/** A relay in a folder of its own, with users; its next server, if there is one, listens on port 2600. */
export class RelayScene implements AsyncDisposable {
  readonly folder: string;
  readonly next: FakeServer;
  readonly #options: Options;
  readonly #world: Partial<SmtpWorld>;
  #app: RunningSmtp | null = null;
  /** Milliseconds that have passed for earlier services of this scene. */
  #passed = 0;

  constructor(options: Options = {}, next: FakeServer = new FakeServer(), world: Partial<SmtpWorld> = {}) {
    this.folder = Deno.makeTempDirSync({ prefix: "relay" });
    this.next = next;
    this.#world = world;
    this.#options = {
      hostname: "mx.test",
      domains: ["here.test"],
      users: [{ name: "alice", password: "secret" }, { name: "bob", password: "hunter2" }],
      trusted: ["127.0.0.0/8"],
      deliver: { memory: 1000 },
      ...options,
      relay: {
        smarthost: "tcp:127.0.0.1:2600",
        ...options.relay,
        queue: options.relay?.queue || `${this.folder}/queue`,
      },
    };
  }

  get app(): RunningSmtp {
    return this.#app!;
  }

  get queue(): MailQueue {
    return this.app.get(mailQueue);
  }

  /** Start the service, with the next server beside it. */
  async start({ listening = true }: { listening?: boolean } = {}): Promise<RunningSmtp> {
    const now = () => EPOCH + this.#passed + (this.#app?.reactor.now() ?? 0);
    const world = { now, random: () => 0, ...this.#world };
    const plugin = definePlugin({ ...smtp, makeService: (options) => new SmtpService(options, world) });
    this.#app = await startPlugin(plugin, this.#options);
    if (listening) await this.listen();
    return this.#app;
  }

  /** Let the next server listen. */
  async listen(port = 2600, server: FakeServer = this.next): Promise<void> {
    await this.app.reactor.listen(`tcp:${port}:interface=127.0.0.1`, server.build);
  }

  async stop(): Promise<void> {
    const app = this.#app;
    if (app === null) return;
    this.#passed += app.reactor.now();
    this.#app = null;
    await app[Symbol.asyncDispose]();
  }

  /** Send a message to the service. @returns the code of the reply after its end */
  async send(
    {
      from = "alice@here.test",
      to = ["jane@there.test"],
      mail = "",
      rcpt = "",
      text = "Subject: hi\r\n\r\nhello\r\n",
    }: {
      readonly from?: string;
      readonly to?: readonly string[];
      readonly mail?: string;
      readonly rcpt?: string;
      readonly text?: string;
    } = {},
  ): Promise<string> {
    const client = await this.app.connect();
    await client.receivedUntil("220 mx.test ESMTP ready\r\n");
    await this.ask(client, "EHLO client.test");
    await this.ask(client, `MAIL FROM:<${from}>${mail}`);
    for (const address of to) {
      const reply = await this.ask(client, `RCPT TO:<${address}>${rcpt}`);
      if (!reply.startsWith("250")) throw new Error(reply);
    }
    await this.ask(client, "DATA");
    const reply = await this.ask(client, `${text}.`);
    client.transport.loseConnection();
    return reply.slice(0, 3);
  }

  /** Say something; the last line of the reply. */
  async ask(client: TestClient, line: string): Promise<string> {
    await client.send(`${line}\r\n`);
    while (true) {
      const reply = await client.receivedUntil("\r\n");
      if (reply[3] === " ") return reply;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await Deno.remove(this.folder, { recursive: true });
  }
}
