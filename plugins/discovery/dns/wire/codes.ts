/** Record types (RFC 1035 3.2.2, 3596, 2782, 6891, 8482), by their numbers. */
export const TYPE = {
  A: 1,
  NS: 2,
  SOA: 6,
  PTR: 12,
  HINFO: 13,
  TXT: 16,
  AAAA: 28,
  SRV: 33,
  OPT: 41,
  IXFR: 251,
  AXFR: 252,
  ANY: 255,
} as const;

/** Response codes (RFC 1035 4.1.1, RFC 6891 9). */
export const RCODE = {
  NOERROR: 0,
  FORMERR: 1,
  SERVFAIL: 2,
  NXDOMAIN: 3,
  NOTIMP: 4,
  REFUSED: 5,
  BADVERS: 16,
} as const;

/** The class of the internet, and the one that stands for all. */
export const CLASS = { IN: 1, ANY: 255 } as const;

/** The name of a response code, for counting. */
export function rcodeName(rcode: number): string {
  return Object.entries(RCODE).find(([, value]) => value === rcode)?.[0] ?? String(rcode);
}
