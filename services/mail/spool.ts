import { isAscii } from "node:buffer";
import { joined } from "./joined.ts";
import type { MailFiles, NewFile } from "./mail_files.ts";

/** Octets that are kept in memory; of a longer message, all is in a file. */
const IN_MEMORY = 128 * 1024;
/** Pieces are joined up to this size before they are written. */
const BLOCK = 64 * 1024;

/**
 * A message that must be complete before it is clear what becomes of it: in memory as long as it is small, else in
 * a file. It ends with either `keep` or `discard`.
 */
export class Spool {
  /** Octets so far. */
  size = 0;
  /** Whether it has octets beyond ASCII. */
  eightBit = false;

  readonly #path: string;
  readonly #files: MailFiles;
  #pieces: Uint8Array[] = [];
  #waiting = 0;
  #file: NewFile | null = null;
  /** Whether there is a file that must be removed if nothing comes of the message. */
  #left = false;
  #writing: Promise<void> = Promise.resolve();

  /** @param path of the file, in case one is needed */
  constructor(path: string, files: MailFiles) {
    this.#path = path;
    this.#files = files;
  }

  /** The octets, where they are all in memory; null where they are in the file. */
  get inMemory(): readonly Uint8Array[] | null {
    return this.#left ? null : this.#pieces;
  }

  /** Append a copy of `bytes`. A promise asks to wait; should it reject, `finish` will too. */
  write(bytes: Uint8Array): void | Promise<void> {
    this.size += bytes.length;
    if (!this.eightBit) this.eightBit = !isAscii(bytes);
    this.#pieces.push(bytes.slice());
    this.#waiting += bytes.length;
    if (this.#left ? this.#waiting >= BLOCK : this.#waiting > IN_MEMORY) return this.#flush();
  }

  /**
   * No more comes.
   * @param durable whether what is in a file must be on the disk; its folder must be flushed yet
   */
  async finish(durable: boolean): Promise<void> {
    if (!this.#left) return;
    await this.#flush();
    if (durable) await this.#file!.sync();
    this.#close();
  }

  /** The octets, once {@linkcode finish} has settled; can be read more than once. */
  async *content(): AsyncIterable<Uint8Array> {
    if (this.#left) yield* await this.#files.open(this.#path);
    else yield* this.#pieces;
  }

  /** Its octets are somebody else's now, and so is the file. */
  keep(): void {
    this.#left = false;
    this.#pieces = [];
  }

  /** Nothing comes of it: leave nothing behind. Never rejects. */
  async discard(): Promise<void> {
    this.#pieces = [];
    await this.#writing.catch(() => {});
    this.#close();
    if (!this.#left) return;
    this.#left = false;
    // What cannot be removed now is for the next start to find.
    await this.#files.remove(this.#path).catch(() => {});
  }

  #flush(): Promise<void> {
    const bytes = joined(this.#pieces, this.#waiting);
    this.#pieces = [];
    this.#waiting = 0;
    this.#left = true;
    this.#writing = this.#append(bytes, this.#writing);
    // Whoever cares hears of it from `finish`, if not from here.
    this.#writing.catch(() => {});
    return this.#writing;
  }

  async #append(bytes: Uint8Array, earlier: Promise<void>): Promise<void> {
    await earlier;
    this.#file ??= await this.#files.create(this.#path);
    await this.#file.write(bytes);
  }

  #close(): void {
    this.#file?.close();
    this.#file = null;
  }
}
