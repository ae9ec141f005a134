import { LineReceiver } from "./line_receiver.ts";

const encoder = new TextEncoder();
const carriageReturn = 0x0d;

/**
 * A protocol of lines of text, such as people type: a line may end with LF or CRLF; CRLF is sent. Where a
 * bare LF must not end a line (SMTP, HTTP), use {@linkcode LineReceiver}.
 *
 * @example
 * ```ts
 * import { TextLineReceiver } from "@heddle/heddle";
 *
 * class Chat extends TextLineReceiver {
 *   override connectionMade(): void {
 *     this.sendLine("What is your name?");
 *   }
 *   override textReceived(line: string): void {
 *     this.sendLine(`Hello, ${line}`);
 *   }
 * }
 * ```
 */
export abstract class TextLineReceiver extends LineReceiver {
  /** LF; a CR before it is not part of the line either. */
  override readonly delimiter: Uint8Array | string = "\n";
  /** How lines are decoded: a label of the WHATWG Encoding Standard. What is sent is always UTF-8. */
  readonly encoding: string = "utf-8";
  #decoder: TextDecoder | null = null;

  /** A line, without its end. Bytes that are not of the encoding have become U+FFFD. */
  abstract textReceived(line: string): void;

  /** Decodes the line for `textReceived`. */
  override lineReceived(line: Uint8Array): void {
    const end = line.at(-1) === carriageReturn ? line.length - 1 : line.length;
    this.#decoder ??= new TextDecoder(this.encoding, { ignoreBOM: true });
    this.textReceived(this.#decoder.decode(line.subarray(0, end)));
  }

  /** Send `line` and CRLF. */
  override sendLine(line: Uint8Array | string): void {
    if (typeof line === "string") this.transport.write(encoder.encode(`${line}\r\n`));
    else this.transport.writeSequence([line, encoder.encode("\r\n")]);
  }
}
