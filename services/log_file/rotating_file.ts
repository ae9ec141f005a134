import type { Destination } from "./batch_writer.ts";
import type { LogFileOptions } from "./log_file_options.ts";
import { systemReason } from "./system_reason.ts";

const LINE_FEED = 0x0a;

/** A log file cannot be opened; the message names it and the reason. */
export class LogFileError extends Error {
  override readonly name = "LogFileError";
}

/** What a log file needs of the world outside. */
export interface RotatingFileEnvironment {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Told of what went wrong, in one sentence; the file goes on. */
  readonly problem: (message: string) => void;
}

/**
 * A log file that is rotated by size and age, with a bounded number of old ones, and that can be reopened
 * after another program has moved it away. Writing is synchronous: a rotation never races with a write.
 */
export class RotatingFile implements Destination, Disposable {
  readonly #options: LogFileOptions;
  readonly #environment: RotatingFileEnvironment;
  #file: Deno.FsFile;
  /** Bytes in the file. */
  #size: number;
  /** When it was begun. */
  #since: number;
  /** After a rotation failed: bytes and time at which it is tried again. */
  #retry: { readonly size: number; readonly time: number } | null = null;

  /**
   * Opens the file, to append to it.
   * @throws {LogFileError} when it cannot be opened
   */
  constructor(options: LogFileOptions, environment: RotatingFileEnvironment) {
    this.#options = options;
    this.#environment = environment;
    this.#file = openForAppend(options.path);
    ({ size: this.#size, since: this.#since } = this.#inspect());
  }

  /** Append `batch`, which is made of whole lines, rotating between two lines where the limits ask for it. */
  write(batch: Uint8Array): void {
    let rest = batch;
    while (rest.length > 0) {
      const length = this.#isTooOld() ? 0 : this.#fitting(rest);
      if (length === 0) this.#rotate();
      else {
        writeAll(this.#file, rest.subarray(0, length));
        this.#size += length;
        rest = rest.subarray(length);
      }
    }
  }

  /** Open the path anew, and let go of the file that was open. When that fails, the old one stays in use. */
  reopen(): void {
    try {
      this.#replace(openForAppend(this.#options.path));
    } catch (error) {
      this.#environment.problem(`${systemReason(error)}; writing goes on in the file that was open`);
    }
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }

  /** How many bytes of `rest` fit into the file without splitting a line; the first line of a file always does. */
  #fitting(rest: Uint8Array): number {
    const room = (this.#retry?.size ?? this.#options.maxSize) - this.#size;
    if (rest.length <= room) return rest.length;
    const whole = room > 0 ? rest.lastIndexOf(LINE_FEED, room - 1) + 1 : 0;
    if (whole > 0 || this.#size > 0) return whole;
    const end = rest.indexOf(LINE_FEED) + 1;
    return end > 0 ? end : rest.length;
  }

  #isTooOld(): boolean {
    const { maxAge } = this.#options;
    if (maxAge === null || this.#size === 0) return false;
    return this.#environment.now() >= (this.#retry?.time ?? this.#since + maxAge);
  }

  /** Never throws: what cannot be rotated grows on, and is tried again after as much time or as many bytes. */
  #rotate(): void {
    const { path, maxSize, maxAge } = this.#options;
    try {
      shiftOldFiles(this.#options);
      this.#replace(openForAppend(path));
      this.#retry = null;
    } catch (error) {
      this.#retry = { size: this.#size + maxSize, time: this.#environment.now() + (maxAge ?? 0) };
      this.#environment.problem(
        `Cannot rotate log file "${path}": ${systemReason(error)}; it grows on until the next attempt`,
      );
    }
  }

  #replace(file: Deno.FsFile): void {
    this.#file.close();
    this.#file = file;
    ({ size: this.#size, since: this.#since } = this.#inspect());
  }

  #inspect(): { readonly size: number; readonly since: number } {
    const { size, birthtime, mtime } = this.#file.statSync();
    const begun = size === 0 ? null : birthtime ?? mtime;
    return { size, since: begun?.getTime() ?? this.#environment.now() };
  }
}

/** `path` becomes `path.1`, `path.1` becomes `path.2`, and so on; what is older than `keep` goes. */
function shiftOldFiles({ path, keep }: LogFileOptions): void {
  for (let age = keep - 1; age >= 1; age--) {
    ifPresent(() => Deno.renameSync(`${path}.${age}`, `${path}.${age + 1}`));
  }
  if (keep > 0) ifPresent(() => Deno.renameSync(path, `${path}.1`));
  else ifPresent(() => Deno.removeSync(path));
}

function ifPresent(act: () => void): void {
  try {
    act();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

function openForAppend(path: string): Deno.FsFile {
  try {
    return Deno.openSync(path, { append: true, create: true, mode: 0o640 });
  } catch (error) {
    throw new LogFileError(`Cannot open log file "${path}": ${systemReason(error)}`, { cause: error });
  }
}

function writeAll(file: Deno.FsFile, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.length;) written += file.writeSync(bytes.subarray(written));
}
