/** Names for messages in replies and the log: short, and no two the same on one server. */
export class MessageIds {
  readonly #now: () => number;
  #last = 0;

  /** @param now milliseconds since 1970 */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** A name that was not given before, also not by the process that was here before this one. */
  next(): string {
    // Microseconds: they run ahead of the clock only where more than a million messages come in a second.
    this.#last = Math.max(this.#last + 1, Math.floor(this.#now() * 1000));
    return this.#last.toString(36);
  }
}
