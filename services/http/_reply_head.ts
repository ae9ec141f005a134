import { Octet, octets } from "./_octets.ts";
import type { OutBuffer } from "./_out_buffer.ts";
import { statusText } from "./_status_text.ts";
import { noHeaders, type ReplyHeaders } from "./reply.ts";

/** What a field means to the server itself. */
type Role = "plain" | "content-type" | "content-length" | "connection" | "date" | "ours";

interface FieldName {
  /** The name in lower case, as HTTP/2 has it and `Headers` lists it; a colon, a space. */
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

const encoder = new TextEncoder();

/** Writes the heads of replies (RFC 9112, section 4); status lines are made once, the date once a second. */
export class ReplyHeads {
  readonly #out: OutBuffer;
  readonly #names = new Map<string, FieldName>();
  readonly #statusLines: Uint8Array[] = [];
  /** Status line and date by status, of this second: all that many a head consists of. */
  #shortHeads: Uint8Array[] = [];
  #second = -1;
  #date: Uint8Array = new Uint8Array(0);

  // What was found among the fields of the head under way.
  /** They ask for the connection to be closed. */
  close = false;
  /** They have a `content-type`. */
  typed = false;
  /** Their `content-length`. */
  length: number | null = null;
  #dated = false;

  constructor(out: OutBuffer) {
    this.#out = out;
  }

  /** It is `ms` milliseconds since 1970. */
  setTime(ms: number): void {
    const second = Math.floor(ms / 1000);
    if (second === this.#second) return;
    this.#second = second;
    this.#date = encoder.encode(`date: ${new Date(ms).toUTCString()}\r\n`);
    this.#shortHeads = [];
  }

  /**
   * Write a status line, the date, and `headers` but for those that are the server's own. The rest of the
   * head, and its end, are the caller's.
   * @throws {TypeError} naming the field that cannot be sent
   */
  write(status: number, headers: ReplyHeaders): void {
    this.close = this.typed = this.#dated = false;
    this.length = null;
    if (headers === noHeaders) return this.#out.bytes(this.#shortHeads[status] ??= this.#shortHead(status));
    this.#out.bytes(this.#statusLines[status] ??= statusLine(status));
    if (Symbol.iterator in headers) {
      for (const [name, value] of headers as Iterable<readonly [string, string]>) this.#field(name, value);
    } else {
      const record = headers as Readonly<Record<string, string | readonly string[]>>;
      for (const name in record) {
        const value = record[name]!;
        if (typeof value !== "object") this.#field(name, value);
        else for (const each of value) this.#field(name, each);
      }
    }
    if (!this.#dated) this.#out.bytes(this.#date);
  }

  #shortHead(status: number): Uint8Array {
    const line = statusLine(status);
    const head = new Uint8Array(line.length + this.#date.length);
    head.set(line);
    head.set(this.#date, line.length);
    return head;
  }

  #field(name: string, value: string): void {
    const { label, role } = this.#names.get(name) ?? this.#learn(name);
    const text = typeof value === "string" ? value : String(value);
    switch (role) {
      case "content-type":
        this.typed = true;
        break;
      case "date":
        this.#dated = true;
        break;
      case "content-length":
        if (!/^[0-9]{1,15}$/.test(text)) {
          throw new TypeError(`Cannot send header "${name}": "${text}" is no length`);
        }
        this.length = Number(text);
        return;
      case "connection":
        if (/(?:^|[\s,])close(?:$|[\s,])/i.test(text)) this.close = true;
        return;
      case "ours":
        return;
    }
    const out = this.#out;
    out.latin1(label);
    if (!out.fieldValue(text)) {
      throw new TypeError(`Cannot send header "${name}": its value has a character that is not allowed`);
    }
    out.latin1("\r\n");
  }

  #learn(name: string): FieldName {
    let token = name !== "";
    for (let i = 0; i < name.length; i++) token &&= ((octets[name.charCodeAt(i)] ?? 0) & Octet.Token) !== 0;
    if (!token) throw new TypeError("Cannot send a header whose name is no token (RFC 9110, section 5.1)");
    const lower = name.toLowerCase();
    const known: FieldName = { label: `${lower}: `, role: roles[lower] ?? "plain" };
    if (this.#names.size >= MOST_NAMES) this.#names.clear();
    this.#names.set(name, known);
    return known;
  }
}

function statusLine(status: number): Uint8Array {
  return encoder.encode(`HTTP/1.1 ${status} ${statusText[status] ?? ""}\r\n`);
}
