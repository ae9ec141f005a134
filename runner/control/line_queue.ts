/** Lines that wait for a slow reader; what comes beyond is dropped and counted. */
const MAX_WAITING = 1_000;

/**
 * Values as lines of JSON for one reader, as they come. A reader that is too slow is told how many it has missed:
 * `{"lost":12}`.
 */
export class LineQueue implements AsyncIterable<string>, AsyncIterator<string> {
  readonly #onReturn: () => void;
  readonly #lines: string[] = [];
  #lost = 0;
  #over = false;
  #wake: () => void = () => {};

  /** `onReturn` is called when the reader has left. */
  constructor(onReturn: () => void) {
    this.#onReturn = onReturn;
  }

  /** Send `value`. */
  push(value: unknown): void {
    if (this.#lines.length >= MAX_WAITING) {
      this.#lost += 1;
      return;
    }
    if (this.#lost > 0) {
      this.#lines.push(lineOf({ lost: this.#lost }));
      this.#lost = 0;
    }
    this.#lines.push(lineOf(value));
    this.#wake();
  }

  /** There is no more to come. */
  end(): void {
    this.#over = true;
    this.#wake();
  }

  [Symbol.asyncIterator](): AsyncIterator<string> {
    return this;
  }

  async next(): Promise<IteratorResult<string>> {
    while (this.#lines.length === 0) {
      if (this.#over) return { done: true, value: undefined };
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    return { done: false, value: this.#lines.splice(0).join("") };
  }

  return(): Promise<IteratorResult<string>> {
    this.end();
    this.#onReturn();
    return Promise.resolve({ done: true, value: undefined });
  }
}

function lineOf(value: unknown): string {
  return `${JSON.stringify(value)}\n`;
}
