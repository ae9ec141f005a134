/** Where batches of whole lines go. */
export interface Destination {
  /** Write `batch`, all of it. Rejects or throws when that failed: the batch is lost. */
  write(batch: Uint8Array): void | Promise<void>;
}

/** What {@linkcode BatchWriter} tells of. */
export interface BatchWriterEvents {
  /** A batch was lost; the writer goes on with the next. */
  readonly failed: (error: unknown) => void;
  /** Writing works again after a failure or an overflow; so many lines were lost meanwhile. */
  readonly recovered: (lost: number) => void;
}

/** Characters that may wait for a slow reader; lines beyond are dropped and counted. */
const MAX_PENDING = 4 * 1024 * 1024;

/**
 * Joins the lines of one turn into one write, and those that come during a write into the next. A reader that
 * stalls costs lines, never memory or the process.
 */
export class BatchWriter {
  readonly #destination: Destination;
  readonly #events: BatchWriterEvents;
  readonly #encoder = new TextEncoder();
  #lines: string[] = [];
  #pending = 0;
  #lost = 0;
  #failing = false;
  #writing: Promise<void> | null = null;

  constructor(destination: Destination, events: BatchWriterEvents) {
    this.#destination = destination;
    this.#events = events;
  }

  /** Write `line`, which ends in a line feed, soon. */
  write(line: string): void {
    if (this.#pending > 0 && this.#pending + line.length > MAX_PENDING) {
      this.#lost += 1;
      return;
    }
    this.#lines.push(line);
    this.#pending += line.length;
    this.#writing ??= this.#writeAll();
  }

  /** Resolves when everything that was given is written or lost. */
  async flush(): Promise<void> {
    await this.#writing;
  }

  async #writeAll(): Promise<void> {
    await null; // the lines of this turn belong together
    while (this.#lines.length > 0) {
      const lines = this.#lines;
      this.#lines = [];
      try {
        await this.#destination.write(this.#encoder.encode(lines.join("")));
        this.#reportRecovery();
      } catch (error) {
        this.#lost += lines.length;
        if (!this.#failing) this.#events.failed(error);
        this.#failing = true;
      }
      this.#pending = this.#lines.reduce((sum, line) => sum + line.length, 0);
    }
    this.#writing = null;
  }

  #reportRecovery(): void {
    this.#failing = false;
    if (this.#lost === 0) return;
    const lost = this.#lost;
    this.#lost = 0;
    this.#events.recovered(lost);
  }
}
