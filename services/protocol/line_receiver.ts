import { BufferedProtocol } from "./buffered_protocol.ts";

const encoder = new TextEncoder();

/**
 * A protocol of lines, which may switch to raw bytes and back, as SMTP, HTTP and FTP do.
 *
 * @example Answer each line in capitals
 * ```ts
 * import { LineReceiver } from "@heddle/heddle";
 *
 * class Shout extends LineReceiver {
 *   override lineReceived(line: Uint8Array): void {
 *     this.sendLine(new TextDecoder().decode(line).toUpperCase());
 *   }
 * }
 * ```
 */
export abstract class LineReceiver extends BufferedProtocol {
  /** What ends a line: bytes, or text as UTF-8. */
  readonly delimiter: Uint8Array | string = "\r\n";
  /** The longest line in bytes, without its delimiter. May be changed between lines. */
  maxLength = 16_384;

  #mode: "line" | "skipping" | "raw" = "line";
  #delimiter: Uint8Array | null = null;
  // How many of the waiting bytes hold no delimiter: there is no need to look at them again.
  #searched = 0;

  /** A line, without its delimiter. */
  abstract lineReceived(line: Uint8Array): void;

  /** Bytes that arrived in raw mode, of no particular framing. */
  rawDataReceived(_data: Uint8Array): void {
    throw new Error("Cannot receive raw data: override rawDataReceived to use setRawMode");
  }

  /**
   * A line is longer than `maxLength`; `start` is what has come of it. The default aborts the connection.
   * An override that leaves it open gets the next line: the rest of this one is skipped.
   */
  lineLengthExceeded(_start: Uint8Array): void {
    this.transport.abortConnection(`Line is longer than ${this.maxLength} bytes`);
  }

  /** Send `line` (text as UTF-8) and the delimiter. */
  sendLine(line: Uint8Array | string): void {
    const bytes = typeof line === "string" ? encoder.encode(line) : line;
    this.transport.writeSequence([bytes, this.#delimiterBytes()]);
  }

  /** From now on, what arrives (also what follows in the chunk under way) goes to `rawDataReceived`. */
  setRawMode(): void {
    this.#enter("raw");
    if (this.received.length > 0) this.deliver();
  }

  /** Back to lines. `extra` is what `rawDataReceived` was given and belongs to the lines. */
  setLineMode(extra?: Uint8Array): void {
    this.#enter("line");
    if (extra !== undefined) this.received.unshift(extra);
    if (this.received.length > 0) this.deliver();
  }

  /**
   * Throw away what has arrived and was not delivered, and return it. Call it before `startTLS`: lines
   * that were sent before the handshake must not pass for encrypted ones (RFC 3207, section 4.2).
   */
  clearLineBuffer(): Uint8Array {
    this.#searched = 0;
    return this.received.take(this.received.length);
  }

  /** See {@linkcode BufferedProtocol.deliverNext}. */
  protected override deliverNext(): boolean {
    switch (this.#mode) {
      case "line":
        return this.#deliverLine();
      case "skipping":
        return this.#skipLine();
      case "raw":
        return this.#deliverRaw();
    }
  }

  #enter(mode: "line" | "skipping" | "raw"): void {
    this.#mode = mode;
    this.#searched = 0;
  }

  #deliverLine(): boolean {
    const delimiter = this.#delimiterBytes();
    const length = this.#search(delimiter);
    // Without a delimiter in so many bytes, the line is too long wherever it may end.
    const tooLong = length < 0
      ? this.received.length >= this.maxLength + delimiter.length
      : length > this.maxLength;
    if (tooLong) {
      this.#enter("skipping");
      this.lineLengthExceeded(this.received.take(this.maxLength));
      return true;
    }
    if (length < 0) return false;
    const line = this.received.take(length);
    this.received.skip(delimiter.length);
    this.lineReceived(line);
    return true;
  }

  #skipLine(): boolean {
    const delimiter = this.#delimiterBytes();
    const length = this.#search(delimiter);
    if (length >= 0) {
      this.received.skip(length + delimiter.length);
      this.#enter("line");
      return true;
    }
    this.received.skip(this.#searched);
    this.#searched = 0;
    return false;
  }

  #deliverRaw(): boolean {
    if (this.received.length === 0) return false;
    this.rawDataReceived(this.received.take(this.received.length));
    return true;
  }

  /** Where the next delimiter begins, or -1; then remembers how far there is none. */
  #search(delimiter: Uint8Array): number {
    const at = this.received.indexOf(delimiter, this.#searched);
    // The delimiter's first bytes may have come already.
    this.#searched = at >= 0 ? 0 : Math.max(0, this.received.length - delimiter.length + 1);
    return at;
  }

  #delimiterBytes(): Uint8Array {
    if (this.#delimiter !== null) return this.#delimiter;
    const bytes = typeof this.delimiter === "string" ? encoder.encode(this.delimiter) : this.delimiter;
    if (bytes.length === 0) throw new Error("Cannot receive lines: delimiter must not be empty");
    return this.#delimiter = bytes;
  }
}
