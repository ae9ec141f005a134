import { CLASS, RCODE, TYPE } from "./wire/codes.ts";
import { parseQuery, type Query } from "./wire/query.ts";
import { encodeRecord } from "./wire/record.ts";
import { type Answer, encodeReply, udpLimit } from "./wire/reply.ts";
import type { Zone } from "./zone/zone.ts";

/** How a message came. */
export type Carrier = "udp" | "tcp";

/** What is to be done with a message: sent back, passed on, or dropped without a word. */
export type Verdict =
  | { readonly kind: "reply"; readonly reply: Uint8Array; readonly rcode: number }
  | { readonly kind: "forward"; readonly query: Query }
  | { readonly kind: "drop" };

const TCP_LIMIT = 65_535;
const DROP: Verdict = { kind: "drop" };

/** Decides what a DNS message gets; does nothing else. */
export class Responder {
  readonly #zone: Zone;
  readonly #forwards: boolean;

  /** `forwards`: questions about other zones are passed on; else they are refused. */
  constructor(zone: Zone, forwards: boolean) {
    this.#zone = zone;
    this.#forwards = forwards;
  }

  judge(message: Uint8Array, carrier: Carrier): Verdict {
    const query = parseQuery(message);
    if (query === null) return DROP;
    const answer = this.#answer(query);
    return answer === null ? { kind: "forward", query } : replyWith(message, query, answer, carrier);
  }

  /** The reply to a question that could not be passed on. */
  failed(message: Uint8Array, query: Query, carrier: Carrier): Verdict {
    return replyWith(message, query, refusal(RCODE.SERVFAIL), carrier);
  }

  /** Null: it is for others to answer. */
  #answer({ opcode, question, edns }: Query): Answer | null {
    if (opcode !== 0) return refusal(RCODE.NOTIMP);
    if (question === null) return refusal(RCODE.FORMERR);
    if (edns !== null && edns.version !== 0) return refusal(RCODE.BADVERS);
    const { name, type } = question;
    const labels = question.class === CLASS.IN || question.class === CLASS.ANY
      ? this.#zone.within(name)
      : null;
    if (labels === null) return this.#forwards ? null : refusal(RCODE.REFUSED);
    if (type === TYPE.AXFR || type === TYPE.IXFR) return refusal(RCODE.REFUSED);
    return type === TYPE.ANY ? minimal(this.#zone.answer(labels, TYPE.SOA)) : this.#zone.answer(labels, type);
  }
}

function refusal(rcode: number): Answer {
  return { rcode, authoritative: false, answers: [] };
}

/** To ANY, of a name that exists, one record that says that we do not list them all (RFC 8482, section 4.2). */
function minimal(answer: Answer): Answer {
  if (answer.rcode !== RCODE.NOERROR) return answer;
  return {
    rcode: RCODE.NOERROR,
    authoritative: true,
    answers: [encodeRecord("HINFO", 3600, { cpu: "RFC8482", os: "" })],
  };
}

function replyWith(message: Uint8Array, query: Query, answer: Answer, carrier: Carrier): Verdict {
  const limit = carrier === "udp" ? udpLimit(query) : TCP_LIMIT;
  return { kind: "reply", reply: encodeReply(message, query, answer, limit), rcode: answer.rcode };
}
