import { unmask } from "./_mask.ts";
import { MOST_CONTROL, Opcode } from "./_opcode.ts";
import { CloseCode } from "./close_code.ts";

/** What a peer did that RFC 6455 does not allow, and the code to close with. */
export class FrameError extends Error {
  override readonly name = "FrameError";
  constructor(readonly code: number, message: string) {
    super(message);
  }
}

/** Told of what comes. */
export interface FrameListener {
  /** A whole message; `payload` may be kept. Returns whether to read on. */
  messageReceived(
    opcode: typeof Opcode.Text | typeof Opcode.Binary,
    payload: Uint8Array<ArrayBuffer>,
  ): boolean;
  /** A close, ping or pong. Returns whether to read on. */
  controlReceived(opcode: number, payload: Uint8Array<ArrayBuffer>): boolean;
}

/** A message that is announced gets so much memory at first, and more as it comes. */
const FIRST_BUFFER = 64 * 1024;
/** Frame head at its longest, without the mask. */
const LONGEST_HEAD = 14;

/** Reads a client's frames (RFC 6455, section 5) and puts messages together. */
export class FrameReader {
  readonly #listener: FrameListener;
  readonly #maxMessage: number;

  /** The head so far, and how long it will be. */
  readonly #head = new Uint8Array(LONGEST_HEAD);
  #headSize = 0;
  #headLength = 2;
  readonly #key = this.#head.subarray(LONGEST_HEAD - 4);

  #inPayload = false;
  #final = false;
  #opcode = 0;
  #left = 0;
  #phase = 0;

  /** The message under way: its kind, or null. */
  #message: typeof Opcode.Text | typeof Opcode.Binary | null = null;
  #buffer: Uint8Array<ArrayBuffer> = empty;
  #size = 0;
  #control: Uint8Array<ArrayBuffer> = empty;

  constructor(listener: FrameListener, maxMessage: number) {
    this.#listener = listener;
    this.#maxMessage = maxMessage;
  }

  /**
   * Read `chunk`, which is only lent.
   * @throws {FrameError} when the peer breaks the rules; nothing more can be read then
   */
  read(chunk: Uint8Array): void {
    let at = 0;
    while (at < chunk.length || (this.#inPayload && this.#left === 0)) {
      if (!this.#inPayload) {
        at = this.#readHead(chunk, at);
        continue;
      }
      const end = Math.min(chunk.length, at + this.#left);
      if (end > at) this.#take(chunk.subarray(at, end));
      at = end;
      if (this.#left === 0 && !this.#endFrame()) return;
    }
  }

  #readHead(chunk: Uint8Array, start: number): number {
    const head = this.#head;
    let at = start;
    for (;;) {
      while (at < chunk.length && this.#headSize < this.#headLength) head[this.#headSize++] = chunk[at++]!;
      if (this.#headSize < this.#headLength) return at;
      if (this.#headLength > 2) break;
      this.#checkHead(head[0]!, head[1]!);
      const length = head[1]! & 0x7f;
      this.#headLength = 6 + (length === 127 ? 8 : length === 126 ? 2 : 0);
    }
    this.#begin();
    return at;
  }

  #checkHead(first: number, second: number): void {
    const opcode = first & 0x0f;
    const final = (first & 0x80) !== 0;
    if ((first & 0x70) !== 0) throw protocolError("A reserved bit is set");
    if ((second & 0x80) === 0) throw protocolError("A frame is not masked");
    if (opcode >= Opcode.Close) {
      if (opcode > Opcode.Pong) throw protocolError("An opcode is not known");
      if (!final) throw protocolError("A control frame is fragmented");
      if ((second & 0x7f) > MOST_CONTROL) throw protocolError("A control frame is too long");
    } else if (opcode > Opcode.Binary) {
      throw protocolError("An opcode is not known");
    } else if ((opcode === Opcode.Continuation) !== (this.#message !== null)) {
      throw protocolError(
        opcode === Opcode.Continuation
          ? "A message is continued that was not begun"
          : "A message begins within another",
      );
    }
    this.#opcode = opcode;
    this.#final = final;
  }

  #begin(): void {
    const head = this.#head;
    const view = new DataView(head.buffer);
    const short = head[1]! & 0x7f;
    const length = short === 127
      ? view.getUint32(2) * 2 ** 32 + view.getUint32(6)
      : short === 126
      ? view.getUint16(2)
      : short;
    // Where the key is does not depend on the length from here on.
    head.copyWithin(LONGEST_HEAD - 4, this.#headLength - 4, this.#headLength);
    if (this.#opcode >= Opcode.Close) {
      this.#control = new Uint8Array(length);
    } else {
      if (this.#size + length > this.#maxMessage) {
        throw new FrameError(CloseCode.MessageTooBig, `Message is longer than ${this.#maxMessage} bytes`);
      }
      if (this.#opcode !== Opcode.Continuation) this.#message = this.#opcode as typeof Opcode.Text;
    }
    this.#left = length;
    this.#phase = 0;
    this.#inPayload = true;
    this.#headSize = 0;
    this.#headLength = 2;
  }

  #take(part: Uint8Array): void {
    const { length } = part;
    if (this.#opcode >= Opcode.Close) {
      this.#control.set(part, this.#phase);
      unmask(this.#control, this.#phase, length, this.#key, this.#phase);
    } else if (this.#size === 0 && length === this.#left) {
      // The whole of it, as a rule. This constructor does not clear the memory before it copies.
      this.#buffer = new Uint8Array(part);
      this.#size = length;
      unmask(this.#buffer, 0, length, this.#key, 0);
    } else {
      this.#reserve(length, Math.min(this.#left, FIRST_BUFFER));
      this.#buffer.set(part, this.#size);
      unmask(this.#buffer, this.#size, length, this.#key, this.#phase);
      this.#size += length;
    }
    this.#phase += length;
    this.#left -= length;
  }

  /** Make room for `more`, and at first for `announced`. */
  #reserve(more: number, announced: number): void {
    const size = this.#size + more;
    if (size <= this.#buffer.length) return;
    const room = this.#size === 0
      ? Math.max(size, announced)
      : Math.min(this.#maxMessage, Math.max(size, 4 * this.#size));
    const larger = new Uint8Array(room);
    larger.set(this.#buffer.subarray(0, this.#size));
    this.#buffer = larger;
  }

  /** A frame is complete. Returns whether to read on. */
  #endFrame(): boolean {
    this.#inPayload = false;
    if (this.#opcode >= Opcode.Close) {
      const payload = this.#control;
      this.#control = empty;
      return this.#listener.controlReceived(this.#opcode, payload);
    }
    if (!this.#final) return true;
    const opcode = this.#message!;
    const payload = this.#size === this.#buffer.length ? this.#buffer : this.#buffer.slice(0, this.#size);
    this.#message = null;
    this.#buffer = empty;
    this.#size = 0;
    return this.#listener.messageReceived(opcode, payload);
  }
}

const empty: Uint8Array<ArrayBuffer> = new Uint8Array(0);

function protocolError(message: string): FrameError {
  return new FrameError(CloseCode.ProtocolError, message);
}
