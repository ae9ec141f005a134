import type { Transport } from "../reactor/transport.ts";

/** Notices a peer that does not take what it is sent. */
export class WriteWatch {
  #taken = 0;
  /** When `#taken` changed last; null while nothing waits to be sent. */
  #since: number | null = null;

  /** Milliseconds for which the peer has taken nothing, as far as calls to this tell. */
  stalledFor(transport: Transport, now: number): number {
    if (transport.bufferedBytes === 0) {
      this.#since = null;
      return 0;
    }
    if (this.#since === null || transport.bytesWritten !== this.#taken) {
      this.#since = now;
      this.#taken = transport.bytesWritten;
    }
    return now - this.#since;
  }
}
