import type { ReactorTime } from "../../../services/async/time.ts";
import { eventStream, type Handler, HttpError, type HttpRequest, Reply } from "../../../services/http/mod.ts";
import { siteHandler, type SiteRoutes } from "../../../services/http/site/site.ts";
import { dataPolicy, pageFile, siteHeaders, siteJson } from "../../../services/http/site/site_replies.ts";
import type { MailQueue } from "../../../services/mail/mail_queue.ts";
import { changeStream } from "./change_stream.ts";
import type { Inbox } from "./inbox.ts";
import { LARGEST_PARSED, type ParsedMessage } from "./message_view.ts";
import * as page from "./page_files.ts";
import { inPieces } from "./pieces.ts";
import { readWhole } from "./read_whole.ts";
import { type Row, viewOf } from "./row.ts";

/** What the site stands on. */
export interface InboxSiteOptions {
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
/** What strangers wrote: no script, no form, and nothing is fetched from anywhere. */
const strangerPolicy =
  "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; img-src data:; " +
  "style-src 'unsafe-inline'; form-action 'none'; frame-ancestors 'self'";
/** The web page and the REST API of an inbox. */
export class InboxSite {
  /** Answers requests. */
  readonly handler: Handler;
  readonly #options: InboxSiteOptions;
  #refreshAt = 0;
  /** The message that was looked at last, since it is asked for in parts. */
  #last: { readonly row: Row; readonly parsed: Promise<ParsedMessage | null> } | null = null;

  constructor(options: InboxSiteOptions) {
    this.#options = options;
    const routes: SiteRoutes = [
      ["GET", /^\/$/, () => pageFile(page.html, "text/html")],
      ["GET", /^\/inbox\.css$/, () => pageFile(page.css, "text/css")],
      ["GET", /^\/inbox\.js$/, () => pageFile(page.script, "text/javascript")],
      ["GET", /^\/icon\.svg$/, () => pageFile(page.icon, "image/svg+xml")],
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
    this.handler = siteHandler({
      realm: "Inbox",
      secretName: "password of the inbox",
      secret: options.password,
      routes,
      time: options.time,
    });
  }

  // Messages

  async #list(request: HttpRequest): Promise<Reply> {
    const query = new URLSearchParams(request.search);
    const offset = wholeNumber(query.get("offset"), 0, Number.MAX_SAFE_INTEGER);
    const limit = wholeNumber(query.get("limit"), 50, LARGEST_PAGE);
    await this.#refresh();
    return siteJson(await this.#options.inbox.page(offset, limit, query.get("search") ?? ""));
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
    if (typeof parsed === "string") return siteJson({ ...viewOf(row), problem: parsed });
    return siteJson({ ...viewOf(row), ...parsed.view(), problem: null });
  }

  async #html(id: string): Promise<Reply> {
    const parsed = await this.#parsed(this.#row(id));
    const html = typeof parsed === "string" ? null : parsed.html();
    if (html === null) throw new HttpError(404, "There is no HTML in this message");
    return new Reply(inPieces(new TextEncoder().encode(html)), {
      headers: {
        ...siteHeaders,
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
        ...siteHeaders,
        "content-type": isDownload ? "message/rfc822" : "text/plain;charset=utf-8",
        "content-security-policy": dataPolicy,
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
        ...siteHeaders,
        // Whatever it says it is: it is saved, never shown here.
        "content-type": "application/octet-stream",
        "content-disposition": `attachment; filename*=UTF-8''${extValue(attachment.name)}`,
        "content-security-policy": dataPolicy,
      },
    });
  }

  async #remove(id: string): Promise<Reply> {
    return siteJson({ removed: await this.#options.inbox.remove([this.#row(id).id]) });
  }

  async #removeAll(request: HttpRequest): Promise<Reply> {
    const search = new URLSearchParams(request.search).get("search") ?? "";
    return siteJson({ removed: await this.#options.inbox.removeAll(search) });
  }

  #events(): Reply {
    const { inbox, time, draining } = this.#options;
    return eventStream(changeStream(inbox, time, draining), { time, headers: siteHeaders });
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
    return siteJson({
      available: queue !== null,
      messages: (await queue?.list() ?? []).slice(0, LARGEST_PAGE),
    });
  }

  async #retry(id?: string): Promise<Reply> {
    return siteJson({ retried: await this.#outgoing().retry(id === undefined ? undefined : [id]) });
  }

  async #dropQueued(id: string): Promise<Reply> {
    return siteJson({ dropped: await this.#outgoing().drop([id]) });
  }

  #outgoing(): MailQueue {
    const { queue } = this.#options;
    if (queue === null) throw new HttpError(404, "There is no outgoing mail here");
    return queue;
  }
}

function gone(): HttpError {
  return new HttpError(404, "There is no such message any more");
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
