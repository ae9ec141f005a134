import { Buffer } from "node:buffer";
import type { Socket } from "node:net";
import { Duplex } from "node:stream";
import { setImmediate } from "node:timers";
import type { RawConn } from "../raw.ts";
import type { KnownOfSocket } from "./node_conn.ts";

/** Bytes asked for at once: little while little comes, since an idle connection keeps its buffer, ... */
const SMALL_READ = 1024;
/** ... or a TLS record of full size with its header (RFC 8446, section 5.2). */
const LARGE_READ = 16 * 1024 + 256 + 5;

/**
 * A {@linkcode RawConn} as the stream that `node:tls` wants beneath it. Destroying it closes the connection.
 *
 * Backpressure is applied here, under TLS, by reading no more: a `TLSSocket` of Deno that is paused itself
 * forgets the peer's end, and one on a socket of `node:net` goes on to take whatever arrives into memory.
 */
export class RawDuplex extends Duplex {
  #raw: RawConn;
  #buffer: Uint8Array = new Uint8Array(SMALL_READ);
  #reading = false;
  #held = false;
  #wanted = false;
  #above: Socket | null = null;
  #cut = false;

  constructor(raw: RawConn) {
    super({ allowHalfOpen: true });
    this.#raw = raw;
  }

  /** What `socket`, whose handshake over this stream is complete, has to be told of it. */
  carry(socket: Socket): KnownOfSocket {
    this.#above = socket;
    const raw = this.#raw;
    return {
      peer: raw.peer,
      host: raw.host,
      endedInOrder: () => !this.#cut,
      setNoDelay: (noDelay) => raw.setNoDelay(noDelay),
      pause: () => void (this.#held = true),
      resume: () => {
        this.#held = false;
        if (this.#wanted) this._read();
      },
    };
  }

  override _read(): void {
    this.#wanted = this.#held;
    if (this.#held || this.#reading) return;
    this.#reading = true;
    this.#raw.read(this.#buffer).then(this.#received, this.#failed);
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    const step = (rest: Uint8Array): Promise<void> =>
      this.#raw.write(rest).then((count) => count < rest.length ? step(rest.subarray(count)) : done());
    step(chunk).catch(done);
  }

  override _writev(chunks: { chunk: Buffer }[], done: (error?: Error | null) => void): void {
    this._write(Buffer.concat(chunks.map(({ chunk }) => chunk)), "", done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#raw.closeWrite().then(() => done(), done);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#raw.close();
    done(error);
  }

  readonly #received = (count: number | null): void => {
    this.#reading = false;
    if (count === null) {
      // TLS emits the end that close_notify announced within this turn, if there was one.
      setImmediate(this.#ended);
      return;
    }
    // A copy: the stream may keep the chunk while the next read fills the buffer.
    const chunk = Buffer.from(this.#buffer.subarray(0, count));
    this.#fitBuffer(count);
    this.push(chunk);
  };

  readonly #ended = (): void => {
    this.#cut = this.#above !== null && !this.#above.readableEnded;
    this.push(null);
  };

  readonly #failed = (error: Error): void => {
    this.destroy(error);
  };

  #fitBuffer(count: number): void {
    const size = this.#buffer.length;
    if (count === size && size === SMALL_READ) this.#buffer = new Uint8Array(LARGE_READ);
    else if (count <= SMALL_READ / 2 && size === LARGE_READ) this.#buffer = new Uint8Array(SMALL_READ);
  }
}
