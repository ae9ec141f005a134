import { answer, type RecordType, type ResourceRecord } from "../../../../services/dns/dns_packet.ts";

/** Points to the question's name, which begins behind the header (RFC 1035 4.1.4). */
const QUESTION_NAME = Uint8Array.of(0xc0, 12);

/**
 * A record's bytes, which can stand anywhere in any reply. Without a `name` it is of the name that was asked for.
 */
export function encodeRecord(
  type: RecordType,
  ttl: number,
  data: unknown,
  name?: string,
): Uint8Array {
  const record: ResourceRecord = { name: name ?? ".", type, ttl, class: "IN", data };
  const encoded = answer.encode(record);
  if (name !== undefined) return new Uint8Array(encoded);
  // The root's name is one byte, in whose place the pointer goes.
  const bytes = new Uint8Array(encoded.length + 1);
  bytes.set(QUESTION_NAME);
  bytes.set(encoded.subarray(1), 2);
  return bytes;
}
