import { type BodySource, RequestBody } from "./_request_body.ts";
import type { ReactorTime } from "../async/time.ts";
import { HttpError } from "./http_error.ts";
import type { HttpLimits } from "./options.ts";

/** How a body of the platform's is watched. */
export interface PlatformBodyOptions {
  /** Octets as announced; null where they are not. */
  readonly length: number | null;
  readonly limits: HttpLimits;
  readonly time: ReactorTime;
  /** Called when it comes too slowly. */
  readonly timedOut: () => void;
}

/** A body that the platform hands over as a stream, read as it is wanted. One that comes too slowly fails with 408. */
export class PlatformBody implements BodySource {
  readonly body: RequestBody;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #options: PlatformBodyOptions;
  #reading = false;
  #ended = false;
  #late = false;
  /** Octets that have come. */
  #came = 0;
  /** Milliseconds for which the client was waited for. */
  #waited = 0;

  constructor(stream: ReadableStream<Uint8Array>, options: PlatformBodyOptions) {
    this.#options = options;
    this.#reader = stream.getReader();
    this.body = new RequestBody(this, options.length);
    this.body.limit(options.limits.maxBody);
  }

  wanted(): void {
    void this.#read();
  }

  pause(): void {}

  resume(): void {
    void this.#read();
  }

  /**
   * The request is answered: read up to `most` octets over, and drop the rest. Many a client that is answered
   * in the middle of its upload does not look at the answer.
   */
  async readOver(most: number): Promise<void> {
    if (this.#reading) return;
    this.#reading = true;
    let left = most;
    try {
      while (!this.#ended && left >= 0) left -= (await this.#next())?.length ?? 0;
      if (!this.#ended) await this.#reader.cancel();
    } catch {
      // The client is gone, which the platform notices by itself, or too slow.
    }
  }

  async #read(): Promise<void> {
    const { body } = this;
    if (this.#reading) return;
    this.#reading = true;
    try {
      while (!body.paused && !body.ended && !body.failed) {
        const chunk = await this.#next();
        if (chunk === null) body.end();
        else body.push(chunk);
      }
    } catch (cause) {
      body.fail(cause instanceof HttpError ? cause : new HttpError(400, "Body ends too early", { cause }));
    }
    this.#reading = false;
  }

  /** The next piece; null at the end. @throws {HttpError} 408 when it does not come in time */
  async #next(): Promise<Uint8Array | null> {
    const { limits: { bodyTimeout, minBodyRate }, time } = this.#options;
    const since = time.now();
    const left = bodyTimeout + (this.#came / minBodyRate) * 1_000 - this.#waited;
    const late = Number.isFinite(left) ? time.callLater(Math.max(0, left), this.#giveUp) : null;
    const { done, value } = await this.#reader.read().finally(() => late?.cancel());
    if (this.#late) throw new HttpError(408, "Body comes too slowly");
    this.#waited += time.now() - since;
    this.#came += value?.length ?? 0;
    this.#ended = done;
    return value ?? null;
  }

  readonly #giveUp = (): void => {
    this.#late = true;
    this.#options.timedOut();
    // It ends what is being read.
    this.#reader.cancel().catch(() => {});
  };
}
