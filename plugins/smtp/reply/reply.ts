/** What the server answers (RFC 5321, section 4.2), ready to be sent. */
export interface Reply {
  /** Three digits; the first says how it went. */
  readonly code: number;
  /** The lines, each with its code and CRLF. */
  readonly bytes: Uint8Array;
}

const encoder = new TextEncoder();
/** RFC 5321, section 4.5.3.1.5: 512 octets with the code and CRLF. Of UTF-8, a character has up to four. */
const LONGEST_TEXT = 450;

/**
 * A reply with an enhanced status code (RFC 3463), which is written on every line. Text of others is made fit
 * to be sent: one line of each, without controls, and not too long.
 */
export function reply(code: number, enhanced: string, ...lines: readonly string[]): Reply {
  return plainReply(code, ...lines.map((line) => `${enhanced} ${line.slice(0, LONGEST_TEXT)}`));
}

/** A reply without an enhanced status code: the greeting, the answer to EHLO, and 3xx. */
export function plainReply(code: number, ...lines: readonly string[]): Reply {
  const last = lines.length - 1;
  const text = lines.map((line, at) => `${code}${at < last ? "-" : " "}${oneLine(line)}\r\n`).join("");
  return { code, bytes: encoder.encode(text) };
}

/** Whether the command was carried out, or may go on. */
export function isPositive(reply: Reply): boolean {
  return reply.code < 400;
}

/** Whether the server closes the connection after it (RFC 5321, section 3.8; RFC 7504). */
export function closes(reply: Reply): boolean {
  return reply.code === 421 || reply.code === 521;
}

function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, " ");
}
