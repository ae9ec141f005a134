import type { ByteQueue } from "../../../services/protocol/byte_queue.ts";

/** What another server has answered (RFC 5321, section 4.2). */
export interface ServerReply {
  /** Three digits. */
  readonly code: number;
  /** RFC 3463, as `5.1.1`; null where the server tells none. */
  readonly enhanced: string | null;
  /** The text of each line, without codes. */
  readonly lines: readonly string[];
}

/** A server that does not speak SMTP. */
export class NotSmtpError extends Error {
  /** `"NotSmtpError"`. */
  override readonly name = "NotSmtpError";
}

/** Octets of a line; RFC 5321, section 4.5.3.1.5 has 512, and servers have more. */
const LONGEST_LINE = 4096;
const MOST_LINES = 200;
const LF = Uint8Array.of(0x0a);
const LINE = /^([2-5][0-9]{2})(?:([ -])(.*))?$/s;
const ENHANCED = /^([245]\.[0-9]{1,3}\.[0-9]{1,3})(?: |$)/;

/** Takes replies off what has arrived. */
export class ReplyReader {
  readonly #decoder = new TextDecoder();
  #lines: string[] = [];

  /** Whether lines of a reply have come that has more of them. */
  get midway(): boolean {
    return this.#lines.length > 0;
  }

  /**
   * The next reply; null when it has not come yet.
   * @throws {NotSmtpError} for something that is none, or never ends
   */
  next(received: ByteQueue): ServerReply | null {
    while (true) {
      const end = received.indexOf(LF);
      if (end < 0 ? received.length > LONGEST_LINE : end > LONGEST_LINE || this.#lines.length > MOST_LINES) {
        throw new NotSmtpError("The server's reply has no end");
      }
      if (end < 0) return null;
      const line = this.#decoder.decode(received.take(end)).replace(/\r$/, "");
      received.skip(1);
      const [, code, separator, text = ""] = LINE.exec(line) ?? [];
      if (code === undefined) throw new NotSmtpError(`The server does not speak SMTP: ${printable(line)}`);
      this.#lines.push(text);
      if (separator === "-") continue;
      const lines = this.#lines;
      this.#lines = [];
      const enhanced = ENHANCED.exec(text)?.[1] ?? null;
      return { code: Number(code), enhanced, lines };
    }
  }
}

/** A reply in one line: `550 5.1.1 No such user`. */
export function describeReply({ code, lines }: ServerReply): string {
  return `${code} ${printable(lines.join(" "))}`.trimEnd();
}

function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, " ").slice(0, 500);
}
