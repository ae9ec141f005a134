import * as postalMime from "postal-mime";
import type { ServiceContext } from "../../../services/context.ts";
import type { ServerEndpoint } from "../../../services/endpoint/endpoint.ts";
import { serveHttp } from "../../../services/http/mod.ts";
import type { MailQueue } from "../../../services/mail/mail_queue.ts";
import { Inbox } from "./inbox.ts";
import { InboxSite } from "./inbox_site.ts";
import { ParsedMessage } from "./message_view.ts";
import { parseEffort } from "./parse_effort.ts";
import { parseAside, parseHere } from "./parse_message.ts";
import type { MessageStore } from "./store.ts";

/** How an inbox is served. */
export interface InboxOptions {
  readonly listen: ServerEndpoint;
  /** Null: none is asked for. */
  readonly password: string | null;
  /** Outgoing mail; null where there is none. */
  readonly queue: MailQueue | null;
}

/** Connections of a browser or two, and of programs. */
const LIMITS = { maxConnections: 500, maxBody: 64 * 1024 };

/** Show the messages of `store` on a web page, and to programs by a REST API. */
export async function serveInbox(
  store: MessageStore,
  { listen, password, queue }: InboxOptions,
  context: ServiceContext,
): Promise<void> {
  const { reactor, log, draining } = context;
  const inbox = new Inbox(store, postalMime, log);
  const site = new InboxSite({
    inbox,
    parse: (bytes) => parse(bytes, context.signal),
    queue,
    password,
    time: reactor,
    draining,
  });
  await serveHttp(reactor, listen, site.handler, { ...LIMITS, log });
  context.spawn((signal) => inbox.build(AbortSignal.any([signal, draining])));
}

/** Null for a message that would be too much work. */
async function parse(bytes: Uint8Array, signal: AbortSignal): Promise<ParsedMessage | null> {
  const effort = parseEffort(bytes);
  if (effort === "tooMuch") return null;
  const email = effort === "little" ? await parseHere(bytes, postalMime) : await parseAside(bytes, signal);
  return new ParsedMessage(email, postalMime.decodeWords);
}
