import { quote } from "../../../services/text/quote.ts";

/** Hosts that a site is for: `example.org`, or `*.example.org`, all names below that one. */
export interface HostPattern {
  /** As `URL.hostname` has it: lower case, Punycode, IPv6 in brackets. Of a wildcard, what follows `*.`. */
  readonly name: string;
  /** All names below `name`, and not `name` itself. */
  readonly wildcard: boolean;
}

/** A host that no request can name: `Cannot use host "a_b:80": ...`. */
export class HostPatternError extends Error {
  /** `"HostPatternError"`. */
  override readonly name = "HostPatternError";
}

/**
 * Reads a site's host.
 * @throws {HostPatternError} when no request can name it
 */
export function parseHostPattern(text: string): HostPattern {
  const fail = (reason: string) => new HostPatternError(`Cannot use host ${quote(text)}: ${reason}`);
  const wildcard = text.startsWith("*.");
  const rest = wildcard ? text.slice(2) : text;
  if (rest.includes("*")) {
    throw fail(
      'it may have "*" only as its first label: "*.example.org"; a site without hosts takes all others',
    );
  }
  if (/:[0-9]*$/.test(rest) && !/^\[[^\]]*\]$/.test(rest)) throw fail("it must be without a port");
  const url = /[\s/@?#\\]/.test(rest) ? null : URL.parse(`http://${rest}/`);
  if (url === null || url.hostname === "") {
    throw fail('it must be a name or an address, as in "example.org", "*.example.org", "[::1]"');
  }
  return { name: url.hostname.replace(/\.$/, ""), wildcard };
}

/** As `parseHostPattern` reads it. */
export function formatHostPattern({ name, wildcard }: HostPattern): string {
  return wildcard ? `*.${name}` : name;
}
