import type { Address } from "../../reactor/address.ts";

const mappedIPv4 = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;

/**
 * The name of the peer that `address` belongs to: the address for IPv4 (also when it comes mapped into
 * IPv6), the first 64 bits for IPv6, null where peers cannot be told apart.
 */
export function peerGroup(address: Address): string | null {
  if (address.transport === "unix" || address.transport === "stdio") return null;
  const { hostname } = address;
  const mapped = mappedIPv4.exec(hostname);
  if (mapped !== null) return mapped[1]!;
  return hostname.includes(":") ? `${firstGroups(hostname, 4).join(":")}::/64` : hostname;
}

/** The first `count` of an IPv6 address's eight groups of 16 bits, in lower case without leading zeros. */
function firstGroups(address: string, count: number): string[] {
  const [head = "", tail] = address.split("::");
  const before = groupsOf(head);
  const after = groupsOf(tail ?? "");
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - before.length - after.length);
  return [...before, ...Array<string>(zeros).fill("0"), ...after].slice(0, count);
}

function groupsOf(text: string): string[] {
  if (text === "") return [];
  return text.split(":").map((group) => group.toLowerCase().replace(/^0+(?=.)/, ""));
}
