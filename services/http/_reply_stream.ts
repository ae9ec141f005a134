import type { Transport } from "../reactor/transport.ts";
import type { BodyFraming } from "./_reply_writer.ts";
import type { ReplyBody, ReusedChunks } from "./reply.ts";

/** A body that comes bit by bit. */
export type StreamBody = Exclude<ReplyBody, string | Uint8Array | null>;

/** Unsent bytes over which the stream waits. */
const HIGH_WATER = 64 * 1024;
/** Chunks up to this size are joined with their framing: one write instead of two, which is worth the copy. */
const JOIN = 64 * 1024;

const encoder = new TextEncoder();
const CRLF = encoder.encode("\r\n");
const none = new Uint8Array(0);
const lastChunk = encoder.encode("0\r\n\r\n");

/** Sends a reply's body as it comes, no faster than the peer takes it. */
export class ReplyStream {
  readonly #transport: Transport;
  readonly #framing: BodyFraming;
  readonly #length: number | null;
  readonly #next: () => Promise<{ done?: boolean | undefined; value?: Uint8Array | string | undefined }>;
  readonly #return: (reason: unknown) => unknown;
  readonly #release: ((chunk: Uint8Array) => void) | null = null;
  #frame: Uint8Array = none;
  #cancelled = false;

  /** Bytes of body sent. */
  bytes = 0;

  constructor(transport: Transport, body: StreamBody, framing: BodyFraming, length: number | null) {
    this.#transport = transport;
    this.#framing = framing;
    this.#length = length;
    if (body instanceof ReadableStream) {
      const reader = body.getReader();
      this.#next = () => reader.read();
      this.#return = (reason) => reader.cancel(reason);
    } else {
      const iterator = body[Symbol.asyncIterator]();
      this.#next = () => iterator.next();
      this.#return = () => iterator.return?.();
      if ("release" in iterator) this.#release = (chunk) => (iterator as ReusedChunks).release(chunk);
    }
  }

  /** Resolves when all of it is handed to the transport, or nobody wants it any more. */
  async run(): Promise<void> {
    const transport = this.#transport;
    for (;;) {
      const { done, value } = await this.#next();
      if (this.#cancelled) return;
      if (done) break;
      const chunk = typeof value === "string" ? encoder.encode(value) : value!;
      if (!(chunk instanceof Uint8Array)) {
        throw new TypeError("Reply's body has a chunk that is neither bytes nor a string");
      }
      if (chunk.length === 0) continue;
      this.bytes += chunk.length;
      if (this.#length !== null && this.bytes > this.#length) {
        this.#stop();
        throw new RangeError(`Reply's body is longer than its content-length ${this.#length}`);
      }
      this.#write(chunk);
      if (transport.bufferedBytes <= HIGH_WATER) continue;
      await transport.drained();
      if (this.#cancelled) return;
      this.#release?.(chunk);
    }
    if (this.#length !== null && this.bytes < this.#length) {
      throw new RangeError(`Reply's body has ${this.bytes} bytes, not its content-length ${this.#length}`);
    }
    if (this.#framing === "chunked") transport.write(lastChunk);
  }

  /** The connection is lost. */
  cancel(reason: unknown): void {
    this.#cancelled = true;
    Promise.try(() => this.#return(reason)).catch(() => {});
  }

  #stop(): void {
    this.cancel(new TypeError("Body is too long"));
  }

  #write(chunk: Uint8Array): void {
    if (this.#framing !== "chunked") return this.#transport.write(chunk);
    const size = encoder.encode(`${chunk.length.toString(16)}\r\n`);
    if (chunk.length > JOIN) return this.#transport.writeSequence([size, chunk, CRLF]);
    const framed = this.#room(size.length + chunk.length + CRLF.length);
    framed.set(size);
    framed.set(chunk, size.length);
    framed.set(CRLF, size.length + chunk.length);
    this.#transport.write(framed);
  }

  /** Where a chunk is framed: where the last one was, if that has been taken. */
  #room(size: number): Uint8Array {
    if (size > this.#frame.length || this.#transport.bufferedBytes > 0) this.#frame = new Uint8Array(size);
    return this.#frame.length === size ? this.#frame : this.#frame.subarray(0, size);
  }
}
