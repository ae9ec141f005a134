// What Heddle uses of the npm package `dns-packet`, which comes without types.

export type RecordType =
  | "A"
  | "AAAA"
  | "HINFO"
  | "NS"
  | "NSEC"
  | "OPT"
  | "PTR"
  | "SOA"
  | "SRV"
  | "TXT"
  | "ANY";

export interface Question {
  name: string;
  type: string;
  class?: string;
  /** Of multicast DNS: the answer may be sent to the asker alone. */
  flag_qu?: boolean;
}

export interface ResourceRecord {
  name: string;
  type: string;
  ttl?: number;
  class?: string;
  /** Of multicast DNS: the cache-flush bit. */
  flush?: boolean;
  data?: unknown;
  /** Of OPT. */
  udpPayloadSize?: number;
  extendedRcode?: number;
  ednsVersion?: number;
  flags?: number;
}

export interface Packet {
  type?: "query" | "response";
  id?: number;
  flags?: number;
  rcode?: string;
  opcode?: string;
  flag_qr?: boolean;
  flag_aa?: boolean;
  flag_tc?: boolean;
  flag_rd?: boolean;
  flag_ra?: boolean;
  questions?: Question[];
  answers?: ResourceRecord[];
  authorities?: ResourceRecord[];
  additionals?: ResourceRecord[];
}

export function encode(packet: Packet): Uint8Array;
/** @throws {Error} of any kind, when the bytes are no message */
export function decode(bytes: Uint8Array): Required<Packet>;

export const answer: {
  encode(record: ResourceRecord): Uint8Array;
};
