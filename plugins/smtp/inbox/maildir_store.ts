import { type Mailboxes, mailboxNameOf } from "../../../services/mail/mailboxes.ts";
import { type Maildir, MessageGoneError } from "../../../services/mail/maildir.ts";
import type { MaildirEntry } from "../../../services/mail/maildir_entry.ts";
import type { Stored } from "../delivery/maildir_delivery.ts";
import type { MessageStore, StoredMessage, StoreWatcher } from "./store.ts";

/** The messages in the Maildirs of a server: also those that others put there, move and remove. */
export class MaildirStore implements MessageStore {
  readonly #mailboxes: Mailboxes;
  readonly #deliveries: (heard: (stored: Stored) => void) => void;
  /** When the folders had last been changed, before the last `list`. */
  #seen = "";

  /** @param deliveries calls back for every message that this process delivers */
  constructor(mailboxes: Mailboxes, deliveries: (heard: (stored: Stored) => void) => void) {
    this.#mailboxes = mailboxes;
    this.#deliveries = deliveries;
  }

  /** See {@linkcode MessageStore.list}. */
  async list(): Promise<StoredMessage[]> {
    const before = await this.#state();
    const messages: StoredMessage[] = [];
    for (const folder of await this.#folders()) {
      const mailbox = mailboxNameOf(folder);
      const maildir = this.#mailboxes.get(mailbox);
      for (const entry of await maildir.list()) messages.push(new InMaildir(mailbox, maildir, entry));
    }
    this.#seen = before === await this.#state() ? before : "";
    return messages;
  }

  /** See {@linkcode MessageStore.changed}. */
  async changed(): Promise<boolean> {
    return this.#seen !== await this.#state();
  }

  /** See {@linkcode MessageStore.remove}. */
  async remove(messages: readonly StoredMessage[]): Promise<void> {
    const entries = new Map<Maildir, MaildirEntry[]>();
    for (const { maildir, entry } of messages as readonly InMaildir[]) {
      const those = entries.get(maildir);
      if (those === undefined) entries.set(maildir, [entry]);
      else those.push(entry);
    }
    for (const [maildir, those] of entries) await maildir.delete(those);
  }

  /** See {@linkcode MessageStore.watch}. */
  watch(watcher: StoreWatcher): void {
    this.#deliveries(({ mailbox, maildir, entry }) =>
      watcher.arrived(new InMaildir(mailbox, maildir, entry))
    );
  }

  async #folders(): Promise<string[]> {
    const folders: string[] = [];
    for await (const { name, isDirectory } of Deno.readDir(this.#mailboxes.root)) {
      if (isDirectory && await changedAt(`${this.#mailboxes.root}/${name}/new`) !== null) folders.push(name);
    }
    return folders.sort();
  }

  /** Differs when a message was put into a folder, or taken out. */
  async #state(): Promise<string> {
    const { root } = this.#mailboxes;
    const folders = await this.#folders();
    const times = folders.map(async (folder) => [
      folder,
      await changedAt(`${root}/${folder}/new`),
      await changedAt(`${root}/${folder}/cur`),
    ]);
    return JSON.stringify(await Promise.all(times));
  }
}

/** Milliseconds since 1970; null for a folder that is not there. */
async function changedAt(folder: string): Promise<number | null> {
  try {
    return (await Deno.stat(folder)).mtime?.getTime() ?? null;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return null;
    throw error;
  }
}

class InMaildir implements StoredMessage {
  readonly mailbox: string;
  readonly maildir: Maildir;
  readonly entry: MaildirEntry;

  constructor(mailbox: string, maildir: Maildir, entry: MaildirEntry) {
    this.mailbox = mailbox;
    this.maildir = maildir;
    this.entry = entry;
  }

  get name(): string {
    return this.entry.unique;
  }

  get receivedAt(): number {
    return (parseInt(this.entry.unique, 10) || 0) * 1000;
  }

  get size(): number | null {
    return this.entry.size;
  }

  readStart(length: number): Promise<Uint8Array | null> {
    return this.maildir.readStart(this.entry, length);
  }

  async open(): Promise<ReadableStream<Uint8Array> | null> {
    try {
      return await this.maildir.read(this.entry);
    } catch (error) {
      if (error instanceof MessageGoneError) return null;
      throw error;
    }
  }
}
