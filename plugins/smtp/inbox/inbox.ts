import type { Logger } from "../../../services/log.ts";
import { byArrival, idOf, type Row, rowOf, type RowView, viewOf } from "./row.ts";
import { searchFor } from "./search.ts";
import type { MessageStore, StoredMessage, StoreWatcher } from "./store.ts";
import { HEADER_WINDOW, type HeaderReader, type Summary, summaryOf } from "./summary.ts";

/** Headers that are read at the same time. */
const AT_ONCE = 16;
/** Rows that are made before others have a turn. */
const BATCH = 1_000;

const unreadable: Summary = { from: "", to: "", subject: "(cannot be read)", attachments: false };

/** A part of the list. */
export interface Page {
  /** The newest first. */
  readonly rows: readonly RowView[];
  /** How many there are, of those that were searched for. */
  readonly total: number;
  /** How far the list is built. */
  readonly progress: Progress;
}

/** How far the list is built. */
export interface Progress {
  /** Messages whose header was read; what is not read yet, no search finds. */
  readonly read: number;
  /** Messages that there are. */
  readonly messages: number;
}

/** What has changed in the list. */
export interface Change {
  readonly added: readonly RowView[];
  readonly removed: readonly string[];
}

/**
 * The list of messages, in memory: no more of each than is shown, read off their headers in the background, the
 * newest first.
 */
export class Inbox implements StoreWatcher {
  readonly #store: MessageStore;
  readonly #reader: HeaderReader;
  readonly #log: Logger;
  readonly #rows = new Map<string, Row>();
  /** The oldest first. */
  #order: Row[] = [];
  #read = 0;
  /** Ids of messages that have come, and whose headers are being read. */
  readonly #arriving = new Set<string>();
  readonly #listeners = new Set<(change: Change) => void>();
  #refreshing: Promise<void> | null = null;

  constructor(store: MessageStore, reader: HeaderReader, log: Logger) {
    this.#store = store;
    this.#reader = reader;
    this.#log = log;
    store.watch(this);
  }

  /** How far the list is built. */
  get progress(): Progress {
    return { read: this.#read, messages: this.#order.length };
  }

  /** Build the list, until all is read or `signal` is aborted. Messages can be seen long before that. */
  async build(signal: AbortSignal): Promise<void> {
    try {
      await this.refresh();
    } catch (error) {
      // Mail is received all the same, and a later look may succeed.
      return this.#log.error("Cannot list the mailboxes for the inbox", { error });
    }
    const rows = this.#order.toReversed();
    for (let at = 0; at < rows.length && !signal.aborted; at += AT_ONCE) {
      await this.#readHeaders(rows.slice(at, at + AT_ONCE));
    }
  }

  /** Look whether somebody else has put messages there or taken some away. */
  refresh(): Promise<void> {
    return this.#refreshing ??= this.#refresh().finally(() => this.#refreshing = null);
  }

  /** See {@linkcode StoreWatcher.arrived}. */
  arrived(message: StoredMessage): void {
    const row = rowOf(message);
    this.#arriving.add(row.id);
    void this.#readHeaders([row]).then(() => {
      // It may have left meanwhile.
      if (this.#arriving.delete(row.id) && row.summary !== null) this.#insert([row]);
    });
  }

  /** See {@linkcode StoreWatcher.left}. */
  left(messages: readonly StoredMessage[]): void {
    const ids = messages.map(idOf);
    for (const id of ids) this.#arriving.delete(id);
    this.#drop(ids);
  }

  /** The row of that name, if there is one. */
  find(id: string): Row | null {
    return this.#rows.get(id) ?? null;
  }

  /** Some rows, from the `offset`th newest; with `text`, of those that it is found in. */
  async page(offset: number, limit: number, text: string): Promise<Page> {
    const search = searchFor(text);
    const found = search === null ? this.#order : this.#order.filter(search);
    const end = Math.max(0, found.length - offset);
    const rows = found.slice(Math.max(0, end - limit), end).reverse();
    await this.#readHeaders(rows);
    return {
      rows: rows.filter(({ summary }) => summary !== null).map(viewOf),
      total: found.length,
      progress: this.progress,
    };
  }

  /** Remove messages for good; returns how many there were. */
  async remove(ids: readonly string[]): Promise<number> {
    const rows = ids.map((id) => this.#rows.get(id)).filter((row) => row !== undefined);
    await this.#store.remove(rows.map(({ message }) => message));
    this.#drop(rows.map(({ id }) => id));
    return rows.length;
  }

  /** Remove all messages, or those that `text` is found in; returns how many there were. */
  removeAll(text: string): Promise<number> {
    const search = searchFor(text);
    return this.remove((search === null ? this.#order : this.#order.filter(search)).map(({ id }) => id));
  }

  /** Hear of changes; returns what ends that. */
  subscribe(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async #refresh(): Promise<void> {
    if (await this.#store.changed()) await this.#list();
  }

  /** Make the rows those of the messages that there are now. */
  async #list(): Promise<void> {
    const known = new Set(this.#rows.keys());
    const added: Row[] = [];
    for (const [at, message] of (await this.#store.list()).entries()) {
      const row = this.#rows.get(idOf(message));
      if (row === undefined) {
        added.push(rowOf(message));
      } else {
        row.message = message;
        known.delete(row.id);
      }
      if (at % BATCH === BATCH - 1) await new Promise((resolve) => setImmediate(resolve));
    }
    // Those that only the last list had; what arrived meanwhile is not among them.
    this.#drop([...known]);
    this.#insert(added);
  }

  async #readHeaders(rows: readonly Row[]): Promise<void> {
    await Promise.all(rows.map(async (row) => {
      if (row.summary !== null) return;
      const summary = await this.#summaryOf(row);
      if (summary === null) return this.#drop([row.id]);
      if (row.summary === null && this.#rows.get(row.id) === row) this.#read++;
      row.summary = summary;
    }));
  }

  /** Null when the message is gone. */
  async #summaryOf({ id, message }: Row): Promise<Summary | null> {
    try {
      const start = await message.readStart(HEADER_WINDOW);
      return start === null ? null : summaryOf(start, this.#reader);
    } catch (error) {
      this.#log.error("Cannot read a message for the inbox", { id, error });
      return unreadable;
    }
  }

  #insert(rows: readonly Row[]): void {
    const added = rows.filter(({ id }) => !this.#rows.has(id));
    if (added.length === 0) return;
    for (const row of added) {
      this.#rows.set(row.id, row);
      if (row.summary !== null) this.#read++;
    }
    const inOrder = added.toSorted(byArrival);
    const last = this.#order.at(-1);
    const follows = last === undefined || byArrival(last, inOrder[0]!) <= 0;
    if (follows && inOrder.length < BATCH) this.#order.push(...inOrder);
    else this.#order = this.#order.concat(inOrder).sort(byArrival);
    this.#tell({ added: inOrder.map(viewOf), removed: [] });
  }

  #drop(ids: readonly string[]): void {
    const removed = ids.filter((id) => {
      if (this.#rows.get(id)?.summary) this.#read--;
      return this.#rows.delete(id);
    });
    if (removed.length === 0) return;
    this.#order = this.#order.filter(({ id }) => this.#rows.has(id));
    this.#tell({ added: [], removed });
  }

  #tell(change: Change): void {
    for (const listener of this.#listeners) listener(change);
  }
}
