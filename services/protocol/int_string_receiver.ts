import { StringReceiver } from "./string_receiver.ts";

const encoder = new TextEncoder();

/** Strings after their length as an unsigned integer of `prefixLength` bytes, in network byte order. */
export abstract class IntStringReceiver extends StringReceiver {
  /** How many bytes a length takes, 1 to 4. */
  protected abstract readonly prefixLength: number;

  /**
   * Send `string` (text as UTF-8) after its length.
   * @throws {RangeError} when the length does not fit the prefix
   */
  override sendString(string: Uint8Array | string): void {
    const bytes = typeof string === "string" ? encoder.encode(string) : string;
    const longest = 256 ** this.prefixLength - 1;
    if (bytes.length > longest) {
      throw new RangeError(
        `Cannot send a string of ${bytes.length} bytes: its ${8 * this.prefixLength}-bit prefix ` +
          `allows for ${longest}`,
      );
    }
    const prefix = new Uint8Array(this.prefixLength);
    for (let i = 0; i < prefix.length; i++) prefix[i] = bytes.length >>> 8 * (prefix.length - 1 - i);
    this.transport.writeSequence([prefix, bytes]);
  }

  /** See {@linkcode StringReceiver.takeLength}. */
  protected override takeLength(): number | null {
    if (this.received.length < this.prefixLength) return null;
    let length = 0;
    for (const byte of this.received.take(this.prefixLength)) length = length * 256 + byte;
    return length;
  }
}

/** Strings of up to 255 bytes, each after its length in one byte. */
export abstract class Int8StringReceiver extends IntStringReceiver {
  /** One byte. */
  protected override readonly prefixLength: number = 1;
}

/** Strings of up to 65,535 bytes, each after its length in two bytes, the higher first. */
export abstract class Int16StringReceiver extends IntStringReceiver {
  /** Two bytes. */
  protected override readonly prefixLength: number = 2;
}

/** Strings after their length in four bytes, the highest first; longer than `maxLength` are refused. */
export abstract class Int32StringReceiver extends IntStringReceiver {
  /** Four bytes. */
  protected override readonly prefixLength: number = 4;
}
