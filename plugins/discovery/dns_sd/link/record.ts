import { answer, type ResourceRecord } from "../../../../services/dns/dns_packet.ts";

/** A record of ours. */
export interface OwnRecord {
  readonly record: ResourceRecord;
  /** Others may have records of that name and type too (RFC 6762, section 2): PTR. */
  readonly shared: boolean;
}

/** Bytes before the data of a record of the root's name: name, type, class, time to live, length. */
const BEFORE_DATA = 11;

/** Names are the same in whatever case. */
export function sameName(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

/** A record's data as it is sent, names without compression: what records are compared by. */
export function dataOf(record: ResourceRecord): Uint8Array {
  return answer.encode({ ...record, name: ".", class: "IN", flush: false }).subarray(BEFORE_DATA);
}

/** One string for each record, whatever its time to live; null for one of a type that the codec cannot write. */
export function keyOf(record: ResourceRecord): string | null {
  try {
    return `${record.name.toLowerCase()} ${record.type} ${dataOf(record).toString()}`;
  } catch {
    return null;
  }
}

/** The record to say that it is gone (section 10.1). */
export function goodbye(record: ResourceRecord): ResourceRecord {
  return { ...record, ttl: 0 };
}

/** The order of data in a tie (section 8.2): as unsigned bytes, and of two that begin alike the longer is greater. */
export function compareBytes(one: Uint8Array, other: Uint8Array): number {
  const length = Math.min(one.length, other.length);
  for (let i = 0; i < length; i++) {
    if (one[i] !== other[i]) return one[i]! - other[i]!;
  }
  return one.length - other.length;
}

const TYPE_NUMBERS: Readonly<Record<string, number>> = {
  A: 1,
  PTR: 12,
  TXT: 16,
  AAAA: 28,
  SRV: 33,
  NSEC: 47,
};

/** Which set of records wins a tie: above 0, `ours`; 0, they are the same (section 8.2.1). */
export function compareRecordSets(
  ours: readonly ResourceRecord[],
  theirs: readonly ResourceRecord[],
): number {
  const sorted = (records: readonly ResourceRecord[]) =>
    records.map((record) => ({ type: TYPE_NUMBERS[record.type] ?? 0xffff, data: dataOf(record) }))
      .sort((one, other) => one.type - other.type || compareBytes(one.data, other.data));
  const [one, other] = [sorted(ours), sorted(theirs)];
  for (let i = 0; i < Math.min(one.length, other.length); i++) {
    const order = one[i]!.type - other[i]!.type || compareBytes(one[i]!.data, other[i]!.data);
    if (order !== 0) return order;
  }
  return one.length - other.length;
}
