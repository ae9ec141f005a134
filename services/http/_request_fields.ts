import type { RequestHead } from "./request_head.ts";

/** Looks header fields up in the text of a head: few requests are asked for more than two of them. */
export class RequestFields {
  readonly #head: RequestHead;
  /** The header section in lower case, made by the first look. */
  #lower: string | null = null;

  constructor(head: RequestHead) {
    this.#head = head;
  }

  /** A field's value; those of several lines joined by ", ". `name` in lower case. */
  get(name: string): string | null {
    const { text, fieldsAt } = this.#head;
    const lower = this.#lower ??= text.slice(fieldsAt).toLowerCase();
    const label = `\r\n${name}:`;
    let at = lower.indexOf(label);
    if (at < 0) return null;
    let joined: string | null = null;
    while (at >= 0) {
      const start = at + label.length;
      const end = lower.indexOf("\r\n", start);
      const value = trimmed(text, fieldsAt + start, fieldsAt + end);
      // RFC 9113, section 8.2.3 says what joins cookies; lists are joined by commas.
      joined = joined === null ? value : joined + (name === "cookie" ? "; " : ", ") + value;
      at = lower.indexOf(label, end);
    }
    return joined;
  }

  /** All fields, in the order in which they came. */
  pairs(): [name: string, value: string][] {
    const { text, fieldsAt } = this.#head;
    const pairs: [string, string][] = [];
    for (let at = fieldsAt + 2; text.charCodeAt(at) !== 0x0d;) {
      const colon = text.indexOf(":", at);
      const end = text.indexOf("\r\n", colon);
      pairs.push([text.slice(at, colon), trimmed(text, colon + 1, end)]);
      at = end + 2;
    }
    return pairs;
  }
}

function trimmed(text: string, start: number, end: number): string {
  while (start < end && isSpace(text.charCodeAt(start))) start++;
  while (end > start && isSpace(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x09;
}
