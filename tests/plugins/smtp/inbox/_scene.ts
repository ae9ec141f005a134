import smtp from "../../../../plugins/smtp/mod.ts";
import { silentLogger } from "../../../../services/log.ts";
import { formatAddress } from "../../../../services/reactor/address.ts";
import { DenoReactor } from "../../../../services/reactor/deno/deno_reactor.ts";
import { ServiceLife } from "../../../../services/service_life.ts";
import { TextConn } from "../../../support/text_conn.ts";
import type { Options } from "../_scene.ts";

/** A server with an inbox, on real sockets. */
export interface InboxScene {
  /** `http://127.0.0.1:43210` */
  readonly url: string;
  /** Where the Maildirs are. */
  readonly folder: string;
  /** Ask the inbox for something. */
  fetch(path: string, init?: RequestInit): Promise<Response>;
  /** Ask for something; the status alone. */
  status(path: string): Promise<number>;
  /** Ask the API for something, and take the answer for JSON. */
  // deno-lint-ignore no-explicit-any
  json(path: string, init?: RequestInit): Promise<any>;
  /** Send messages by SMTP; each has to be accepted. */
  send(...messages: string[]): Promise<void>;
  /** Wait until the list has so many messages. */
  // deno-lint-ignore no-explicit-any
  listed(count: number): Promise<any[]>;
}

/** Run a server with an inbox for `test`; what `options` does not say is as usual. */
export async function withInbox(options: Options, test: (scene: InboxScene) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "heddle_inbox_" });
  await using reactor = new DenoReactor({ log: silentLogger });
  const read = await smtp.options["~standard"].validate({
    listen: "tcp:127.0.0.1:0",
    hostname: "mx.test",
    domains: ["*"],
    catchAll: "inbox",
    deliver: { maildir: folder },
    inbox: "tcp:0",
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
  const [mail, page] = life.scope.endpoints.map(formatAddress);
  const url = page!.replace("tcp:", "http://");
  const ask = (path: string, init?: RequestInit) => fetch(`${url}${path}`, init);
  const scene: InboxScene = {
    url,
    folder,
    fetch: ask,
    async status(path) {
      const reply = await ask(path);
      await reply.body?.cancel();
      return reply.status;
    },
    async json(path, init) {
      const reply = await ask(path, init);
      if (!reply.ok) throw new Error(`${reply.status}: ${await reply.text()}`);
      return await reply.json();
    },
    async send(...messages) {
      using conn = await TextConn.connect(mail!);
      let session = "EHLO c\r\n";
      for (const message of messages) {
        const body = message.replace(/\n$/, "").replaceAll(/\r?\n/g, "\r\n").replaceAll(/^\./gm, "..");
        session += `MAIL FROM:<a@b.test>\r\nRCPT TO:<x@here.test>\r\nDATA\r\n${body}\r\n.\r\n`;
      }
      await conn.send(`${session}QUIT\r\n`);
      const told = await conn.rest();
      if (told.match(/^250 2\.0\.0 Message/gm)?.length !== messages.length) throw new Error(told);
    },
    async listed(count) {
      for (let attempt = 0; attempt < 400; attempt++) {
        const { rows, total } = await scene.json("/api/messages?limit=500");
        if (total === count) return rows;
        await new Promise((resolve) => setTimeout(resolve, 25));
      }
      throw new Error(`The list has not come to have ${count} messages`);
    },
  };
  try {
    await test(scene);
  } finally {
    await life.stop({ within: 2_000, hold: 0 });
    await Deno.remove(folder, { recursive: true });
  }
}

/** The path of a message in the API. */
export function pathOf({ id }: { id: string }, rest = ""): string {
  return `/api/messages/${encodeURIComponent(id)}${rest}`;
}
