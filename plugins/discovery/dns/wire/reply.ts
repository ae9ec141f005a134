import { TYPE } from "./codes.ts";
import type { Query } from "./query.ts";

/** What is answered. Records are as {@linkcode encodeRecord} makes them. */
export interface Answer {
  readonly rcode: number;
  /** Whether we have the say about the name asked for. */
  readonly authoritative: boolean;
  readonly answers: readonly Uint8Array[];
  /** Where the answers begin: they rotate. Default 0. */
  readonly first?: number;
  readonly authority?: readonly Uint8Array[];
  /** Left out where there is no room for them. */
  readonly additional?: readonly Uint8Array[];
}

/** What we take over UDP (RFC 9715): it passes without fragments almost everywhere. */
export const UDP_SIZE = 1232;
/** What a client without EDNS takes (RFC 1035 4.2.1). */
const PLAIN_SIZE = 512;
const HEADER = 12;
const OPT_SIZE = 11;

/** How long a reply to `query` may be over UDP. */
export function udpLimit({ edns }: Query): number {
  return edns === null ? PLAIN_SIZE : Math.min(UDP_SIZE, Math.max(PLAIN_SIZE, edns.size));
}

/**
 * The reply to `query`, which is `message`, in at most `limit` bytes: what does not fit is left out, and of answers
 * the reply tells by its TC bit that it is so (RFC 2181, section 9).
 */
export function encodeReply(message: Uint8Array, query: Query, answer: Answer, limit: number): Uint8Array {
  const { question, edns } = query;
  const { answers, authority = [], additional = [] } = answer;
  const questionEnd = question?.end ?? HEADER;
  const room = limit - questionEnd - (edns === null ? 0 : OPT_SIZE);
  const needed = sizeOf(answers) + sizeOf(authority);
  const truncated = needed > room;
  const withAdditional = !truncated && needed + sizeOf(additional) <= room;
  const size = limit - room + (truncated ? 0 : needed) + (withAdditional ? sizeOf(additional) : 0);

  const reply = new Uint8Array(size);
  reply.set(message.subarray(0, questionEnd));
  reply[2] = 0x80 | (query.opcode << 3) | (answer.authoritative ? 0x04 : 0) | (truncated ? 0x02 : 0) |
    (query.recursionDesired ? 0x01 : 0);
  reply[3] = answer.rcode & 0x0f;
  const count = (at: number, value: number): void => {
    reply[at] = value >> 8;
    reply[at + 1] = value & 0xff;
  };
  count(4, question === null ? 0 : 1);
  count(6, truncated ? 0 : answers.length);
  count(8, truncated ? 0 : authority.length);
  count(10, (withAdditional ? additional.length : 0) + (edns === null ? 0 : 1));

  let at = questionEnd;
  const put = (record: Uint8Array): void => {
    reply.set(record, at);
    at += record.length;
  };
  if (!truncated) {
    const first = answer.first ?? 0;
    for (let i = 0; i < answers.length; i++) put(answers[(first + i) % answers.length]!);
    for (const record of authority) put(record);
    if (withAdditional) { for (const record of additional) put(record); }
  }
  if (edns !== null) putOpt(reply, at, answer.rcode >> 4);
  return reply;
}

/** RFC 6891, 6.1.2: the root's name, what we take, the upper half of the response code, version 0, no flags. */
function putOpt(reply: Uint8Array, at: number, extendedRcode: number): void {
  reply[at + 2] = TYPE.OPT;
  reply[at + 3] = UDP_SIZE >> 8;
  reply[at + 4] = UDP_SIZE & 0xff;
  reply[at + 5] = extendedRcode;
}

function sizeOf(records: readonly Uint8Array[]): number {
  let size = 0;
  for (const record of records) size += record.length;
  return size;
}
