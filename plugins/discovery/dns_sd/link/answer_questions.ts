import type { ResourceRecord } from "../../../../services/dns/dns_packet.ts";
import type { AskedQuestion } from "./message.ts";
import { keyOf, type OwnRecord, sameName } from "./record.ts";

/** What is to be said to questions. */
export interface Answers {
  readonly answers: readonly ResourceRecord[];
  /** What the asker will want to know next. */
  readonly additionals: readonly ResourceRecord[];
  /** Others may have answers too, so that ours should wait a little (RFC 6762, section 6). */
  readonly shared: boolean;
}

/**
 * What our records say to questions, without what the asker `knows` already (section 7.1). That a name of ours has
 * no record of a type is said as well (section 6.1).
 */
export function answerQuestions(
  questions: readonly AskedQuestion[],
  own: readonly OwnRecord[],
  knows: readonly ResourceRecord[],
): Answers {
  const found = new Map<string, OwnRecord>();
  const missing: ResourceRecord[] = [];
  for (const { name, type } of questions) {
    const named = own.filter(({ record }) => sameName(record.name, name));
    const fitting = named.filter(({ record }) => type === "ANY" || record.type === type);
    for (const one of fitting) found.set(keyOf(one.record)!, one);
    const isUnique = named.some(({ shared }) => !shared);
    if (fitting.length === 0 && isUnique) missing.push(negative(named.map(({ record }) => record)));
  }
  for (const known of knows) {
    const key = keyOf(known);
    const one = key === null ? undefined : found.get(key);
    // It will not have forgotten it before it asks again.
    if (one !== undefined && (known.ttl ?? 0) >= (one.record.ttl ?? 0) / 2) found.delete(key!);
  }
  const answers = [...[...found.values()].map(({ record }) => record), ...missing];
  return {
    answers,
    additionals: furtherRecords(answers, own),
    shared: [...found.values()].some(({ shared }) => shared),
  };
}

/** RFC 6763, section 12: of a PTR what it points to, of an SRV the addresses of its target. */
function furtherRecords(answers: readonly ResourceRecord[], own: readonly OwnRecord[]): ResourceRecord[] {
  const said = new Set(answers.map(keyOf));
  const further: ResourceRecord[] = [];
  const add = (name: string): void => {
    for (const { record, shared } of own) {
      if (shared || !sameName(record.name, name) || said.has(keyOf(record))) continue;
      said.add(keyOf(record));
      further.push(record);
      follow(record);
    }
  };
  const follow = ({ type, data }: ResourceRecord): void => {
    if (type === "PTR") add(data as string);
    else if (type === "SRV") add((data as { target: string }).target);
  };
  for (const record of answers) follow(record);
  return further;
}

/** The name has records of these types and no others (section 6.1, RFC 4034 4). */
function negative(records: readonly ResourceRecord[]): ResourceRecord {
  const [{ name, ttl }] = records as [ResourceRecord];
  return {
    name,
    type: "NSEC",
    class: "IN",
    flush: true,
    ...(ttl !== undefined && { ttl }),
    data: { nextDomain: name, rrtypes: [...new Set(records.map(({ type }) => type))] },
  };
}
