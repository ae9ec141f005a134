import { Buffer } from "node:buffer";
import { Duplex, type Readable } from "node:stream";
import type { Socket } from "node:net";
import type { RawConn } from "../raw.ts";
import type { KnownOfSocket } from "./node_conn.ts";

/** Bytes asked for at once: a TLS record of full size (RFC 8446, section 5.1) and its header. */
const READ_SIZE = 16 * 1024 + 256;

/** A {@linkcode RawConn} as the stream that `node:tls` wants beneath it. Destroying it closes the connection. */
export class RawDuplex extends Duplex {
  #above: Socket | null = null;
  #cut = false;
  #raw: RawConn;
  #buffer: Uint8Array = new Uint8Array(READ_SIZE);
  #reading = false;

  constructor(raw: RawConn) {
    super({ allowHalfOpen: true, readableHighWaterMark: READ_SIZE });
    this.#raw = raw;
    // First in line: from this end TLS has not heard yet. It ends before its stream where close_notify came.
    this.on("end", () => this.#cut = this.#above !== null && !sawEnd(this.#above));
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
    };
  }

  override _read(): void {
    if (this.#reading) return;
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
    // A copy: the stream may keep the chunk while the next read fills the buffer.
    this.push(count === null ? null : Buffer.from(this.#buffer.subarray(0, count)));
  };

  readonly #failed = (error: Error): void => {
    this.destroy(error);
  };
}

/** Whether `stream` was told its end, be it that bytes before it still wait to be read (`readableEnded` is later). */
function sawEnd(stream: Readable): boolean {
  const { _readableState: state } = stream as unknown as { _readableState?: { readonly ended: boolean } };
  return state?.ended ?? stream.readableEnded;
}
