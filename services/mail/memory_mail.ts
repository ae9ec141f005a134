import { type Token, token } from "../context.ts";

/** A message that is kept in memory, with what the server knew of it. */
export interface MemoryMessage {
  /** Its name in the server's replies and log. */
  readonly id: string;
  /** The sender of the envelope; `""` for `<>`. */
  readonly sender: string;
  /** The recipients of the envelope, in their order. */
  readonly recipients: readonly string[];
  /** The mailboxes that got it. */
  readonly mailboxes: readonly string[];
  /** Milliseconds since 1970. */
  readonly receivedAt: number;
  /** The message, with the trace fields that the server put in front. */
  readonly bytes: Uint8Array;
}

/** Mail in memory: for tests, and to look at what an application under development sends. */
export class MemoryMail {
  readonly #messages: MemoryMessage[] = [];

  /** @param capacity messages that are kept; the oldest go first */
  constructor(readonly capacity: number) {}

  /** Those that are kept, the oldest first. */
  get messages(): readonly MemoryMessage[] {
    return this.#messages;
  }

  /** Keep a message. */
  add(message: MemoryMessage): void {
    this.#messages.push(message);
    if (this.#messages.length > this.capacity) this.#messages.shift();
  }

  /** Forget all of them. */
  clear(): void {
    this.#messages.length = 0;
  }
}

/** What a service that keeps mail in memory provides. */
export const memoryMail: Token<MemoryMail> = token("heddle.memory-mail");
