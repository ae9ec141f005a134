import type { addressParser, decodeWords } from "postal-mime";

/** What a list shows of a message. */
export interface Summary {
  /** `Jane Doe <jane@example.org>` */
  readonly from: string;
  /** The same, of all recipients in the header. */
  readonly to: string;
  readonly subject: string;
  /** Whether there seem to be attachments, as far as the header tells. */
  readonly attachments: boolean;
}

/** What of postal-mime is needed to read a header. */
export interface HeaderReader {
  readonly addressParser: typeof addressParser;
  readonly decodeWords: typeof decodeWords;
}

/** Octets of a message in which its header is looked for. */
export const HEADER_WINDOW = 16 * 1024;

const LF = 0x0a;
const CR = 0x0d;
const COLON = 0x3a;
/** Of a field, before and after it is decoded: more than any list shows. */
const LONGEST_FIELD = 4_000;
const LONGEST_TEXT = 300;
const WANTED: ReadonlySet<string> = new Set(["from", "to", "subject", "content-type"]);
const LONGEST_NAME = Math.max(...Array.from(WANTED, (name) => name.length));

const utf8 = new TextDecoder();
const nothing: Summary = { from: "", to: "", subject: "", attachments: false };

/** Reads what a list shows off the beginning of a message, however odd that is. */
export function summaryOf(start: Uint8Array, reader: HeaderReader): Summary {
  const fields = fieldsOf(start);
  if (fields.size === 0) return nothing;
  const text = (name: string) => fields.get(name) ?? "";
  return {
    from: people(text("from"), reader),
    to: people(text("to"), reader),
    subject: shown(reader.decodeWords(text("subject"))),
    attachments: /^\s*multipart\/mixed\b/i.test(text("content-type")),
  };
}

/** The wanted fields that are there, each the first of its name, unfolded. */
function fieldsOf(start: Uint8Array): Map<string, string> {
  const fields = new Map<string, string>();
  for (let at = 0; at < start.length;) {
    const end = fieldEnd(start, at);
    if (start[at] === LF || start[at] === CR) break; // the empty line
    const colon = start.subarray(at, Math.min(end, at + LONGEST_NAME + 2)).indexOf(COLON);
    const name = colon < 0 ? "" : utf8.decode(start.subarray(at, at + colon)).trim().toLowerCase();
    if (WANTED.has(name) && !fields.has(name)) {
      const value = start.subarray(at + colon + 1, Math.min(end, at + colon + 1 + LONGEST_FIELD));
      fields.set(name, utf8.decode(value).replaceAll(/\r?\n[ \t]*/g, " ").trim());
    }
    at = end;
  }
  return fields;
}

/** Where the field that begins at `from` ends, with the lines that continue it. */
function fieldEnd(start: Uint8Array, from: number): number {
  for (let at = start.indexOf(LF, from); at >= 0; at = start.indexOf(LF, at + 1)) {
    const next = start[at + 1];
    if (next !== 0x20 && next !== 0x09) return at + 1;
  }
  return start.length;
}

function people(text: string, { addressParser }: HeaderReader): string {
  if (text === "") return "";
  const found = addressParser(text, { flatten: true });
  return shown(
    found.map(({ name, address }) => name && address ? `${name} <${address}>` : name || address || "")
      .filter((person) => person !== "").join(", "),
  );
}

/** Text as one line without controls, not too long. */
function shown(text: string): string {
  const line = text.slice(0, LONGEST_TEXT * 2).replaceAll(
    /[\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069]+/gu,
    " ",
  ).trim();
  return line.length > LONGEST_TEXT ? `${line.slice(0, LONGEST_TEXT)}…` : line;
}
