import type { HistoryEntry } from "./change_history.ts";
import type { RegistryChange, RegistrySnapshot, WatchOptions } from "./registry.ts";

/** What a watch reads from. */
export interface WatchSource {
  /** The place in the history behind the latest entry. */
  readonly end: number;
  /** The entry at a place before the end; undefined when it has made way. */
  at(place: number): HistoryEntry | undefined;
  /** The place of the first change after a revision; null when that is not known. */
  placeAfter(revision: number): number | null;
  /** As everything is now. */
  snapshot(service: string | undefined): RegistrySnapshot;
  /** Call `wake` once, when there is something new. Returns how to forget it. */
  onNews(wake: () => void): () => void;
  /** Aborted when nothing more will come. */
  readonly closed: AbortSignal;
}

/**
 * Reads a history from a place of its own. It holds no changes, so that a reader may be as slow as it likes: when
 * what it has not read yet has made way, it is given a snapshot.
 */
export class Watch implements AsyncIterableIterator<RegistrySnapshot | RegistryChange> {
  readonly #source: WatchSource;
  readonly #service: string | undefined;
  readonly #ended: AbortSignal;
  readonly #over = new AbortController();
  /** Null: a snapshot is due. */
  #place: number | null;
  #turn: Promise<unknown> = Promise.resolve();
  #wake: () => void = () => {};

  constructor(source: WatchSource, { service, after, signal }: WatchOptions) {
    this.#source = source;
    this.#service = service;
    this.#place = after === undefined ? null : source.placeAfter(after);
    const ends = [this.#over.signal, source.closed, ...(signal === undefined ? [] : [signal])];
    this.#ended = AbortSignal.any(ends);
    this.#ended.addEventListener("abort", () => this.#wake(), { once: true });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** The next change, when there is one; done when the watch has ended. */
  next(): Promise<IteratorResult<RegistrySnapshot | RegistryChange>> {
    const turn = this.#turn.then(() => this.#next());
    this.#turn = turn;
    return turn;
  }

  /** End the watch; a `next` that is waiting is told so. */
  return(): Promise<IteratorResult<RegistrySnapshot | RegistryChange>> {
    this.#over.abort();
    return Promise.resolve({ done: true, value: undefined });
  }

  async #next(): Promise<IteratorResult<RegistrySnapshot | RegistryChange>> {
    while (!this.#ended.aborted) {
      const value = this.#read();
      if (value !== null) return { done: false, value };
      await this.#news();
    }
    return { done: true, value: undefined };
  }

  /** What comes next; null when all is read. */
  #read(): RegistrySnapshot | RegistryChange | null {
    const source = this.#source;
    while (this.#place !== null && this.#place < source.end) {
      const entry = source.at(this.#place++);
      if (entry === undefined || entry.kind === "snapshot") this.#place = null;
      else if (this.#service === undefined || entry.instance.service === this.#service) return entry;
    }
    if (this.#place !== null) return null;
    this.#place = source.end;
    return source.snapshot(this.#service);
  }

  #news(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    return promise.finally(this.#source.onNews(resolve));
  }
}
