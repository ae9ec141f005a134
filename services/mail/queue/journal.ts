import { GroupCommit } from "../group_commit.ts";
import { joined } from "../joined.ts";
import type { NewFile } from "../mail_files.ts";
import type { QueueFiles } from "./queue_files.ts";

/** Where a record stands. */
export interface Place {
  /** Number of the segment. */
  readonly segment: number;
  /** Octets before it in that segment's file. */
  readonly offset: number;
}

/** Records that failed to be written, though they may be on the disk: what is there from `from` on is void. */
export interface Void {
  readonly segment: number;
  readonly from: number;
}

/** What a {@linkcode Journal} stands on. */
export interface JournalOptions {
  /** Folder of the segments. */
  readonly folder: string;
  /** The file system. */
  readonly files: QueueFiles;
  /** Octets after which the next segment is begun. */
  readonly segmentSize: number;
  /** Number of the first segment to be written: higher than any that is there. */
  readonly first: number;
  /** Makes a record of a {@linkcode Void}. */
  readonly voidRecord: (what: Void) => Uint8Array;
}

interface Pending {
  readonly record: Uint8Array;
  place: Place | null;
}

const SEGMENT = /^journal-([0-9]{9,15})$/;
/** Records are joined up to so many octets before they are written. */
const BLOCK = 1024 * 1024;

/** The name of a segment's file. */
export function segmentName(segment: number): string {
  return `journal-${String(segment).padStart(9, "0")}`;
}

/** The numbers of the segments among the names in a folder, the oldest first. */
export function segmentsAmong(names: readonly string[]): number[] {
  return names.flatMap((name) => {
    const [, number] = SEGMENT.exec(name) ?? [];
    return number === undefined ? [] : [Number(number)];
  }).sort((a, b) => a - b);
}

/**
 * An append-only file in segments. Whoever appends waits until the record is on the disk; those who append
 * meanwhile share one write and one fdatasync. A segment in which something could not be written is never
 * written again: after a failed fsync, the next one tells nothing of what was lost.
 */
export class Journal {
  readonly #options: JournalOptions;
  readonly #commits: GroupCommit = new GroupCommit(() => this.#flush());
  #pending: Pending[] = [];
  #voids: Void[] = [];
  #file: NewFile | null = null;
  #next: number;
  /** Octets in the current segment that are on the disk. */
  #size = 0;
  #closed = false;

  /** Nothing is written before something is appended. */
  constructor(options: JournalOptions) {
    this.#options = options;
    this.#next = options.first;
  }

  /** The segment that is being written, or will be. */
  get current(): number {
    return this.#file === null ? this.#next : this.#next - 1;
  }

  /**
   * Append a record. Resolves when it will outlive a loss of power.
   * @throws the system's error; then the record is not there, and will not be
   */
  async append(record: Uint8Array): Promise<Place> {
    if (this.#closed) throw new Error("Cannot write to the queue: it is closed");
    const pending: Pending = { record, place: null };
    this.#pending.push(pending);
    await this.#commits.commit();
    return pending.place!;
  }

  /** Finish what is under way, and let go of the file. What is appended after that is refused. */
  async close(): Promise<void> {
    this.#closed = true;
    // Whoever appended hears of a failure.
    await this.#commits.commit().catch(() => {});
    this.#leave();
  }

  #leave(): void {
    this.#file?.close();
    this.#file = null;
  }

  async #flush(): Promise<void> {
    const group = this.#pending;
    this.#pending = [];
    if (group.length === 0) return;
    if (this.#size >= this.#options.segmentSize) this.#leave();
    try {
      const file = this.#file ?? await this.#begin();
      const places = await this.#write(file, group);
      await file.sync();
      this.#size = places.end;
      for (const [at, pending] of group.entries()) {
        pending.place = { segment: this.current, offset: places.offsets[at]! };
      }
    } catch (error) {
      await this.#giveUp();
      throw error;
    }
  }

  /** The next segment, with what is to be known of those before it. */
  async #begin(): Promise<NewFile> {
    const { folder, files, voidRecord } = this.#options;
    const segment = this.#next++;
    const file = await files.create(`${folder}/${segmentName(segment)}`);
    this.#file = file;
    this.#size = 0;
    for (const what of this.#voids) {
      const record = voidRecord(what);
      await file.write(record);
      this.#size += record.length;
    }
    await file.sync();
    await files.syncFolder(folder);
    this.#voids = [];
    return file;
  }

  async #write(file: NewFile, group: readonly Pending[]): Promise<{ offsets: number[]; end: number }> {
    const offsets: number[] = [];
    let end = this.#size;
    let block: Uint8Array[] = [];
    let waiting = 0;
    for (const { record } of group) {
      offsets.push(end);
      end += record.length;
      block.push(record);
      waiting += record.length;
      if (waiting < BLOCK) continue;
      await file.write(joined(block, waiting));
      block = [];
      waiting = 0;
    }
    if (waiting > 0) await file.write(joined(block, waiting));
    return { offsets, end };
  }

  /** Take back what may have been written, and begin anew with the next record. */
  async #giveUp(): Promise<void> {
    const { folder, files } = this.#options;
    if (this.#file === null) return;
    const segment = this.current;
    this.#leave();
    try {
      const path = `${folder}/${segmentName(segment)}`;
      await (this.#size === 0 ? files.remove(path) : files.truncate(path, this.#size));
    } catch {
      this.#voids.push({ segment, from: this.#size });
    }
    this.#size = 0;
  }
}
