import { Octet, octets } from "./_octets.ts";
import { HttpError } from "./http_error.ts";

const CR = 0x0d;
const LF = 0x0a;
const COLON = 0x3a;
const SP = 0x20;
const HTAB = 0x09;
const DEL = 0x7f;

/** What {@linkcode FieldLine.scan} returns beside a position. */
export const Unfinished = -1;

/**
 * Reads one line of a header or trailer section (RFC 9112, section 5): a field, or the empty line that ends
 * the section. Neither a line folded onto the next, nor a space before the colon, nor a lone CR or LF is
 * taken: what two servers may read differently is how requests are smuggled.
 */
export class FieldLine {
  /** Where the name ends in the line that was read last: at its begin, if it was the empty one. */
  nameEnd = 0;

  /**
   * The position after the line that begins at `at`, or `Unfinished` when it does not end before `end`.
   * @throws {HttpError} 400 at the first octet that may not be there
   */
  scan(bytes: Uint8Array, at: number, end: number): number {
    let i = at;
    while (i < end && (octets[bytes[i]!]! & Octet.Token) !== 0) i++;
    if (i === end) return Unfinished;
    this.nameEnd = i;
    const delimiter = bytes[i]!;
    if (i === at) {
      if (delimiter === CR) return lineEnd(bytes, i, end);
      throw new HttpError(400, delimiter === LF ? "Line ends without CR" : "Field line begins with no name");
    }
    if (delimiter !== COLON) throw new HttpError(400, "Field name is not followed by a colon");
    i++;
    // field-vchar, SP and HTAB: RFC 9110, section 5.5.
    let octet = 0;
    while (i < end && (((octet = bytes[i]!) >= SP && octet !== DEL) || octet === HTAB)) i++;
    if (i === end) return Unfinished;
    if (octet !== CR) throw new HttpError(400, "Field value has an octet that is not allowed there");
    return lineEnd(bytes, i, end);
  }
}

/** The position after the CRLF at `at`, whose CR is there. */
export function lineEnd(bytes: Uint8Array, at: number, end: number): number {
  if (at + 1 === end) return Unfinished;
  if (bytes[at + 1] !== LF) throw new HttpError(400, "CR is not followed by LF");
  return at + 2;
}
