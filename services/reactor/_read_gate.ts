/** Connections accepted in one go before the others may read again. */
const MOST_IN_A_ROW = 64;

/** Whoever waits at the gate. */
export interface GatedReader {
  /** Read now; in the turn of whoever opened the gate. */
  gateOpened(): void;
}

/**
 * Lets arriving connections go first. A runtime's turn serves every readable socket but accepts one
 * connection per listener; beside a thousand busy connections a newcomer waits a whole turn for each one
 * queued before it. So when one was accepted, the others read on only once no more is waiting, or after
 * a number of them, so that a flood of newcomers starves nobody.
 */
export class ReadGate {
  readonly #afterTurn: (fn: () => void) => void;
  readonly #waiting: GatedReader[] = [];
  #accepted = 0;
  #seen = 0;
  #closed = false;

  /** `afterTurn` runs its argument when the sockets that are ready now have been served. */
  constructor(afterTurn: (fn: () => void) => void) {
    this.#afterTurn = afterTurn;
  }

  /** True while newcomers go first; then `wait` instead of reading. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Tell `reader` when the gate opens. */
  wait(reader: GatedReader): void {
    this.#waiting.push(reader);
  }

  /** A listener has accepted a connection, and asks for the next. */
  accepted(): void {
    if (++this.#accepted === 1) this.#afterTurn(this.#turn);
    this.#closed = this.#accepted < MOST_IN_A_ROW;
  }

  /** Open, unless more came in this turn. */
  readonly #turn = (): void => {
    if (this.#closed && this.#accepted > this.#seen) {
      this.#seen = this.#accepted;
      this.#afterTurn(this.#turn);
      return;
    }
    this.#accepted = this.#seen = 0;
    this.#closed = false;
    for (const reader of this.#waiting.splice(0)) reader.gateOpened();
  };
}
