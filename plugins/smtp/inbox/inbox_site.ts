import type { ReactorTime } from "../../../services/async/time.ts";
import {
  eventStream,
  type Handler,
  HttpError,
  type HttpRequest,
  Reply,
  type ReplyHeaders,
} from "../../../services/http/mod.ts";
import type { MailQueue } from "../../../services/mail/mail_queue.ts";
import { changeStream } from "./change_stream.ts";
import { Guard, type Verdict } from "./guard.ts";
import type { Inbox } from "./inbox.ts";
import { LARGEST_PARSED, type ParsedMessage } from "./message_view.ts";
import * as page from "./page_files.ts";
import { inPieces } from "./pieces.ts";
import { readWhole } from "./read_whole.ts";
import { type Row, viewOf } from "./row.ts";

/** What the site stands on. */
export interface SiteOptions {
  readonly inbox: Inbox;
  /** Takes messages apart; null for those that are too much work. */
  readonly parse: (bytes: Uint8Array) => Promise<ParsedMessage | null>;
  /** Outgoing mail; null where there is none. */
  readonly queue: MailQueue | null;
  /** Null: none is asked for. */
  readonly password: string | null;
  readonly time: ReactorTime;
  /** Aborted when the service is being stopped. */
  readonly draining: AbortSignal;
}

const LARGEST_PAGE = 500;
/** Milliseconds between two looks at what others have done to the mailboxes. */
const REFRESH = 1_000;
/** A look that takes long is followed by a pause so many times as long. */
const IDLE_SHARE = 20;
/** Milliseconds until a wrong password is answered. */
const PENALTY = 1_000;

const common = {
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
  "cache-control": "no-store",
};
/** The page itself runs its own script and no other. */
const pagePolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
  "connect-src 'self'; frame-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'";
/** What strangers wrote: no script, no form, and nothing is fetched from anywhere. */
const strangerPolicy =
  "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; img-src data:; " +
  "style-src 'unsafe-inline'; form-action 'none'; frame-ancestors 'self'";
const downloadPolicy = "sandbox; default-src 'none'; frame-ancestors 'none'";

const refusals: Readonly<Record<Exclude<Verdict, null>, () => Reply>> = {
  wrongHost: () => refusal(403, "Use the address of this machine, or localhost, in place of this name"),
  otherSite: () => refusal(403, "Another site may not ask for this"),
  noPassword: () => refusal(401, "The password of the inbox is needed"),
  wrongPassword: () => refusal(401, "The password is wrong"),
};

type Route = (request: HttpRequest, ...parts: string[]) => Reply | Promise<Reply>;

/** The web page and the REST API of an inbox. */
export class InboxSite {
  /** Answers requests. */
  readonly handler: Handler = (request) => this.#handle(request);
  readonly #options: SiteOptions;
  readonly #guard: Guard;
  readonly #routes: readonly (readonly [method: string, path: RegExp, route: Route])[];
  #refreshAt = 0;
  /** The message that was looked at last, since it is asked for in parts. */
  #last: { readonly row: Row; readonly parsed: Promise<ParsedMessage | null> } | null = null;

  constructor(options: SiteOptions) {
    this.#options = options;
    this.#guard = new Guard(options.password);
    this.#routes = [
      ["GET", /^\/$/, () => file(page.html, "text/html")],
      ["GET", /^\/inbox\.css$/, () => file(page.css, "text/css")],
      ["GET", /^\/inbox\.js$/, () => file(page.script, "text/javascript")],
      ["GET", /^\/icon\.svg$/, () => file(page.icon, "image/svg+xml")],
      ["GET", /^\/api\/messages$/, (request) => this.#list(request)],
      ["DELETE", /^\/api\/messages$/, (request) => this.#removeAll(request)],
      ["GET", /^\/api\/messages\/([^/]+)$/, (_, id) => this.#message(id!)],
      ["DELETE", /^\/api\/messages\/([^/]+)$/, (_, id) => this.#remove(id!)],
      ["GET", /^\/api\/messages\/([^/]+)\/html$/, (_, id) => this.#html(id!)],
      ["GET", /^\/api\/messages\/([^/]+)\/source$/, (request, id) => this.#source(request, id!)],
      [
        "GET",
        /^\/api\/messages\/([^/]+)\/attachments\/(\d{1,4})$/,
        (_, id, at) => this.#attachment(id!, at!),
      ],
      ["GET", /^\/api\/events$/, () => this.#events()],
      ["GET", /^\/api\/queue$/, () => this.#queue()],
      ["POST", /^\/api\/queue\/retry$/, () => this.#retry()],
      ["POST", /^\/api\/queue\/([^/]+)\/retry$/, (_, id) => this.#retry(id!)],
      ["DELETE", /^\/api\/queue\/([^/]+)$/, (_, id) => this.#dropQueued(id!)],
    ];
  }

  async #handle(request: HttpRequest): Promise<Reply> {
    const verdict = this.#guard.judge(request);
    if (verdict === "wrongPassword") {
      await new Promise<void>((resolve) => this.#options.time.callLater(PENALTY, resolve));
    }
    if (verdict !== null) return refusals[verdict]();
    let isKnown = false;
    for (const [method, path, route] of this.#routes) {
      const found = path.exec(request.pathname);
      if (found === null) continue;
      isKnown = true;
      const { method: asked } = request;
      if (method === asked || method === "GET" && asked === "HEAD") {
        return await route(request, ...found.slice(1).map(decoded));
      }
    }
    return isKnown ? refusal(405, "This cannot be done here") : refusal(404, "There is nothing here");
  }

  // Messages

  async #list(request: HttpRequest): Promise<Reply> {
    const query = new URLSearchParams(request.search);
    const offset = wholeNumber(query.get("offset"), 0, Number.MAX_SAFE_INTEGER);
    const limit = wholeNumber(query.get("limit"), 50, LARGEST_PAGE);
    await this.#refresh();
    return json(await this.#options.inbox.page(offset, limit, query.get("search") ?? ""));
  }

  /** Look what others have done to the mailboxes, if that was not done just now. */
  async #refresh(): Promise<void> {
    const { inbox, time } = this.#options;
    const begun = time.now();
    if (begun < this.#refreshAt) return;
    this.#refreshAt = Infinity;
    await inbox.refresh().finally(() => {
      this.#refreshAt = time.now() + Math.max(REFRESH, IDLE_SHARE * (time.now() - begun));
    });
  }

  async #message(id: string): Promise<Reply> {
    const row = this.#row(id);
    const parsed = await this.#parsed(row);
    if (typeof parsed === "string") return json({ ...viewOf(row), problem: parsed });
    return json({ ...viewOf(row), ...parsed.view(), problem: null });
  }

  async #html(id: string): Promise<Reply> {
    const parsed = await this.#parsed(this.#row(id));
    const html = typeof parsed === "string" ? null : parsed.html();
    if (html === null) throw new HttpError(404, "There is no HTML in this message");
    return new Reply(inPieces(new TextEncoder().encode(html)), {
      headers: {
        ...common,
        "content-type": "text/html;charset=utf-8",
        "content-security-policy": strangerPolicy,
        "x-dns-prefetch-control": "off",
      },
    });
  }

  async #source(request: HttpRequest, id: string): Promise<Reply> {
    const stream = await this.#row(id).message.open();
    if (stream === null) throw gone();
    const isDownload = new URLSearchParams(request.search).has("download");
    return new Reply(stream, {
      headers: {
        ...common,
        "content-type": isDownload ? "message/rfc822" : "text/plain;charset=utf-8",
        "content-security-policy": downloadPolicy,
        ...(isDownload ? { "content-disposition": `attachment; filename="message.eml"` } : {}),
      },
    });
  }

  async #attachment(id: string, at: string): Promise<Reply> {
    const parsed = await this.#parsed(this.#row(id));
    const attachment = typeof parsed === "string" ? null : parsed.attachment(Number(at));
    if (attachment === null) throw new HttpError(404, "There is no such attachment");
    return new Reply(inPieces(attachment.bytes), {
      headers: {
        ...common,
        // Whatever it says it is: it is saved, never shown here.
        "content-type": "application/octet-stream",
        "content-disposition": `attachment; filename*=UTF-8''${extValue(attachment.name)}`,
        "content-security-policy": downloadPolicy,
      },
    });
  }

  async #remove(id: string): Promise<Reply> {
    return json({ removed: await this.#options.inbox.remove([this.#row(id).id]) });
  }

  async #removeAll(request: HttpRequest): Promise<Reply> {
    const search = new URLSearchParams(request.search).get("search") ?? "";
    return json({ removed: await this.#options.inbox.removeAll(search) });
  }

  #events(): Reply {
    const { inbox, time, draining } = this.#options;
    return eventStream(changeStream(inbox, time, draining), { time, headers: common });
  }

  #row(id: string): Row {
    const row = this.#options.inbox.find(id);
    if (row === null) throw gone();
    return row;
  }

  /** The message taken apart, or why it cannot be. */
  async #parsed(row: Row): Promise<ParsedMessage | string> {
    if (this.#last?.row !== row) this.#last = { row, parsed: this.#parse(row) };
    try {
      return await this.#last.parsed ??
        "This message is too large, or has too many parts; its source can be saved";
    } catch (error) {
      this.#last = null;
      if (error instanceof HttpError) throw error;
      return "This message is too odd to be shown; look at its source";
    }
  }

  async #parse({ message }: Row): Promise<ParsedMessage | null> {
    const stream = await message.open();
    if (stream === null) throw gone();
    const bytes = await readWhole(stream, LARGEST_PARSED);
    return bytes === null ? null : await this.#options.parse(bytes);
  }

  // Outgoing mail

  async #queue(): Promise<Reply> {
    const { queue } = this.#options;
    return json({ available: queue !== null, messages: (await queue?.list() ?? []).slice(0, LARGEST_PAGE) });
  }

  async #retry(id?: string): Promise<Reply> {
    return json({ retried: await this.#outgoing().retry(id === undefined ? undefined : [id]) });
  }

  async #dropQueued(id: string): Promise<Reply> {
    return json({ dropped: await this.#outgoing().drop([id]) });
  }

  #outgoing(): MailQueue {
    const { queue } = this.#options;
    if (queue === null) throw new HttpError(404, "There is no outgoing mail here");
    return queue;
  }
}

function file(text: string, type: string): Reply {
  return new Reply(text, {
    headers: { ...common, "content-type": `${type};charset=utf-8`, "content-security-policy": pagePolicy },
  });
}

function json(value: unknown): Reply {
  return Reply.json(value, { headers: { ...common, "content-security-policy": downloadPolicy } });
}

function refusal(status: number, text: string): Reply {
  const challenge: ReplyHeaders = status === 401
    ? { ...common, "www-authenticate": `Basic realm="Inbox", charset="UTF-8"` }
    : common;
  return new Reply(`${text}\n`, { status, headers: challenge });
}

function gone(): HttpError {
  return new HttpError(404, "There is no such message any more");
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new HttpError(400, "The path is not well-formed");
  }
}

function wholeNumber(text: string | null, otherwise: number, most: number): number {
  return text !== null && /^\d{1,9}$/.test(text) ? Math.min(Number(text), most) : otherwise;
}

/** RFC 8187, section 3.2.1. */
function extValue(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
