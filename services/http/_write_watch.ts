import type { Transport } from "../reactor/transport.ts";

/** Notices a peer that does not take what it is sent, while something waits for it. */
export class WriteWatch {
  #taken = -1;
  /** When `#taken` changed last. */
  #since = 0;

  /** Milliseconds for which the peer has taken nothing, as far as calls to this tell. */
  stalledFor(transport: Transport, now: number): number {
    if (transport.bytesWritten !== this.#taken) {
      this.#since = now;
      this.#taken = transport.bytesWritten;
    }
    return now - this.#since;
  }
}
