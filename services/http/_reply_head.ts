import { Octet, octets } from "./_octets.ts";
import { statusText } from "./_status_text.ts";
import type { ReplyHeaders } from "./reply.ts";

/** What a field means to the server itself. */
type Role = "plain" | "content-type" | "content-length" | "connection" | "date" | "ours";

interface FieldName {
  /** The name as it was given, a colon, a space. */
  readonly label: string;
  readonly role: Role;
}

const roles: Readonly<Record<string, Role>> = {
  "content-type": "content-type",
  "content-length": "content-length",
  "connection": "connection",
  "date": "date",
  "keep-alive": "ours",
  "proxy-connection": "ours",
  "trailer": "ours",
  "transfer-encoding": "ours",
};

/** Names remembered at once: a handler that makes names up must not fill the memory. */
const MOST_NAMES = 1_000;

/** Values as nearly all are. */
const asciiValue = /^[\t\x20-\x7e]*$/;
/** Values that can be sent: no control characters, nothing that is no octet. */
const validValue = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Writes the heads of replies (RFC 9112, section 4); a status line with its date is made once a second. */
export class ReplyHeads {
  readonly #names = new Map<string, FieldName>();
  #prefixes: string[] = [];
  #second = -1;
  #date = "";

  // What `fields` found.
  #close = false;
  #length: string | null = null;
  #typed = false;
  #dated = false;
  #ascii = true;

  /** It is `ms` milliseconds since 1970. */
  setTime(ms: number): void {
    const second = Math.floor(ms / 1000);
    if (second === this.#second) return;
    this.#second = second;
    this.#date = new Date(ms).toUTCString();
    this.#prefixes = [];
  }

  /** True when the fields that were read last ask for the connection to be closed. */
  get close(): boolean {
    return this.#close;
  }

  /** The `content-length` among the fields that were read last. */
  get length(): number | null {
    return this.#length === null ? null : Number(this.#length);
  }

  /** None of the fields that were read last has an octet over 0x7f. */
  get ascii(): boolean {
    return this.#ascii;
  }

  /** A `content-type` is among the fields that were read last. */
  get typed(): boolean {
    return this.#typed;
  }

  /**
   * The lines of `headers`, but those that are the server's own.
   * @throws {TypeError} naming the field that cannot be sent
   */
  fields(headers: ReplyHeaders): string {
    this.#close = this.#typed = this.#dated = false;
    this.#ascii = true;
    this.#length = null;
    let lines = "";
    if (Symbol.iterator in headers) {
      for (const [name, value] of headers as Iterable<readonly [string, string]>) {
        lines += this.#line(name, value);
      }
      return lines;
    }
    const record = headers as Readonly<Record<string, string | readonly string[]>>;
    for (const name in record) {
      const value = record[name]!;
      if (typeof value !== "object") lines += this.#line(name, value);
      else for (const each of value) lines += this.#line(name, each);
    }
    return lines;
  }

  /** The status line and the date, before the `lines` that `fields` made. */
  prefix(status: number): string {
    if (this.#dated) return statusLine(status);
    return this.#prefixes[status] ??= `${statusLine(status)}date: ${this.#date}\r\n`;
  }

  #line(name: string, value: string): string {
    const { label, role } = this.#names.get(name) ?? this.#learn(name);
    const text = typeof value === "string" ? value : String(value);
    if (!asciiValue.test(text)) {
      if (!validValue.test(text)) {
        throw new TypeError(`Cannot send header "${name}": its value has a character that is not allowed`);
      }
      this.#ascii = false;
    }
    switch (role) {
      case "content-type":
        this.#typed = true;
        break;
      case "date":
        this.#dated = true;
        break;
      case "content-length":
        if (!/^[0-9]{1,15}$/.test(text)) {
          throw new TypeError(`Cannot send header "${name}": "${text}" is no length`);
        }
        this.#length = text;
        return "";
      case "connection":
        if (/(?:^|[\s,])close(?:$|[\s,])/i.test(text)) this.#close = true;
        return "";
      case "ours":
        return "";
    }
    return `${label}${text}\r\n`;
  }

  #learn(name: string): FieldName {
    for (let i = 0; i < name.length; i++) {
      if (((octets[name.charCodeAt(i)] ?? 0) & Octet.Token) === 0) name = "";
    }
    if (name === "") {
      throw new TypeError(`Cannot send a header whose name is no token (RFC 9110, section 5.1)`);
    }
    const known: FieldName = { label: `${name}: `, role: roles[name.toLowerCase()] ?? "plain" };
    if (this.#names.size >= MOST_NAMES) this.#names.clear();
    this.#names.set(name, known);
    return known;
  }
}

function statusLine(status: number): string {
  return `HTTP/1.1 ${status} ${statusText[status] ?? ""}\r\n`;
}
