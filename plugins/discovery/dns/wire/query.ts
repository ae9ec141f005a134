import { TYPE } from "./codes.ts";

/** A question, as far as it could be understood. */
export interface Query {
  /** To be repeated. */
  readonly id: number;
  /** 0 is a standard query. */
  readonly opcode: number;
  /** To be repeated (RFC 1035 4.1.1). */
  readonly recursionDesired: boolean;
  /** Null when there is not exactly one question, or it is malformed. */
  readonly question: QuestionPart | null;
  /** What EDNS0 (RFC 6891) says; null without it. */
  readonly edns: { readonly size: number; readonly version: number } | null;
}

/** The question of a query. */
export interface QuestionPart {
  /** Where it ends in the message; it begins at 12. */
  readonly end: number;
  /** In lower case, without the last dot. A dot or a byte beyond ASCII within a label makes it no name of ours. */
  readonly name: string;
  readonly type: number;
  readonly class: number;
}

const HEADER = 12;
const LONGEST_NAME = 255;
const DOT = 0x2e;

/**
 * Read a query without taking anything on trust (RFC 1035 4.1). Null for what must not be answered: too short for
 * a header, or a response.
 */
export function parseQuery(message: Uint8Array): Query | null {
  if (message.length < HEADER) return null;
  const flags = message[2]!;
  if ((flags & 0x80) !== 0) return null;
  const count = (at: number): number => (message[at]! << 8) | message[at + 1]!;
  const question = count(4) === 1 && count(6) === 0 ? parseQuestion(message) : null;
  return {
    id: count(0),
    opcode: (flags >> 3) & 0x0f,
    recursionDesired: (flags & 1) !== 0,
    question,
    edns: question === null || count(8) !== 0 ? null : parseOpt(message, question.end, count(10)),
  };
}

function parseQuestion(message: Uint8Array): QuestionPart | null {
  let name = "";
  let at = HEADER;
  for (let length = message[at]!; length !== 0; length = message[at]!) {
    // Only what stands in the message already can be pointed to (RFC 1035 4.1.4), and nothing does.
    if (length === undefined || length > 63) return null;
    const end = at + 1 + length;
    if (end >= message.length || end - HEADER > LONGEST_NAME - 1) return null;
    if (name !== "") name += ".";
    for (let i = at + 1; i < end; i++) {
      const byte = message[i]!;
      // Such a label can be in no name of ours, and must not look like two.
      name += byte === DOT ? "\\046" : String.fromCharCode(byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte);
    }
    at = end;
  }
  const end = at + 5;
  if (end > message.length) return null;
  return {
    end,
    name,
    type: (message[at + 1]! << 8) | message[at + 2]!,
    class: (message[at + 3]! << 8) | message[at + 4]!,
  };
}

/** The OPT record among the `count` additional ones; what stands before it is of names at the root alone. */
function parseOpt(message: Uint8Array, start: number, count: number): Query["edns"] {
  let at = start;
  for (let left = Math.min(count, 4); left > 0; left--) {
    if (message[at] !== 0 || at + 11 > message.length) return null;
    const type = (message[at + 1]! << 8) | message[at + 2]!;
    if (type === TYPE.OPT) {
      return { size: (message[at + 3]! << 8) | message[at + 4]!, version: message[at + 6]! };
    }
    at += 11 + ((message[at + 9]! << 8) | message[at + 10]!);
  }
  return null;
}
