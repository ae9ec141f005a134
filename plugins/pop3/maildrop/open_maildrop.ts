import { type Maildir, MessageGoneError } from "../../../services/mail/maildir.ts";
import type { MaildirEntry } from "../../../services/mail/maildir_entry.ts";
import { FileLock } from "../../../services/mail/file_lock.ts";
import { type DropMessage, Maildrop } from "./maildrop.ts";
import { wireSizeOf } from "./wire_encoder.ts";

/** Octets of a message that is read at once, which costs less. */
const SMALL = 64 * 1024;

/** A maildrop that a session has for itself. */
export class OpenMaildrop implements Disposable {
  /** The messages in it. */
  readonly messages: Maildrop;
  readonly #maildir: Maildir;
  readonly #lock: FileLock;

  private constructor(messages: Maildrop, maildir: Maildir, lock: FileLock) {
    this.messages = messages;
    this.#maildir = maildir;
    this.#lock = lock;
  }

  /**
   * Lock a mailbox, and look what is in it. Null when another session has it, of this process or another.
   * @throws the system's error
   */
  static async open(maildir: Maildir): Promise<OpenMaildrop | null> {
    await maildir.create();
    const lock = await FileLock.take(`${maildir.path}/pop3.lock`);
    if (lock === null) return null;
    try {
      return new OpenMaildrop(new Maildrop(await messagesOf(maildir)), maildir, lock);
    } catch (error) {
      lock[Symbol.dispose]();
      throw error;
    }
  }

  /**
   * The bytes of a message, as they were stored, in pieces.
   * @throws {MessageGoneError}
   */
  async read(entry: MaildirEntry): Promise<Iterable<Uint8Array> | ReadableStream<Uint8Array>> {
    if (entry.size !== null && entry.size <= SMALL) return [await this.#maildir.readWhole(entry)];
    return await this.#maildir.read(entry);
  }

  /**
   * Remove messages; resolves when that will outlive a loss of power.
   * @throws the system's error; then some may be there still
   */
  remove(entries: readonly MaildirEntry[]): Promise<void> {
    return entries.length === 0 ? Promise.resolve() : this.#maildir.delete(entries);
  }

  /** Others may have it. */
  [Symbol.dispose](): void {
    this.#lock[Symbol.dispose]();
  }
}

async function messagesOf(maildir: Maildir): Promise<DropMessage[]> {
  const messages: DropMessage[] = [];
  for (const entry of await maildir.list()) {
    // Only of messages that another program has delivered, the size has to be counted.
    const size = entry.wireSize ?? await countOctets(maildir, entry);
    if (size !== null) messages.push({ entry, size });
  }
  return messages;
}

/** Null when the message is not there any more. */
async function countOctets(maildir: Maildir, entry: MaildirEntry): Promise<number | null> {
  try {
    return await wireSizeOf(await maildir.read(entry));
  } catch (error) {
    if (error instanceof MessageGoneError) return null;
    throw error;
  }
}
