import type { Transport } from "../../reactor/transport.ts";

/** Unsent bytes over which the stream waits. */
const HIGH_WATER = 64 * 1024;

const encoder = new TextEncoder();
const CRLF = encoder.encode("\r\n");
const lastChunk = encoder.encode("0\r\n\r\n");

/** Sends a request's body as it comes, no faster than the server takes it. */
export class RequestSender {
  readonly #transport: Transport;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #chunked: boolean;
  #cancelled = false;

  constructor(transport: Transport, body: ReadableStream<Uint8Array>, chunked: boolean) {
    this.#transport = transport;
    this.#reader = body.getReader();
    this.#chunked = chunked;
  }

  /** Resolves when all of it is handed to the transport, or nobody wants it any more. Rejects as the stream does. */
  async run(): Promise<void> {
    const transport = this.#transport;
    for (;;) {
      const { done, value } = await this.#reader.read();
      if (this.#cancelled) return;
      if (done) break;
      if (value.length === 0) continue;
      if (this.#chunked) {
        transport.writeSequence([encoder.encode(`${value.length.toString(16)}\r\n`), value, CRLF]);
      } else {
        transport.write(value);
      }
      if (transport.bufferedBytes > HIGH_WATER) await transport.drained();
      if (this.#cancelled) return;
    }
    if (this.#chunked) transport.write(lastChunk);
  }

  /** Nobody wants the rest. */
  cancel(reason: unknown): void {
    if (this.#cancelled) return;
    this.#cancelled = true;
    this.#reader.cancel(reason).catch(() => {});
  }
}
