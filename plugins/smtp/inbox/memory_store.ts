import type { MemoryMail, MemoryMessage } from "../../../services/mail/memory_mail.ts";
import { inPieces } from "./pieces.ts";
import type { MessageStore, StoredMessage, StoreWatcher } from "./store.ts";

/** The messages that are kept in memory. */
export class MemoryStore implements MessageStore {
  readonly #mail: MemoryMail;
  #listed = false;
  readonly #known = new WeakMap<MemoryMessage, InMemory>();

  constructor(mail: MemoryMail) {
    this.#mail = mail;
  }

  /** See {@linkcode MessageStore.list}. */
  list(): Promise<StoredMessage[]> {
    this.#listed = true;
    return Promise.resolve(this.#mail.messages.map((message) => this.#stored(message)));
  }

  /** See {@linkcode MessageStore.changed}. */
  changed(): Promise<boolean> {
    return Promise.resolve(!this.#listed);
  }

  /** See {@linkcode MessageStore.remove}. */
  remove(messages: readonly StoredMessage[]): Promise<void> {
    this.#mail.remove((messages as readonly InMemory[]).map(({ message }) => message));
    return Promise.resolve();
  }

  /** See {@linkcode MessageStore.watch}. */
  watch(watcher: StoreWatcher): void {
    this.#mail.watch({
      added: (message) => watcher.arrived(this.#stored(message)),
      removed: (messages) => watcher.left(messages.map((message) => this.#stored(message))),
    });
  }

  #stored(message: MemoryMessage): InMemory {
    let stored = this.#known.get(message);
    if (stored === undefined) this.#known.set(message, stored = new InMemory(message));
    return stored;
  }
}

class InMemory implements StoredMessage {
  readonly message: MemoryMessage;
  readonly mailbox: string;

  constructor(message: MemoryMessage) {
    this.message = message;
    this.mailbox = message.mailboxes.join(", ");
  }

  get name(): string {
    return this.message.id;
  }

  get receivedAt(): number {
    return this.message.receivedAt;
  }

  get size(): number {
    return this.message.bytes.length;
  }

  readStart(length: number): Promise<Uint8Array> {
    return Promise.resolve(this.message.bytes.subarray(0, length));
  }

  open(): Promise<ReadableStream<Uint8Array>> {
    return Promise.resolve(inPieces(this.message.bytes));
  }
}
