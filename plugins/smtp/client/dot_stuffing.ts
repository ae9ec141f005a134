const DOT = 0x2e;
const LF = 0x0a;
const CR = 0x0d;
const dot = Uint8Array.of(DOT);
const end = new TextEncoder().encode(".\r\n");
const endAfterText = new TextEncoder().encode("\r\n.\r\n");

/** Puts a dot before each line that begins with one (RFC 5321, section 4.5.2). */
export class DotStuffing {
  #lineStart = true;
  #last = 0;

  /** What to send in the place of `bytes`, which end where they like. */
  encode(bytes: Uint8Array): Uint8Array[] {
    const out: Uint8Array[] = [];
    let from = 0;
    for (let at = bytes.indexOf(DOT); at >= 0; at = bytes.indexOf(DOT, at + 1)) {
      if (at === 0 ? !this.#lineStart : bytes[at - 1] !== LF) continue;
      if (at > from) out.push(bytes.subarray(from, at));
      out.push(dot);
      from = at;
    }
    if (from < bytes.length) out.push(from === 0 ? bytes : bytes.subarray(from));
    if (bytes.length > 0) {
      this.#last = bytes[bytes.length - 1]!;
      this.#lineStart = this.#last === LF;
    }
    return out;
  }

  /** What ends the message. A last line without an end is given one. */
  end(): Uint8Array {
    if (this.#lineStart) return end;
    return this.#last === CR ? Uint8Array.of(LF, ...end) : endAfterText;
  }
}
