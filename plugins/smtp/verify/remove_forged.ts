import { joined } from "../../../services/mail/joined.ts";

/** Octets of a header that is looked through; nobody has a longer one. */
const LONGEST_HEADER = 256 * 1024;

const LF = 0x0a;
const SPACES = /^(?:[ \t\r\n]|\((?:[^()\\]|\\.)*\))*/;

/**
 * A message without the `Authentication-Results` that claim to be ours (RFC 8601, section 5): whoever sent it
 * could have written anything into them. Fields of other servers stay.
 *
 * @param id the name that ours bear
 */
export async function* withoutForged(
  content: AsyncIterable<Uint8Array>,
  id: string,
): AsyncIterable<Uint8Array> {
  const filter = new HeaderFilter(id);
  for await (const bytes of content) yield* filter.push(bytes);
  yield* filter.end();
}

class HeaderFilter {
  readonly #id: string;
  /** The part of the header that has come and was not passed on; null behind the header. */
  #waiting: Uint8Array[] | null = [];
  #length = 0;

  constructor(id: string) {
    this.#id = id.toLowerCase();
  }

  *push(bytes: Uint8Array): Iterable<Uint8Array> {
    if (this.#waiting === null) return yield bytes;
    this.#waiting.push(bytes);
    this.#length += bytes.length;
    const all = joined(this.#waiting);
    this.#waiting = [all];
    const end = endOfHeader(all);
    if (end < 0 && this.#length < LONGEST_HEADER) return;
    this.#waiting = null;
    yield* this.#filtered(all, end < 0 ? all.length : end);
  }

  *end(): Iterable<Uint8Array> {
    for (const bytes of this.#waiting ?? []) yield* this.#filtered(bytes, bytes.length);
  }

  *#filtered(bytes: Uint8Array, headerEnd: number): Iterable<Uint8Array> {
    let from = 0;
    for (let start = 0; start < headerEnd;) {
      const end = endOfField(bytes, start, headerEnd);
      if (this.#isForged(bytes.subarray(start, end))) {
        if (start > from) yield bytes.subarray(from, start);
        from = end;
      }
      start = end;
    }
    if (from < bytes.length) yield bytes.subarray(from);
  }

  #isForged(field: Uint8Array): boolean {
    if ((field[0]! | 0x20) !== 0x61) return false;
    const text = new TextDecoder("latin1").decode(field.subarray(0, 2048));
    const [, value] = /^authentication-results[ \t]*:(.*)$/is.exec(text) ?? [];
    if (value === undefined) return false;
    const named = value.replace(SPACES, "").toLowerCase();
    const unquoted = named.startsWith('"') ? named.slice(1) : named;
    return unquoted.startsWith(this.#id) && !/^[a-z0-9.-]/.test(unquoted.slice(this.#id.length));
  }
}

/** Where the empty line begins; -1 when it has not come. */
function endOfHeader(bytes: Uint8Array): number {
  if (bytes[0] === 0x0d && bytes[1] === LF) return 0;
  for (let at = bytes.indexOf(LF); at >= 0; at = bytes.indexOf(LF, at + 1)) {
    if (bytes[at + 1] === 0x0d && bytes[at + 2] === LF) return at + 1;
  }
  return -1;
}

/** Behind the field that begins at `start`, with the lines that go on with it. */
function endOfField(bytes: Uint8Array, start: number, headerEnd: number): number {
  for (let at = start; at < headerEnd;) {
    const newline = bytes.indexOf(LF, at);
    if (newline < 0 || newline + 1 >= headerEnd) return headerEnd;
    at = newline + 1;
    if (bytes[at] !== 0x20 && bytes[at] !== 0x09) return at;
  }
  return headerEnd;
}
