import { isIpAddress } from "../../endpoint/ip_address.ts";

/** Looks up the addresses of a host name, in the order of preference. */
export type Resolve = (hostname: string) => Promise<readonly string[]>;

/** The system's resolver, with /etc/hosts and its order of preference (RFC 6724). An address is its own. */
export async function resolveBySystem(hostname: string): Promise<readonly string[]> {
  if (isIpAddress(hostname)) return [hostname];
  const { lookup } = await import("node:dns/promises"); // Which most applications never need.
  const found = await lookup(hostname, { all: true, order: "verbatim" });
  return found.map(({ address }) => address);
}

/** IPv6 and IPv4 in turn, the family that was preferred first (RFC 8305, section 4). */
export function interleaveFamilies(addresses: readonly string[]): string[] {
  const distinct = [...new Set(addresses)];
  const family = (address: string) => address.includes(":");
  const preferred = distinct.filter((address) => family(address) === family(distinct[0]!));
  const other = distinct.filter((address) => family(address) !== family(distinct[0]!));
  const longer = Math.max(preferred.length, other.length);
  return Array.from({ length: longer }, (_, index) => [preferred[index], other[index]]).flat()
    .filter((address) => address !== undefined);
}
