import {
  decode,
  encode,
  type Packet,
  type Question,
  type ResourceRecord,
} from "../../../../services/dns/dns_packet.ts";

/** Multicast DNS (RFC 6762, section 3). */
export const GROUP = "224.0.0.251";
/** The port of multicast DNS; who asks from another one is no full participant (section 6.7). */
export const PORT = 5353;

/** What a message may have, so that it passes an Ethernet in one piece (section 17). */
const LARGEST = 1440;
/** More than anybody has to say at once; a hostile message may claim to. */
const MOST_RECORDS = 512;
/** How the codec names the class IN with its top bit set: the answer may go to the asker alone (section 5.4). */
const UNICAST_CLASS = "UNKNOWN_32769";
const AUTHORITATIVE = 0x0400;
const TRUNCATED = 0x0200;

/** A message that was received. */
export interface Message {
  readonly id: number;
  readonly isResponse: boolean;
  /** More known answers follow in another message (section 7.2). */
  readonly truncated: boolean;
  readonly questions: readonly AskedQuestion[];
  readonly answers: readonly ResourceRecord[];
  readonly authorities: readonly ResourceRecord[];
  readonly additionals: readonly ResourceRecord[];
}

/** A question, with whether its answer may go to the asker alone. */
export interface AskedQuestion extends Question {
  readonly unicast: boolean;
}

/** Read a message; null for what is none, or must be ignored (section 18). */
export function readMessage(bytes: Uint8Array): Message | null {
  let packet: Required<Packet>;
  try {
    packet = decode(bytes);
  } catch {
    return null;
  }
  const { answers, authorities, additionals } = packet;
  if (packet.opcode !== "QUERY" || packet.rcode !== "NOERROR") return null;
  if (answers.length + authorities.length + additionals.length + packet.questions.length > MOST_RECORDS) {
    return null;
  }
  return {
    id: packet.id,
    isResponse: packet.type === "response",
    truncated: packet.flag_tc,
    questions: packet.questions.flatMap((question) => {
      const unicast = question.class === UNICAST_CLASS;
      return unicast || question.class === "IN" || question.class === "ANY" ? [{ ...question, unicast }] : [];
    }),
    answers,
    authorities,
    additionals,
  };
}

/** The messages of a query; what is known goes into as many as it takes. */
export function queryMessages(
  questions: readonly Question[],
  known: readonly ResourceRecord[] = [],
  authorities: readonly ResourceRecord[] = [],
): Uint8Array[] {
  const parts = split(known, encode({ questions: [...questions], authorities: [...authorities] }).length);
  return parts.map((answers, at) =>
    encode({
      type: "query",
      id: 0,
      flags: at < parts.length - 1 ? TRUNCATED : 0,
      questions: at === 0 ? [...questions] : [],
      answers: [...answers],
      authorities: at === 0 ? [...authorities] : [],
    })
  );
}

/** The messages of a response; what is helpful besides is left out where there is no room. */
export function responseMessages(
  answers: readonly ResourceRecord[],
  additionals: readonly ResourceRecord[] = [],
): Uint8Array[] {
  const parts = split(answers, 12);
  return parts.map((part, at) => {
    const message = (extra: readonly ResourceRecord[]): Uint8Array =>
      encode({ type: "response", id: 0, flags: AUTHORITATIVE, answers: [...part], additionals: [...extra] });
    if (at < parts.length - 1) return message([]);
    const whole = message(additionals);
    return whole.length <= LARGEST ? whole : message([]);
  });
}

/** The response to who asked from another port: as of a plain server (section 6.7). */
export function legacyResponse(
  id: number,
  questions: readonly Question[],
  answers: readonly ResourceRecord[],
): Uint8Array {
  const plain = answers.map((record) => ({ ...record, flush: false, ttl: Math.min(record.ttl ?? 0, 10) }));
  return encode({
    type: "response",
    id,
    flags: AUTHORITATIVE,
    questions: questions.map(({ name, type }) => ({ name, type, class: "IN" })),
    answers: plain,
  });
}

/** Into parts that fit a message each, of which `taken` bytes of the first are in use. */
function split(records: readonly ResourceRecord[], taken: number): ResourceRecord[][] {
  const parts: ResourceRecord[][] = [[]];
  let left = LARGEST - taken;
  for (const record of records) {
    const size = encode({ answers: [record] }).length - 12;
    if (size > left && parts.at(-1)!.length > 0) {
      parts.push([]);
      left = LARGEST - 12;
    }
    parts.at(-1)!.push(record);
    left -= size;
  }
  return parts;
}
