import { StringReceiver } from "./string_receiver.ts";

const encoder = new TextEncoder();
const colon = 0x3a;
const comma = 0x2c;
const digit0 = 0x30;
const digit9 = 0x39;

/**
 * Netstrings: `5:hello,` (https://cr.yp.to/proto/netstrings.txt). What is not one aborts the connection.
 */
export abstract class NetstringReceiver extends StringReceiver {
  /** The comma. */
  protected override readonly trailer: number | null = comma;

  /** Send `string` (text as UTF-8) as a netstring. */
  override sendString(string: Uint8Array | string): void {
    const bytes = typeof string === "string" ? encoder.encode(string) : string;
    this.transport.writeSequence([encoder.encode(`${bytes.length}:`), bytes, Uint8Array.of(comma)]);
  }

  /** See {@linkcode StringReceiver.takeLength}. */
  protected override takeLength(): number | null {
    let length = 0;
    for (let digits = 0;; digits++) {
      const byte = this.received.at(digits);
      if (byte === undefined) return null;
      if (byte === colon && digits > 0) {
        this.received.skip(digits + 1);
        return length;
      }
      const leadingZero = digits === 1 && length === 0;
      if (byte < digit0 || byte > digit9 || leadingZero) return this.#malformedLength();
      length = length * 10 + byte - digit0;
      if (!Number.isSafeInteger(length)) return this.#malformedLength();
    }
  }

  #malformedLength(): null {
    this.malformed("Netstring does not begin with its length and a colon");
    return null;
  }
}
