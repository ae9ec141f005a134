import { domainToASCII } from "node:url";
import { parseIpAddress } from "../endpoint/ip_address.ts";

/** A mailbox's address (RFC 5321, section 4.1.2), with the characters of RFC 6531. */
export interface Mailbox {
  /** Before the `@`, without quotes: `jane doe`. Compared as it is written, but for `postmaster`. */
  readonly local: string;
  /** After the `@`, in lower case: a domain, or an address literal (`[192.0.2.1]`, `[IPv6:2001:db8::1]`). */
  readonly domain: string;
}

/** RFC 5321, section 4.5.3.1: octets. */
const LONGEST_LOCAL = 64;
const LONGEST_DOMAIN = 255;

const ATOM = "[A-Za-z0-9!#$%&'*+\\-/=?^_`{|}~\\u0080-\\u{10ffff}]+";
const DOT_STRING = new RegExp(`^${ATOM}(?:\\.${ATOM})*$`, "u");
// Within the quotes: any printable character, or an escaped one.
const QUOTED = /^"(?:[ !#-[\]-~\u0080-\u{10ffff}]|\\[ -~])*"$/u;
const LABEL =
  "[A-Za-z0-9\\u0080-\\u{10ffff}](?:[A-Za-z0-9\\-\\u0080-\\u{10ffff}]{0,61}[A-Za-z0-9\\u0080-\\u{10ffff}])?";
const DOMAIN = new RegExp(`^${LABEL}(?:\\.${LABEL})*$`, "u");
const NOT_ASCII = /[^\0-\x7f]/;
// Controls of Latin-1, line separators and the like have no place in an address.
const UNPRINTABLE = /[\p{Cc}\p{Cs}\u2028\u2029\ufeff]/u;

/** Reads `jane@example.org` or `"jane doe"@example.org`; null when it is no address. */
export function parseMailbox(text: string): Mailbox | null {
  const at = text.lastIndexOf("@");
  if (at < 1) return null;
  const local = parseLocalPart(text.slice(0, at));
  const domain = parseDomain(text.slice(at + 1));
  return local === null || domain === null ? null : { local, domain };
}

/** Reads what stands before the `@`, quoted or not; null when it may not stand there. */
export function parseLocalPart(text: string): string | null {
  if (octets(text) > LONGEST_LOCAL || UNPRINTABLE.test(text)) return null;
  if (DOT_STRING.test(text)) return text;
  return QUOTED.test(text) ? text.slice(1, -1).replaceAll(/\\(.)/gu, "$1") : null;
}

/** Reads a domain or an address literal, and gives it in lower case; null when it is none. */
export function parseDomain(text: string): string | null {
  if (octets(text) > LONGEST_DOMAIN || UNPRINTABLE.test(text)) return null;
  if (DOMAIN.test(text)) return text.toLowerCase();
  if (!text.startsWith("[") || !text.endsWith("]")) return null;
  const literal = text.slice(1, -1);
  const isIPv6 = /^ipv6:/i.test(literal);
  const address = isIPv6 ? literal.slice(5) : literal;
  if (address.includes(":") !== isIPv6 || address.includes("%") || parseIpAddress(address) === null) {
    return null;
  }
  return isIPv6 ? `[IPv6:${address.toLowerCase()}]` : `[${address}]`;
}

/** The text of an address, the local part in quotes where it needs them. */
export function formatMailbox({ local, domain }: Mailbox): string {
  const written = DOT_STRING.test(local) ? local : `"${local.replaceAll(/["\\]/g, "\\$&")}"`;
  return domain === "" ? written : `${written}@${domain}`;
}

/** Whether a text has characters beyond ASCII: an address that has is for servers with SMTPUTF8 alone. */
export function needsUtf8(text: string): boolean {
  return NOT_ASCII.test(text);
}

/** The one form of a domain that is equal for equal domains: A-labels (RFC 5890), lower case, no final dot. */
export function canonicalDomain(domain: string): string {
  const lower = domain.toLowerCase().replace(/\.$/, "");
  return needsUtf8(lower) ? domainToASCII(lower) || lower : lower;
}

function octets(text: string): number {
  return needsUtf8(text) ? new TextEncoder().encode(text).length : text.length;
}
