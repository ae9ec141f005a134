import { BufferedProtocol } from "./buffered_protocol.ts";

/**
 * A protocol of strings (of bytes) that each tell their length beforehand: the base of
 * `NetstringReceiver` and of the `Int8`, `Int16` and `Int32StringReceiver`.
 */
export abstract class StringReceiver extends BufferedProtocol {
  /** The longest string in bytes that is accepted. May be changed between strings. */
  maxLength = 99_999;

  #state: "header" | "string" | "skipping" = "header";
  // The string and its trailer; in state `skipping`, what is left of them.
  #expected = 0;

  /** A string. */
  abstract stringReceived(string: Uint8Array): void;

  /** Send `string` (text as UTF-8) with its length. */
  abstract sendString(string: Uint8Array | string): void;

  /**
   * The peer announces a string of `length` bytes, more than `maxLength`. The default aborts the
   * connection. An override that leaves it open gets the next string: this one is skipped.
   */
  lengthLimitExceeded(length: number): void {
    this.transport.abortConnection(`String of ${length} bytes is longer than ${this.maxLength} bytes`);
  }

  /** The byte that must follow each string, or null for none. */
  protected readonly trailer: number | null = null;

  /** Take a string's length off `received`; null when it has not come, or is `malformed`. */
  protected abstract takeLength(): number | null;

  /** The peer does not keep to the format: nothing that follows can be understood. */
  protected malformed(problem: string): void {
    this.received.clear();
    this.transport.abortConnection(problem);
  }

  /** See {@linkcode BufferedProtocol.deliverNext}. */
  protected override deliverNext(): boolean {
    switch (this.#state) {
      case "header":
        return this.#deliverHeader();
      case "string":
        return this.#deliverString();
      case "skipping":
        return this.#skipString();
    }
  }

  #deliverHeader(): boolean {
    const length = this.takeLength();
    if (length === null) return false;
    this.#expected = length + this.#trailerLength;
    if (length <= this.maxLength) {
      this.#state = "string";
    } else {
      this.#state = "skipping";
      this.lengthLimitExceeded(length);
    }
    return true;
  }

  #deliverString(): boolean {
    if (this.received.length < this.#expected) return false;
    const length = this.#expected - this.#trailerLength;
    if (this.trailer !== null && this.received.at(length) !== this.trailer) {
      this.malformed(`String of ${length} bytes is not followed by "${String.fromCharCode(this.trailer)}"`);
      return false;
    }
    const string = this.received.take(length);
    this.received.skip(this.#trailerLength);
    this.#state = "header";
    this.stringReceived(string);
    return true;
  }

  #skipString(): boolean {
    this.#expected -= this.received.skip(this.#expected);
    if (this.#expected > 0) return false;
    this.#state = "header";
    return true;
  }

  get #trailerLength(): number {
    return this.trailer === null ? 0 : 1;
  }
}
