/**
 * An IPv4 or IPv6 address as 32-bit words in network order: one of them, or four. An IPv4-mapped IPv6
 * address (RFC 4291, 2.5.5.2) is the IPv4 address, so that it is matched as such.
 */
export type IpAddress = readonly number[];

const OCTET = /^(?:0|[1-9][0-9]{0,2})$/;
const GROUP = /^[0-9A-Fa-f]{1,4}$/;
// RFC 4007: the zone names an interface of this machine. It is no part of the address.
const ZONE = /%[0-9A-Za-z_.~-]{1,64}$/;
const LONGEST = "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255".length;

/** Reads an address, without brackets; null when it is none. Strict: no octal, no short forms of IPv4. */
export function parseIpAddress(text: string): IpAddress | null {
  if (!text.includes(":")) return parseIPv4(text);
  const groups = parseIPv6(text.replace(ZONE, ""));
  if (groups === null) return null;
  return fromWords([0, 2, 4, 6].map((at) => (groups[at]! << 16) | groups[at + 1]!));
}

/** The address of one or four words: IPv4 also when it is mapped. */
export function fromWords(words: readonly number[]): IpAddress {
  return isMapped(words) ? words.slice(3) : words;
}

/** The four words of an address; those of IPv4 are mapped. */
export function toIPv6Words(address: IpAddress): readonly number[] {
  return address.length === 1 ? [0, 0, 0xffff, address[0]!] : address;
}

/** Is this the text of an IPv4 or IPv6 address, without brackets. */
export function isIpAddress(text: string): boolean {
  return parseIpAddress(text) !== null;
}

/** Is this an address of this machine alone (127.0.0.0/8, ::1), or `localhost`. */
export function isLoopback(hostname: string): boolean {
  const words = parseIpAddress(hostname);
  if (words === null) return hostname.toLowerCase() === "localhost";
  return words.length === 1 ? words[0]! >>> 24 === 127 : words.join() === "0,0,0,1";
}

/** The canonical text of an address (RFC 5952), without brackets. */
export function formatIpAddress(address: IpAddress): string {
  if (address.length === 1) return [24, 16, 8, 0].map((shift) => (address[0]! >>> shift) & 0xff).join(".");
  const groups = address.flatMap((word) => [word >>> 16, word & 0xffff]);
  const { start, length } = longestZeros(groups);
  const hex = (part: readonly number[]) => part.map((group) => group.toString(16)).join(":");
  if (length < 2) return hex(groups);
  return `${hex(groups.slice(0, start))}::${hex(groups.slice(start + length))}`;
}

/** The longest run of zero groups, the first of equals (RFC 5952, 4.2.3). */
function longestZeros(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  let start = 0;
  for (const [index, group] of groups.entries()) {
    if (group !== 0) start = index + 1;
    else if (index + 1 - start > best.length) best = { start, length: index + 1 - start };
  }
  return best;
}

function isMapped(words: readonly number[]): boolean {
  return words[0] === 0 && words[1] === 0 && words[2] === 0xffff;
}

function parseIPv4(text: string): IpAddress | null {
  if (text.length > 15) return null;
  const octets = text.split(".");
  if (octets.length !== 4) return null;
  let word = 0;
  for (const octet of octets) {
    if (!OCTET.test(octet) || Number(octet) > 255) return null;
    word = (word << 8) | Number(octet);
  }
  return [word];
}

/** The eight groups of 16 bits (RFC 4291, 2.2). */
function parseIPv6(text: string): number[] | null {
  if (text.length > LONGEST) return null;
  const halves = text.split("::");
  if (halves.length > 2) return null;
  const head = parseGroups(halves[0]!, halves.length === 1);
  if (head === null) return null;
  if (halves.length === 1) return head.length === 8 ? head : null;
  const tail = parseGroups(halves[1]!, true);
  if (tail === null || head.length + tail.length > 7) return null;
  return [...head, ...new Array<number>(8 - head.length - tail.length).fill(0), ...tail];
}

/** Groups between colons; the last may be an IPv4 address, which is two of them. */
function parseGroups(text: string, atEnd: boolean): number[] | null {
  if (text === "") return [];
  const groups: number[] = [];
  const parts = text.split(":");
  for (const [index, part] of parts.entries()) {
    if (GROUP.test(part)) {
      groups.push(parseInt(part, 16));
      continue;
    }
    const embedded = atEnd && index === parts.length - 1 ? parseIPv4(part) : null;
    if (embedded === null) return null;
    groups.push(embedded[0]! >>> 16, embedded[0]! & 0xffff);
  }
  return groups;
}
