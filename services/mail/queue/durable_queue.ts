import { GroupCommit } from "../group_commit.ts";
import { joined } from "../joined.ts";
import { Spool } from "../spool.ts";
import type { QueuedRecipientState } from "../mail_queue.ts";
import type { Entry, EntryRecipient, NewEntry } from "./entry.ts";
import { Journal, type Place, segmentName, type Void } from "./journal.ts";

import { type QueueFiles, systemQueueFiles } from "./queue_files.ts";
import { applyAttempt, type EntryFacts, type QueueRecord } from "./queue_records.ts";
import { type FoundQueue, readQueue } from "./read_queue.ts";
import { bodyOffset, encodeRecord } from "./record.ts";

/** What a {@linkcode DurableQueue} stands on. */
export interface DurableQueueOptions {
  /** Octets after which a segment of the journal is full; default 16 MiB. */
  readonly segmentSize?: number;
  /** Default: the machine's file system. */
  readonly files?: QueueFiles;
}

/** What has come of an attempt to deliver. */
export interface Attempt {
  readonly attempts: number;
  /** Milliseconds since 1970. */
  readonly nextAttempt: number;
  /** Of the recipients that were tried. */
  readonly results: ReadonlyMap<
    EntryRecipient,
    { readonly state: QueuedRecipientState; readonly answer: string }
  >;
}

/** A message that is put into the queue without ever being a stream: a report, say. */
export interface WholeMessage {
  readonly entry: NewEntry;
  /** Whether it has octets beyond ASCII. */
  readonly eightBit: boolean;
  readonly content: Uint8Array;
}

/** Folder of the messages that are too large for the journal. */
export const LARGE = "large";
const SEGMENT_SIZE = 16 * 1024 * 1024;
/** The journal may have so many times the octets of what waits in it before it is copied together. */
const MOST_WASTE = 4;
/** Octets that are copied at a time. */
const READ = 64 * 1024;

/**
 * Messages that wait to be delivered, in a folder: a journal, whose records of a group of messages share one
 * fdatasync, and a file for each large message. A message stands there once, however many recipients it has.
 * What was added stays until everybody has got it, was given up, or it is dropped.
 *
 * A segment of the journal is removed when it is the oldest and nothing in it waits. Where little waits among
 * much that does not, the oldest segment's messages are copied to the end.
 *
 * One process may have it at a time: see `lockQueue`.
 */
export class DurableQueue {
  /** What waits, by name. */
  readonly entries: ReadonlyMap<string, Entry>;

  readonly #folder: string;
  readonly #files: QueueFiles;
  readonly #segmentSize: number;
  readonly #entries: Map<string, Entry>;
  readonly #journal: Journal;
  readonly #largeFolder: GroupCommit;
  /** Octets of each segment, the oldest first, and how many entries it keeps. */
  readonly #segments = new Map<number, { size: number; live: number; liveSize: number }>();
  /** Those whose end is being written: a copy after it would bring them back. */
  readonly #leaving = new Set<Entry>();
  #reclaiming: Promise<void> | null = null;
  #closed = false;

  /** Use {@linkcode openQueue}. */
  constructor(folder: string, { state, segments }: FoundQueue, options: DurableQueueOptions) {
    this.#folder = folder;
    this.#files = options.files ?? systemQueueFiles;
    this.#segmentSize = options.segmentSize ?? SEGMENT_SIZE;
    this.#entries = state.entries;
    this.entries = state.entries;
    this.#largeFolder = new GroupCommit(() => this.#files.syncFolder(`${folder}/${LARGE}`));
    for (const { segment, size } of segments) this.#segments.set(segment, { size, live: 0, liveSize: 0 });
    for (const entry of state.entries.values()) this.#count(entry, 1);
    this.#journal = new Journal({
      folder,
      files: this.#files,
      segmentSize: this.#segmentSize,
      first: (segments.at(-1)?.segment ?? 0) + 1,
      voidRecord: (what: Void) => encodeRecord({ kind: "void", ...what } satisfies QueueRecord),
    });
  }

  /** A message that comes in pieces; `id` is its name. */
  draft(id: string): Spool {
    return new Spool(this.#largePath(id), this.#files);
  }

  /**
   * Take a message into the queue, whose draft is finished. Resolves when it will outlive a loss of power.
   * @throws the system's error; then it is not in the queue
   */
  async add(message: NewEntry, draft: Spool, now: number): Promise<Entry> {
    const body = draft.inMemory;
    if (body === null) await this.#largeFolder.commit();
    const file = body === null ? draft.size : null;
    const entry = await this.#append(message, draft.eightBit, file, body ?? [], now);
    draft.keep();
    return entry;
  }

  /**
   * Take a message of our own making into the queue. Resolves when it will outlive a loss of power.
   * @throws the system's error; then it is not in the queue
   */
  addWhole({ entry, eightBit, content }: WholeMessage, now: number): Promise<Entry> {
    return this.#append(entry, eightBit, null, [content], now);
  }

  /**
   * Put down what has come of an attempt; when nobody waits any more, the message is gone. `reports` are taken
   * into the queue before that.
   * @throws the system's error; what has come of it is known as long as the process lives
   */
  async record(
    entry: Entry,
    { attempts, nextAttempt, results }: Attempt,
    reports: readonly WholeMessage[],
    now: number,
  ): Promise<Entry[]> {
    const added = reports.map((report) => this.addWhole(report, now));
    const record: Extract<QueueRecord, { kind: "attempt" }> = {
      kind: "attempt",
      id: entry.id,
      attempts,
      nextAttempt,
      results: [...results].map((
        [recipient, { state, answer }],
      ) => [entry.recipients.indexOf(recipient), state, answer]),
    };
    const done = applyAttempt(entry, record);
    if (done) this.#leaving.add(entry);
    const [entries] = await Promise.all([Promise.all(added), this.#write(record)]);
    if (done) await this.#forget(entry);
    return entries;
  }

  /**
   * Remove a message. Resolves when that will outlive a loss of power.
   * @throws the system's error
   */
  async drop(entry: Entry): Promise<void> {
    this.#leaving.add(entry);
    try {
      await this.#write({ kind: "drop", id: entry.id });
    } catch (error) {
      this.#leaving.delete(entry);
      throw error;
    }
    await this.#forget(entry);
  }

  /** The octets of a message, its prefix first. Can be read more than once. */
  async *content(entry: Entry): AsyncIterable<Uint8Array> {
    if (entry.prefix !== "") yield new TextEncoder().encode(entry.prefix);
    const { content } = entry;
    if (content.kind === "file") {
      yield* await this.#files.open(this.#largePath(entry.id));
      return;
    }
    const path = `${this.#folder}/${segmentName(content.segment)}`;
    const bytes = await this.#files.readAt(path, content.offset, content.length);
    for (let at = 0; at < bytes.length; at += READ) yield bytes.subarray(at, at + READ);
  }

  /** Let go of the files; what is under way is finished first. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#reclaiming;
    await this.#journal.close();
  }

  async #append(
    message: NewEntry,
    eightBit: boolean,
    file: number | null,
    body: readonly Uint8Array[],
    now: number,
  ): Promise<Entry> {
    const recipients = message.recipients.map((recipient) => ({
      ...recipient,
      state: "waiting" as const,
      answer: null,
    }));
    const rest = { recipients, eightBit, attempts: 0, nextAttempt: now };
    const placed = await this.#writeMessage(
      { kind: "message", entry: factsOf(message), file, ...rest },
      body,
    );
    const entry: Entry = { ...message, ...rest, ...placed };
    this.#entries.set(entry.id, entry);
    this.#count(entry, 1);
    return entry;
  }

  async #writeMessage(
    record: Extract<QueueRecord, { kind: "message" }>,
    body: readonly Uint8Array[],
  ): Promise<Pick<Entry, "content" | "segment" | "recordOffset">> {
    const bytes = encodeRecord(record, body);
    const { segment, offset } = await this.#place(bytes);
    const start = bodyOffset(bytes);
    return {
      segment,
      recordOffset: offset,
      content: record.file === null
        ? { kind: "journal", segment, offset: offset + start, length: bytes.length - start }
        : { kind: "file", length: record.file },
    };
  }

  async #write(record: QueueRecord): Promise<void> {
    await this.#place(encodeRecord(record));
  }

  async #place(record: Uint8Array): Promise<Place> {
    const place = await this.#journal.append(record);
    const segment = this.#segments.get(place.segment);
    const end = place.offset + record.length;
    if (segment === undefined) this.#segments.set(place.segment, { size: end, live: 0, liveSize: 0 });
    else segment.size = Math.max(segment.size, end);
    return place;
  }

  async #forget(entry: Entry): Promise<void> {
    this.#leaving.delete(entry);
    if (!this.#entries.delete(entry.id)) return;
    this.#count(entry, -1);
    if (entry.content.kind === "file") {
      // If it stays, it is removed at the next start.
      await this.#files.remove(this.#largePath(entry.id)).catch(() => {});
    }
    this.#reclaim();
  }

  #count(entry: Entry, by: 1 | -1): void {
    const segment = this.#segments.get(entry.segment)!;
    segment.live += by;
    if (entry.content.kind === "journal") segment.liveSize += by * entry.content.length;
  }

  /** Begin to remove the segments that are of no more use, unless that is under way. */
  #reclaim(): void {
    if (this.#reclaiming !== null || this.#closed) return;
    const oldest = this.#oldest();
    if (oldest === null || this.#segments.get(oldest)!.live > 0 && !this.#wasteful()) return;
    // What fails is tried again with the next message that is done with.
    this.#reclaiming = this.#removeOldest().catch(() => {}).finally(() => this.#reclaiming = null);
  }

  async #removeOldest(): Promise<void> {
    for (let oldest = this.#oldest(); oldest !== null && !this.#closed; oldest = this.#oldest()) {
      const segment = oldest;
      if (this.#segments.get(segment)!.live > 0) {
        if (!this.#wasteful()) return;
        for (const entry of [...this.#entries.values()]) {
          if (entry.segment === segment) await this.#copy(entry);
        }
        if (this.#segments.get(segment)!.live > 0) return;
      }
      await this.#files.remove(`${this.#folder}/${segmentName(segment)}`);
      this.#segments.delete(segment);
    }
  }

  /** The oldest segment, unless it is the one that is being written. */
  #oldest(): number | null {
    const [oldest] = this.#segments.keys();
    return oldest === undefined || oldest >= this.#journal.current ? null : oldest;
  }

  #wasteful(): boolean {
    let size = 0;
    let live = 0;
    for (const segment of this.#segments.values()) {
      size += segment.size;
      live += segment.liveSize;
    }
    return size > MOST_WASTE * (live + this.#segmentSize);
  }

  /** Write a message again, as it is now, at the journal's end. */
  async #copy(entry: Entry): Promise<void> {
    const { content, recipients, eightBit, attempts, nextAttempt } = entry;
    const body: Uint8Array[] = [];
    if (content.kind === "journal") {
      const path = `${this.#folder}/${segmentName(content.segment)}`;
      body.push(await this.#files.readAt(path, content.offset, content.length));
    }
    if (!this.#entries.has(entry.id) || this.#leaving.has(entry)) return;
    const placed = await this.#writeMessage({
      kind: "message",
      entry: factsOf(entry),
      recipients,
      eightBit,
      attempts,
      nextAttempt,
      file: content.kind === "file" ? content.length : null,
    }, [joined(body)]);
    if (this.#entries.has(entry.id)) this.#count(entry, -1);
    Object.assign(entry, placed);
    if (this.#entries.has(entry.id)) this.#count(entry, 1);
  }

  #largePath(id: string): string {
    return `${this.#folder}/${LARGE}/${id}`;
  }
}

/**
 * Open the queue in `folder`, which is made when it is missing. What was left of messages that never got into
 * it is removed.
 * @throws the system's error
 */
export async function openQueue(
  folder: string,
  options: DurableQueueOptions = {},
): Promise<{ readonly queue: DurableQueue; readonly torn: FoundQueue["torn"] }> {
  const files = options.files ?? systemQueueFiles;
  await files.makeFolder(`${folder}/${LARGE}`);
  await files.syncFolder(folder);
  await files.syncFolder(`${folder}/..`);
  const found = await readQueue(folder, files);
  for (const name of await files.list(`${folder}/${LARGE}`)) {
    const { content } = found.state.entries.get(name) ?? {};
    if (content?.kind !== "file") await files.remove(`${folder}/${LARGE}/${name}`);
  }
  return { queue: new DurableQueue(folder, found, options), torn: found.torn };
}

function factsOf(message: NewEntry): EntryFacts {
  const { id, sender, receivedAt, smtpUtf8, ret, envelopeId, prefix } = message;
  return {
    id,
    sender,
    receivedAt,
    smtpUtf8,
    ...(ret !== undefined && { ret }),
    ...(envelopeId !== undefined && { envelopeId }),
    prefix,
  };
}
