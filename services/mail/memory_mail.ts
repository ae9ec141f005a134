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

/** Hears of what happens to mail in memory. */
export interface MemoryMailWatcher {
  /** A message was added. */
  added(message: MemoryMessage): void;
  /** Messages are not kept any more. */
  removed(messages: readonly MemoryMessage[]): void;
}

/** Mail in memory: for tests, and to look at what an application under development sends. */
export class MemoryMail {
  #messages: MemoryMessage[] = [];
  readonly #watchers: MemoryMailWatcher[] = [];

  /** Without any messages yet. `capacity`: how many are kept; the oldest go first. */
  constructor(
    /** Messages that are kept. */
    readonly capacity: number,
  ) {}

  /** Those that are kept, the oldest first. */
  get messages(): readonly MemoryMessage[] {
    return this.#messages;
  }

  /** Keep a message. */
  add(message: MemoryMessage): void {
    this.#messages.push(message);
    for (const watcher of this.#watchers) watcher.added(message);
    if (this.#messages.length > this.capacity) this.#removed([this.#messages.shift()!]);
  }

  /** Forget some of them; those that are not kept do not matter. */
  remove(messages: Iterable<MemoryMessage>): void {
    const unwanted = new Set(messages);
    const removed = this.#messages.filter((message) => unwanted.has(message));
    this.#messages = this.#messages.filter((message) => !unwanted.has(message));
    this.#removed(removed);
  }

  /** Forget all of them. */
  clear(): void {
    this.remove(this.#messages);
  }

  /** Tell `watcher` what happens from now on. */
  watch(watcher: MemoryMailWatcher): void {
    this.#watchers.push(watcher);
  }

  #removed(messages: readonly MemoryMessage[]): void {
    for (const watcher of this.#watchers) watcher.removed(messages);
  }
}

/** What a service that keeps mail in memory provides. */
export const memoryMail: Token<MemoryMail> = token("heddle.memory-mail");
