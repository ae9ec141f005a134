import { GroupCommit } from "./group_commit.ts";
import { MaildirDraft } from "./maildir_draft.ts";
import { inOrderOfArrival, type MaildirEntry, nameWithFlags, parseMaildirName } from "./maildir_entry.ts";
import type { MaildirNames } from "./maildir_names.ts";
import { type MailFiles, systemFiles } from "./mail_files.ts";

/** A draft that has not been touched for so long was left behind by a process that died. */
const STALE = 36 * 3600 * 1000;

/** What a Maildir stands on. */
export interface MaildirOptions {
  /** Shared by all Maildirs of the process. */
  readonly names: MaildirNames;
  /** Default: the machine's file system. */
  readonly files?: MailFiles;
}

/** The message is not there any more: somebody else has removed it. */
export class MessageGoneError extends Error {
  /** `"MessageGoneError"`. */
  override readonly name = "MessageGoneError";
}

/**
 * A mailbox as a folder of files, one per message (https://cr.yp.to/proto/maildir.html): needs no locks, is
 * read by everything that reads mail, and can be searched with grep. A message is written in `tmp`, flushed,
 * renamed into `new`, and the folder is flushed: only then is it delivered. Deliveries that go on at the same
 * time share that last flush.
 *
 * Bytes are kept as they come; mail from SMTP has CRLF at the end of its lines, and keeps it.
 */
export class Maildir {
  readonly #files: MailFiles;
  readonly #names: MaildirNames;
  #ready: Promise<void> | null = null;
  readonly #commits: { readonly new: GroupCommit; readonly cur: GroupCommit };

  /** @param path of its folder, which need not be there: see {@linkcode create} */
  constructor(readonly path: string, { names, files = systemFiles }: MaildirOptions) {
    this.#names = names;
    this.#files = files;
    this.#commits = {
      new: new GroupCommit(() => files.syncFolder(`${path}/new`)),
      cur: new GroupCommit(() => files.syncFolder(`${path}/cur`)),
    };
  }

  /**
   * Make the folders that are missing, so that they outlive a loss of power, and remove the drafts that
   * processes which died have left. Done once; again only after it has failed.
   * @throws the system's error
   */
  create(): Promise<void> {
    if (this.#ready === null) {
      const ready = this.#ready = this.#create();
      ready.catch(() => this.#ready = null);
    }
    return this.#ready;
  }

  /**
   * A message that comes in pieces. Nothing of it can be seen until it is published. It sees to it that the
   * Maildir is there.
   */
  draft(): MaildirDraft {
    const file = this.#names.next();
    return new MaildirDraft(file, `${this.path}/tmp/${file}`, this.#files, this.create());
  }

  /**
   * Store a message. Resolves when it is delivered and will outlive a loss of power.
   * @throws the system's error; then it is not delivered
   */
  async deliver(message: Uint8Array): Promise<MaildirEntry> {
    const draft = this.draft();
    try {
      await draft.write(message);
      return (await draft.publish([this]))[0]!;
    } finally {
      await draft.discard();
    }
  }

  /** All messages, in the order of their arrival. Those delivered or removed meanwhile may be there or not. */
  async list(): Promise<MaildirEntry[]> {
    // One that moves from `new` to `cur` in between is found twice rather than never.
    const arrived = await this.#files.list(`${this.path}/new`);
    const known = await this.#files.list(`${this.path}/cur`);
    const entries = new Map<string, MaildirEntry>();
    for (const [folder, names] of [["new", arrived], ["cur", known]] as const) {
      for (const name of names) {
        const entry = parseMaildirName(folder, name);
        if (entry !== null) entries.set(entry.unique, entry);
      }
    }
    return inOrderOfArrival(entries.values());
  }

  /**
   * The bytes of a message, as they were stored.
   * @throws {MessageGoneError}
   */
  read(entry: MaildirEntry): Promise<ReadableStream<Uint8Array>> {
    return this.#found(entry, (path) => this.#files.open(path));
  }

  /**
   * All bytes of a message, as they were stored: for small ones, since it is one call of the system where
   * {@linkcode read} has several.
   * @throws {MessageGoneError}
   */
  readWhole(entry: MaildirEntry): Promise<Uint8Array> {
    return this.#found(entry, (path) => this.#files.read(path));
  }

  /**
   * The first bytes of a message, at most `length`; null when it is not where `entry` says. It is not looked for
   * elsewhere: who reads the headers of a whole mailbox lists it anew instead.
   */
  async readStart(entry: MaildirEntry, length: number): Promise<Uint8Array | null> {
    try {
      return await this.#files.readStart(`${this.path}/${entry.folder}/${entry.file}`, length);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return null;
      throw error;
    }
  }

  /**
   * Bytes that reading the message will bring.
   * @throws {MessageGoneError}
   */
  async size(entry: MaildirEntry): Promise<number> {
    return entry.size ?? (await this.#found(entry, (path) => this.#files.stat(path))).size;
  }

  /**
   * Give a message other flags, as letters in any order; it is then in `cur`.
   * @throws {MessageGoneError}
   */
  async setFlags(entry: MaildirEntry, flags: string): Promise<MaildirEntry> {
    const file = nameWithFlags(entry.file, flags);
    await this.#found(entry, (path) => this.#files.rename(path, `${this.path}/cur/${file}`));
    return parseMaildirName("cur", file)!;
  }

  /** Remove messages for good; resolves when that will outlive a loss of power. One that is gone is no error. */
  async delete(entries: readonly MaildirEntry[]): Promise<void> {
    const missing = await this.#remove(entries);
    if (missing.length > 0) {
      // A reader has moved them, or they are gone: one look at the folder tells it of all.
      const sought = new Set(missing.map(({ unique }) => unique));
      await this.#remove((await this.list()).filter(({ unique }) => sought.has(unique)));
    }
    await Promise.all([this.#commits.new.commit(), this.#commits.cur.commit()]);
  }

  /** Called by drafts: resolves when the names in `new` are on the disk. */
  commitNew(): Promise<void> {
    return this.#commits.new.commit();
  }

  /** Remove the files of messages; returns those that have none of that name. */
  async #remove(entries: readonly MaildirEntry[]): Promise<MaildirEntry[]> {
    const missing: MaildirEntry[] = [];
    for (const entry of entries) {
      try {
        await this.#files.remove(`${this.path}/${entry.folder}/${entry.file}`);
      } catch (error) {
        if (!(error instanceof Deno.errors.NotFound)) throw error;
        missing.push(entry);
      }
    }
    return missing;
  }

  /** Do something with a message's file, also when a reader has moved it since it was listed. */
  async #found<T>(entry: MaildirEntry, act: (path: string) => Promise<T>): Promise<T> {
    let sought = entry;
    // Twice: it may be moved once more while we look for it.
    for (let attempt = 0; attempt < 2; attempt++) {
      try {
        return await act(`${this.path}/${sought.folder}/${sought.file}`);
      } catch (error) {
        if (!(error instanceof Deno.errors.NotFound)) throw error;
      }
      const moved = (await this.list()).find(({ unique }) => unique === entry.unique);
      if (moved === undefined) break;
      sought = moved;
    }
    throw new MessageGoneError(`Cannot find message "${entry.unique}" in "${this.path}": it was removed`);
  }

  async #create(): Promise<void> {
    for (const folder of ["tmp", "new", "cur"]) await this.#files.makeFolder(`${this.path}/${folder}`);
    await this.#files.syncFolder(this.path);
    await this.#files.syncFolder(`${this.path}/..`);
    await this.#removeStaleDrafts();
  }

  async #removeStaleDrafts(): Promise<void> {
    const now = this.#names.now();
    for (const name of await this.#files.list(`${this.path}/tmp`)) {
      const path = `${this.path}/tmp/${name}`;
      try {
        if (now - (await this.#files.stat(path)).modified > STALE) await this.#files.remove(path);
      } catch (error) {
        // Published or removed by whoever it belongs to.
        if (!(error instanceof Deno.errors.NotFound)) throw error;
      }
    }
  }
}
