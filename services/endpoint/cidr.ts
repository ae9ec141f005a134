import { quote } from "../text/quote.ts";
import { type IpAddress, parseIpAddress } from "./ip_address.ts";

/** A block of addresses, ready to be matched: one masked comparison per 32 bits. */
export interface CidrBlock {
  /** The first address of the block. */
  readonly network: IpAddress;
  /** The bits that an address must share with it, in words of 32 as well. */
  readonly mask: readonly number[];
}

/** Neither an address nor a block: `Cannot parse address block "10.0.0.1/8": ...`. */
export class CidrError extends Error {
  /** Always `"CidrError"`. */
  override readonly name = "CidrError";
}

/**
 * Reads `10.0.0.0/8`, `fd00::/8`, or a single address. A block within `::ffff:0:0/96` is one of IPv4.
 *
 * @throws {CidrError} also when bits are set beyond the prefix, which hints at a slip
 */
export function parseCidr(text: string): CidrBlock {
  const fail = (reason: string) => new CidrError(`Cannot parse address block ${quote(text)}: ${reason}`);
  const [base, prefixText, ...rest] = text.split("/");
  const parsed = parseIpAddress(base!);
  if (parsed === null || rest.length > 0) {
    throw fail(`it must be an IP address or a block, as in "10.0.0.0/8"`);
  }
  const written = base!.includes(":") ? 128 : 32;
  const prefix = prefixText === undefined ? written : parsePrefix(prefixText, written);
  if (prefix === null) throw fail(`the prefix length must be 0-${written}`);

  const words = parsed.length * 32 < written && prefix < 96 ? [0, 0, 0xffff, ...parsed] : parsed;
  const mask = maskOf(prefix - (written - words.length * 32), words.length);
  if (words.some((word, index) => (word & ~mask[index]!) !== 0)) {
    throw fail(`it has bits set beyond the prefix /${prefix}`);
  }
  return { network: words, mask };
}

/** Is the address within the block. An IPv4 address never is within a block of IPv6, nor the reverse. */
export function matches(address: IpAddress, block: CidrBlock): boolean {
  const { network, mask } = block;
  if (address.length !== network.length) return false;
  for (let index = 0; index < network.length; index++) {
    if (((address[index]! ^ network[index]!) & mask[index]!) !== 0) return false;
  }
  return true;
}

/** Is the address, as text or read before, within one of the blocks. What is no address is in none. */
export function matchesAny(address: string | IpAddress, blocks: readonly CidrBlock[]): boolean {
  const words = typeof address === "string" ? parseIpAddress(address) : address;
  return words !== null && blocks.some((block) => matches(words, block));
}

function parsePrefix(text: string, most: number): number | null {
  if (!/^(?:0|[1-9][0-9]{0,2})$/.test(text)) return null;
  return Number(text) <= most ? Number(text) : null;
}

/** A mask of `words` 32-bit words whose first `prefix` bits are set. */
function maskOf(prefix: number, words: number): number[] {
  return Array.from({ length: words }, (_, index) => {
    const bits = Math.min(32, Math.max(0, prefix - index * 32));
    return bits === 0 ? 0 : -1 << (32 - bits);
  });
}
