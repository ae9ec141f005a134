import type { Address, Attachment, Email } from "postal-mime";

/** Octets of a message that is still taken apart; of a larger one, only the source is shown. */
export const LARGEST_PARSED = 32 * 1024 * 1024;
/** Characters of text, of a header field, and header fields that the page gets. */
const LONGEST_TEXT = 1024 * 1024;
const LONGEST_VALUE = 8 * 1024;
const MOST_FIELDS = 300;
const MOST_ATTACHMENTS = 500;
/** Characters of HTML with the images in it. */
const LONGEST_HTML = 24 * 1024 * 1024;

/** What the page gets of a message. */
export interface MessageView {
  readonly from: string;
  readonly to: string;
  readonly cc: string;
  readonly replyTo: string;
  readonly subject: string;
  /** ISO 8601, or what stands in the header; empty where nothing does. */
  readonly date: string;
  readonly headers: readonly { readonly name: string; readonly value: string }[];
  readonly text: string | null;
  /** Whether there is HTML. */
  readonly html: boolean;
  readonly attachments: readonly AttachmentView[];
}

/** An attachment, by its place in the message. */
export interface AttachmentView {
  readonly name: string;
  readonly type: string;
  readonly size: number;
}

/** A message that was taken apart. */
export class ParsedMessage {
  readonly #email: Email;
  readonly #decode: (text: string) => string;

  /** @param decode makes text of encoded words (RFC 2047) */
  constructor(email: Email, decode: (text: string) => string) {
    this.#email = email;
    this.#decode = decode;
  }

  /** What the page gets. */
  view(): MessageView {
    const { from, to, cc, replyTo, subject, date, headers, text, html } = this.#email;
    return {
      from: people(from === undefined ? [] : [from]),
      to: people(to),
      cc: people(cc),
      replyTo: people(replyTo),
      subject: cut(subject ?? "", LONGEST_VALUE),
      date: cut(date ?? "", 100),
      headers: headers.slice(0, MOST_FIELDS).map(({ originalKey, value }) => ({
        name: cut(originalKey, 200),
        value: this.#decode(cut(value, LONGEST_VALUE)),
      })),
      text: text === undefined ? null : cut(text, LONGEST_TEXT),
      html: html !== undefined,
      attachments: this.#attachments.map((attachment, at) => ({
        name: fileName(attachment, at),
        type: cut(attachment.mimeType, 100),
        size: bytesOf(attachment).length,
      })),
    };
  }

  /** The HTML, its inline images in it, to be shown where no script runs and nothing is fetched; null without any. */
  html(): string | null {
    const { html } = this.#email;
    if (html === undefined) return null;
    const images = new Map(this.#attachments.map((attachment) => [contentId(attachment), attachment]));
    let length = html.length;
    const whole = html.replaceAll(/\bcid:([^"'\s)<>]{1,300})/gi, (written, id) => {
      const image = images.get(decoded(id));
      if (image === undefined || length > LONGEST_HTML) return written;
      const url = dataUrl(image);
      length += url.length;
      return url;
    });
    // Links open elsewhere, and nothing of the frame is navigated.
    return `<!doctype html><meta charset="utf-8"><base target="_blank">${whole}`;
  }

  /** The `at`th attachment's name and octets; null when there are fewer. */
  attachment(at: number): { readonly name: string; readonly bytes: Uint8Array<ArrayBuffer> } | null {
    const attachment = this.#attachments[at];
    return attachment === undefined ? null : { name: fileName(attachment, at), bytes: bytesOf(attachment) };
  }

  get #attachments(): Attachment[] {
    return this.#email.attachments.slice(0, MOST_ATTACHMENTS);
  }
}

function people(addresses: readonly Address[] = []): string {
  const one = ({ name, address, group }: Address): string => {
    if (group !== undefined) return `${name}: ${group.map(one).join(", ")};`;
    return name && address ? `${name} <${address}>` : name || address || "";
  };
  return cut(addresses.slice(0, 1_000).map(one).join(", "), LONGEST_VALUE);
}

function cut(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length)}…` : text;
}

/** Without anything that leads elsewhere, or looks like another name. */
function fileName({ filename, mimeType }: Attachment, at: number): string {
  const plain = (filename ?? "").replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu, "").replaceAll(
    /[/\\:]/g,
    "_",
  )
    .trim().slice(-150);
  if (plain !== "" && !/^\.*$/.test(plain)) return plain;
  return mimeType === "message/rfc822" ? `message-${at + 1}.eml` : `attachment-${at + 1}`;
}

function bytesOf({ content }: Attachment): Uint8Array<ArrayBuffer> {
  if (typeof content === "string") return new TextEncoder().encode(content);
  return new Uint8Array(content instanceof ArrayBuffer ? content : content.slice().buffer as ArrayBuffer);
}

function contentId({ contentId }: Attachment): string {
  return (contentId ?? "").replace(/^\s*<|>\s*$/g, "");
}

function decoded(id: string): string {
  try {
    return decodeURIComponent(id);
  } catch {
    return id;
  }
}

function dataUrl(image: Attachment): string {
  const type = /^image\/[a-z0-9.+-]{1,50}$/.test(image.mimeType)
    ? image.mimeType
    : "application/octet-stream";
  return `data:${type};base64,${bytesOf(image).toBase64()}`;
}
