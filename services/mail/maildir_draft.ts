import { joined } from "./joined.ts";
import type { MailFiles, NewFile } from "./mail_files.ts";
import type { Maildir } from "./maildir.ts";
import { type MaildirEntry, parseMaildirName } from "./maildir_entry.ts";

/** Pieces are joined up to this size before they are written. */
const BLOCK = 64 * 1024;
const LF = 0x0a;
const CR = 0x0d;

/** A message on its way into Maildirs: written piece by piece, then published. It always ends with `discard`. */
export class MaildirDraft {
  /** Bytes written so far. */
  size = 0;

  readonly #name: string;
  readonly #path: string;
  readonly #files: MailFiles;
  #file: NewFile | null = null;
  /** Whether there is a file in `tmp` to be removed in the end. */
  #left = false;
  #parts: Uint8Array[] = [];
  #waiting = 0;
  /** The last write, which may be under way; it has begun after those before it were done. */
  #writing: Promise<void>;
  /** LFs without a CR before them, and what the last byte was. */
  #bareLines = 0;
  #last = 0;

  /** See {@linkcode Maildir.draft}. */
  constructor(name: string, path: string, files: MailFiles, ready: Promise<void>) {
    this.#name = name;
    this.#writing = ready;
    this.#path = path;
    this.#files = files;
  }

  /**
   * Append a copy of `bytes`, which may be used for something else when the call returns. Now and then, when
   * enough has come together to be written, it returns a promise: who writes on before that is settled fills
   * the memory. It rejects with the system's error, and so does `publish` then.
   */
  write(bytes: Uint8Array): void | Promise<void> {
    if (bytes.length === 0) return;
    this.size += bytes.length;
    this.#countBareLines(bytes);
    this.#parts.push(bytes.slice());
    this.#waiting += bytes.length;
    if (this.#waiting >= BLOCK) return this.#flush();
  }

  /**
   * Deliver the message into each of `maildirs`, of which there is at least one, all different: into all, or
   * with an error into none. Resolves when it is there and will outlive a loss of power.
   * @returns its entry in each
   * @throws the system's error
   */
  async publish(maildirs: readonly Maildir[]): Promise<MaildirEntry[]> {
    await Promise.all([this.#finish(), ...maildirs.slice(1).map((maildir) => maildir.create())]);
    const file = `${this.#name},S=${this.size},W=${this.size + this.#bareLines}`;
    const paths: string[] = [];
    try {
      for (const maildir of maildirs.slice(1)) {
        paths.push(await this.#copyInto(maildir, file));
      }
      const path = `${maildirs[0]!.path}/new/${file}`;
      await this.#files.rename(this.#path, path);
      this.#left = false;
      paths.push(path);
      await Promise.all(maildirs.map((maildir) => maildir.commitNew()));
    } catch (error) {
      // Whoever sent it is told that it was not delivered, and will send it again.
      await Promise.allSettled(paths.map((path) => this.#files.remove(path)));
      throw error;
    }
    return maildirs.map(() => parseMaildirName("new", file)!);
  }

  /** Leave nothing behind; does nothing after a successful `publish`. Never rejects. */
  async discard(): Promise<void> {
    this.#parts = [];
    await this.#writing.catch(() => {});
    this.#closeFile();
    if (!this.#left) return;
    this.#left = false;
    // What cannot be removed now is removed when it is stale.
    await this.#files.remove(this.#path).catch(() => {});
  }

  #flush(): Promise<void> {
    const bytes = joined(this.#parts, this.#waiting);
    this.#parts = [];
    this.#waiting = 0;
    this.#writing = this.#append(bytes, this.#writing);
    // Whoever cares hears of it from `publish`, if not from here.
    this.#writing.catch(() => {});
    return this.#writing;
  }

  async #append(bytes: Uint8Array, earlier: Promise<void>): Promise<void> {
    await earlier;
    if (this.#file === null) {
      this.#file = await this.#files.create(this.#path);
      this.#left = true;
    }
    await this.#file.write(bytes);
  }

  /** All bytes are in the file, and the file is on the disk. */
  async #finish(): Promise<void> {
    await this.#flush();
    await this.#file!.sync();
    this.#closeFile();
  }

  /** The message under a second name in another Maildir; copied where a link cannot be made. */
  async #copyInto(maildir: Maildir, file: string): Promise<string> {
    const path = `${maildir.path}/new/${file}`;
    try {
      await this.#files.link(this.#path, path);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) throw error;
      const copy = maildir.draft();
      try {
        for await (const bytes of await this.#files.open(this.#path)) await copy.write(bytes);
        await copy.moveTo(path);
      } finally {
        await copy.discard();
      }
    }
    return path;
  }

  /** Flush the message and give it its final name; it is not safe before the folder is flushed too. */
  async moveTo(path: string): Promise<void> {
    await this.#finish();
    await this.#files.rename(this.#path, path);
    this.#left = false;
  }

  #closeFile(): void {
    this.#file?.close();
    this.#file = null;
  }

  #countBareLines(bytes: Uint8Array): void {
    for (let at = bytes.indexOf(LF); at >= 0; at = bytes.indexOf(LF, at + 1)) {
      if ((at === 0 ? this.#last : bytes[at - 1]) !== CR) this.#bareLines++;
    }
    this.#last = bytes[bytes.length - 1]!;
  }
}
