/** Why a message is refused, though it has to be taken to its end. Of several, the first of these is told. */
const faults = ["tooLarge", "mailLoop", "longLine", "bareNewline"] as const;

/** See {@linkcode MessageDecoder.fault}. */
export type MessageFault = typeof faults[number];

/** What a message may be like. */
export interface MessageRules {
  /** Octets that the sender may send, without the dots that are taken out. */
  readonly maxSize: number;
  /** Octets of a line, without its CRLF. */
  readonly maxLineLength: number;
  /** `Received` fields in the header. */
  readonly maxReceived: number;
  /** What to do about CR and LF outside of CRLF. */
  readonly bareNewline: "reject" | "normalize";
}

/** Takes the octets of a message, piece by piece; may not keep a piece without copying it. */
export type WriteMessage = (bytes: Uint8Array) => void;

const LF = 0x0a;
const CR = 0x0d;
const DOT = 0x2e;
const nothing = new Uint8Array();
const lineEnd = Uint8Array.of(CR, LF);
const received = new TextEncoder().encode("received:");

/** Where in a line the next octet stands. */
const At = {
  /** At its start: after CRLF, or at the start of the message. */
  Start: 0,
  /** After a dot at its start. */
  Dot: 1,
  /** After a dot and CR at its start. */
  DotCr: 2,
  /** In a line of the header that has begun like `Received:`. */
  Name: 3,
  /** Somewhere in it. */
  Text: 4,
  /** After CR. */
  Cr: 5,
} as const;

/**
 * Reads a message as it comes over SMTP, in pieces of any size: finds its end, takes out the dots that were
 * put in (RFC 5321, section 4.5.2), and checks it. The end is CRLF, dot, CRLF and nothing else: whoever takes
 * something like it for the end lets others smuggle messages. After a fault, it only looks for the end.
 */
export class MessageDecoder {
  /** What is wrong with the message; the same in the end, however it was split. */
  fault: MessageFault | null = null;
  /** Octets of the message so far. */
  size = 0;

  readonly #rules: MessageRules;
  readonly #dots: boolean;
  readonly #write: WriteMessage;
  #at: number = At.Start;
  /** Octets that earlier pieces had of the line that goes on in this one. */
  #carried = 0;
  #inHeader = true;
  #received = 0;
  /** How much of the field's name has matched. */
  #matched = 0;

  /** @param dots whether it comes by DATA, ended by a dot; else by BDAT, octet for octet */
  constructor(rules: MessageRules, dots: boolean, write: WriteMessage) {
    this.#rules = rules;
    this.#dots = dots;
    this.#write = write;
  }

  /**
   * Take the next piece.
   * @returns how many octets of it belong to the message and its end; -1 when the end has not come
   */
  push(bytes: Uint8Array): number {
    const length = bytes.length;
    let state = this.#at;
    // What is not written yet begins here; the line, perhaps in an earlier piece, there.
    let from = 0;
    let line = -this.#carried;
    // After CR, which was held back as it could not be told yet what it is.
    let held = state === At.Cr;
    let at = 0;
    while (at < length) {
      const octet = bytes[at]!;
      switch (state) {
        case At.Start:
          if (octet === DOT && this.#dots) {
            this.#emit(bytes, from, at);
            from = line = at + 1;
            state = At.Dot;
            at++;
          } else if (this.#inHeader && (octet | 0x20) === received[0]) {
            this.#matched = 1;
            state = At.Name;
            at++;
          } else {
            state = At.Text;
          }
          break;
        case At.Name:
          if (octet < 0x80 && (octet | 0x20) === (received[this.#matched]! | 0x20)) {
            at++;
            if (++this.#matched < received.length) break;
            if (++this.#received > this.#rules.maxReceived) this.#fail("mailLoop");
          }
          state = At.Text;
          break;
        case At.Text:
          while (at < length && bytes[at]! > CR) at++;
          if (at === length) break;
          if (bytes[at] === CR) state = At.Cr;
          else if (bytes[at] === LF) from = line = this.#bare(bytes, from, at, at - line, at + 1);
          at++;
          break;
        case At.Cr:
          if (octet === LF) {
            at++;
            if (held) {
              this.#emit(lineEnd, 0, 2);
              from = at;
            }
            const octets = at - line - 2;
            this.#checkLine(octets);
            if (octets === 0) this.#inHeader = false;
            line = at;
            state = At.Start;
          } else {
            line = this.#bare(bytes, from, held ? 0 : at - 1, at - 1 - line, at);
            from = at;
            state = octet === CR ? At.Cr : At.Text;
            if (octet === CR) at++;
          }
          held = false;
          break;
        case At.Dot:
          state = octet === CR ? At.DotCr : At.Text;
          if (octet === CR) at++;
          break;
        case At.DotCr:
          if (octet === LF) {
            this.#at = At.Start;
            this.#carried = 0;
            return at + 1;
          }
          // The CR has come, and was not written.
          line = this.#bare(bytes, 0, 0, 0, at);
          from = at;
          state = At.Text;
          break;
      }
    }
    this.#at = state;
    this.#carried = length - line;
    const withheld = state === At.Cr && !held || state === At.DotCr ? 1 : 0;
    this.#emit(bytes, from, Math.max(from, length - withheld));
    // A line that does not end must not wait for its end. What may be CR and the dot's CR is not counted.
    this.#checkLine(length - line - 2);
    return -1;
  }

  /** No more comes (BDAT LAST). */
  finish(): void {
    if (this.#at === At.Cr) this.#bare(nothing, 0, 0, this.#carried - 1, 0);
    this.#at = At.Start;
  }

  /**
   * A CR or LF stands alone, at `newline` in the piece, after `octets` of its line. Writes what is before it,
   * and a CRLF in its place, or refuses the message.
   * @returns where the next line begins
   */
  #bare(bytes: Uint8Array, from: number, newline: number, octets: number, next: number): number {
    if (this.#rules.bareNewline === "reject") this.#fail("bareNewline");
    this.#checkLine(octets);
    this.#emit(bytes, from, newline);
    this.#emit(lineEnd, 0, 2);
    return next;
  }

  #checkLine(octets: number): void {
    if (octets > this.#rules.maxLineLength) this.#fail("longLine");
  }

  #emit(bytes: Uint8Array, from: number, to: number): void {
    if (from >= to) return;
    this.size += to - from;
    if (this.size > this.#rules.maxSize) this.#fail("tooLarge");
    if (this.fault !== null) return;
    this.#write(from === 0 && to === bytes.length ? bytes : bytes.subarray(from, to));
  }

  #fail(fault: MessageFault): void {
    if (this.fault === null || faults.indexOf(fault) < faults.indexOf(this.fault)) this.fault = fault;
  }
}
