import { type CidrBlock, matches, parseCidr } from "../../../services/endpoint/cidr.ts";
import type { SystemAddress } from "../system_addresses.ts";
import { formatIpAddress, type IpAddress, parseIpAddress } from "../../../services/endpoint/ip_address.ts";

/** An interface that multicast DNS is spoken on. */
export interface LinkAddresses {
  readonly name: string;
  /** Its IPv4 address, by which its sockets are told apart. */
  readonly address: string;
  /** The network; what comes from elsewhere is not of this link. */
  readonly network: CidrBlock;
  /** All its addresses that others on the link can use. */
  readonly all: readonly string[];
}

/** The interfaces that are to be used, of those that there are: each by the first of its IPv4 addresses. */
export function linksOf(
  addresses: readonly SystemAddress[],
  isWanted: (name: string, address: string) => boolean,
): LinkAddresses[] {
  const links = new Map<string, LinkAddresses>();
  for (const { name, address, cidr } of addresses) {
    const words = parseIpAddress(address);
    if (links.has(name) || words?.length !== 1 || !isWanted(name, address)) continue;
    const all = addresses.filter((other) => other.name === name && isUsable(other.address)).map((
      { address },
    ) => address);
    links.set(name, { name, address, network: networkOf(words, cidr), all });
  }
  return [...links.values()];
}

/** Whether an address is on the link. */
export function isOnLink(hostname: string, { network }: LinkAddresses): boolean {
  const words = parseIpAddress(hostname);
  return words !== null && matches(words, network);
}

function networkOf(words: IpAddress, cidr: string | null): CidrBlock {
  const prefix = Number(cidr?.split("/")[1] ?? 32);
  const mask = prefix === 0 ? 0 : (-1 << (32 - prefix)) >>> 0;
  return parseCidr(`${formatIpAddress([(words[0]! & mask) >>> 0])}/${prefix}`);
}

/** Link-local IPv6 addresses need a zone, which a record cannot tell. */
function isUsable(address: string): boolean {
  return !address.toLowerCase().startsWith("fe80:");
}
