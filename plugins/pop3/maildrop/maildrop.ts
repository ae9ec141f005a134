import { createHash } from "node:crypto";
import type { MaildirEntry } from "../../../services/mail/maildir_entry.ts";

/** A message as a client gets it. */
export interface DropMessage {
  readonly entry: MaildirEntry;
  /** Octets, every line ended by CRLF. */
  readonly size: number;
}

/** RFC 1939, section 7, UIDL. */
const UID = /^[!-~]{1,70}$/;

/**
 * The messages that a session sees: those that were there when it began (RFC 1939, section 5), by their numbers
 * from 1, and which of them are marked to be removed when it ends.
 */
export class Maildrop {
  readonly #messages: readonly DropMessage[];
  readonly #marked = new Set<number>();
  readonly #total: number;
  #markedOctets = 0;

  constructor(messages: readonly DropMessage[]) {
    this.#messages = messages;
    this.#total = messages.reduce((sum, { size }) => sum + size, 0);
  }

  /** How many are not marked. */
  get count(): number {
    return this.#messages.length - this.#marked.size;
  }

  /** Their octets. */
  get octets(): number {
    return this.#total - this.#markedOctets;
  }

  /** The message of that number; null when there is none, or it is marked. */
  find(number: number): DropMessage | null {
    return this.#marked.has(number) ? null : this.#messages[number - 1] ?? null;
  }

  /** Mark a message to be removed; false when there is none. */
  mark(number: number): boolean {
    const message = this.find(number);
    if (message === null) return false;
    this.#marked.add(number);
    this.#markedOctets += message.size;
    return true;
  }

  /** No message is marked any more. */
  reset(): void {
    this.#marked.clear();
    this.#markedOctets = 0;
  }

  /** What is to be removed. */
  marked(): MaildirEntry[] {
    return Array.from(this.#marked, (number) => this.#messages[number - 1]!.entry);
  }

  /** `1 200` */
  sizeLine(number: number): string | null {
    const message = this.find(number);
    return message === null ? null : `${number} ${message.size}`;
  }

  /** `1 1700000000.M004217Q000012P99R5f3a9c01.mx1` */
  uidLine(number: number): string | null {
    const message = this.find(number);
    return message === null ? null : `${number} ${uidOf(message.entry)}`;
  }

  /** The lines of LIST. */
  sizes(): Iterable<string> {
    return this.#lines((number) => this.sizeLine(number));
  }

  /** The lines of UIDL. */
  uids(): Iterable<string> {
    return this.#lines((number) => this.uidLine(number));
  }

  *#lines(line: (number: number) => string | null): Iterable<string> {
    for (let number = 1; number <= this.#messages.length; number++) {
      const text = line(number);
      if (text !== null) yield text;
    }
  }
}

/** The unique part of the file's name, or where POP3 could not carry that, a hash of it. */
function uidOf({ unique }: MaildirEntry): string {
  return UID.test(unique) ? unique : createHash("sha256").update(unique).digest("base64url");
}
