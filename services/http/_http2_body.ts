import { type BodySource, RequestBody } from "./_request_body.ts";
import { HttpError } from "./http_error.ts";

/** A body that the platform hands over as a stream, read as it is wanted. */
export class PlatformBody implements BodySource {
  readonly body: RequestBody;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  #reading = false;
  #ended = false;

  constructor(stream: ReadableStream<Uint8Array>, length: number | null, most: number) {
    this.#reader = stream.getReader();
    this.body = new RequestBody(this, length);
    this.body.limit(most);
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
      // The client is gone; the platform notices that by itself.
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
      body.fail(new HttpError(400, "Body ends too early", { cause }));
    }
    this.#reading = false;
  }

  async #next(): Promise<Uint8Array | null> {
    const { done, value } = await this.#reader.read();
    this.#ended = done;
    return value ?? null;
  }
}
