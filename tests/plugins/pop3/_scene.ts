import pop3 from "../../../plugins/pop3/mod.ts";
import { Maildir } from "../../../services/mail/maildir.ts";
import type { MaildirEntry } from "../../../services/mail/maildir_entry.ts";
import { MaildirNames } from "../../../services/mail/maildir_names.ts";
import type { InferInput } from "../../../services/plugin/standard_schema.ts";
import { type RunningPlugin, startPlugin, type TestClient } from "../../../services/testing/mod.ts";

/** Options of the plugin, as an application file would have them. */
export type Options = InferInput<typeof pop3.options>;

const names = new MaildirNames({ host: "mx.test" });

/** A folder of Maildirs, and a server that serves them to alice and bob. */
export class Pop3Scene implements AsyncDisposable {
  readonly app: RunningPlugin<typeof pop3.options>;
  readonly folder: string;

  private constructor(app: RunningPlugin<typeof pop3.options>, folder: string) {
    this.app = app;
    this.folder = folder;
  }

  /** Start the plugin; what `options` does not say is as usual. */
  static async start(options: Partial<Options> = {}): Promise<Pop3Scene> {
    const folder = await Deno.makeTempDir({ prefix: "heddle_pop3_" });
    const app = await startPlugin(pop3, {
      hostname: "mx.test",
      users: [{ name: "alice", password: "secret" }, { name: "bob", password: "hunter2" }],
      maildir: folder,
      insecureAuth: true,
      ...options,
    });
    return new Pop3Scene(app, folder);
  }

  /** What is in a mailbox's folders, sorted. */
  files(user = "alice"): string[] {
    return ["new", "cur"].flatMap((name) => [...Deno.readDirSync(`${this.folder}/${user}/${name}`)])
      .map(({ name }) => name).sort();
  }

  /** Put messages into alice's mailbox. */
  async deliver(...messages: string[]): Promise<MaildirEntry[]> {
    const maildir = new Maildir(`${this.folder}/alice`, { names });
    const entries: MaildirEntry[] = [];
    for (const message of messages) entries.push(await maildir.deliver(new TextEncoder().encode(message)));
    return entries;
  }

  /** A client that has been greeted. */
  async connect(): Promise<TestClient> {
    const client = await this.app.connect();
    await client.receivedUntil("\r\n");
    return client;
  }

  /** A client that is logged in. */
  async login(user = "alice", password = "secret"): Promise<TestClient> {
    const client = await this.connect();
    await ask(client, `USER ${user}`);
    const reply = await ask(client, `PASS ${password}`);
    if (!reply.startsWith("+OK")) throw new Error(reply);
    return client;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.app[Symbol.asyncDispose]();
    await Deno.remove(this.folder, { recursive: true });
  }
}

/** Send a line, and wait for a line; without its end. */
export async function ask(client: TestClient, line: string): Promise<string> {
  await client.send(`${line}\r\n`);
  return (await client.receivedUntil("\r\n")).slice(0, -2);
}

/** Send a line, and wait for several lines; without the dot. */
export async function askLines(client: TestClient, line: string): Promise<string> {
  await client.send(`${line}\r\n`);
  return (await client.receivedUntil("\r\n.\r\n")).slice(0, -3);
}
