import type { ReplyStream } from "./_reply_stream.ts";
import type { RequestBody } from "./_request_body.ts";
import type { HttpLimits } from "./options.ts";

/** Notices an exchange that takes too long, as far as calls to this tell. Made at the first look at it. */
export class ExchangeWatch {
  /** When the body began to come, and later by the time for which nobody read it. */
  #bodySince: number;
  #streamed = 0;
  /** When `#streamed` changed last, or the peer had not ended its side. */
  #streamedSince: number;

  /** The exchange began at `since` or later. */
  constructor(since: number) {
    this.#bodySince = this.#streamedSince = since;
  }

  /** Whether `body` comes too slowly; `waits`: the client waits for us, and so it did for the last `elapsed` ms. */
  isSlow(body: RequestBody, now: number, elapsed: number, waits: boolean, limits: HttpLimits): boolean {
    if (waits) this.#bodySince += elapsed;
    const { bodyTimeout, minBodyRate } = limits;
    return now - this.#bodySince >= bodyTimeout + (body.received / minBodyRate) * 1_000;
  }

  /** Milliseconds for which `stream` has sent nothing, since the peer has `ended` its side. */
  silentFor(stream: ReplyStream, ended: boolean, now: number): number {
    if (!ended || stream.bytes !== this.#streamed) {
      this.#streamed = stream.bytes;
      this.#streamedSince = now;
    }
    return now - this.#streamedSince;
  }
}
