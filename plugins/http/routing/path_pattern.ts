import { quote } from "../../../services/text/quote.ts";

/** Which paths a route is for: `/about` that path alone, `/docs/*` all below `/docs` and `/docs` itself, `/*` all. */
export type PathPattern =
  | { readonly kind: "exact"; readonly path: string }
  | { readonly kind: "below"; readonly base: string };

/** A pattern that is malformed, or that no request can match: `Cannot use path "docs": ...`. */
export class PathPatternError extends Error {
  /** `"PathPatternError"`. */
  override readonly name = "PathPatternError";
}

/** What no path has in which escapes are decoded and dot segments resolved, and what to write instead. */
const neverMatches: readonly (readonly [RegExp, string])[] = [
  [/^(?!\/)/, 'it must begin with "/"'],
  [/[?#]/, "it must not have a query or fragment: these are no part of a path"],
  [/\*(?!$)|[^/]\*$/, 'it may have "*" only at its end, behind "/": "/docs/*"'],
  [/\/\//, 'it has "//", which is taken for "/" in requests: it can never match'],
  [/\/\.\.?(?:\/|$)/, 'it has "." or "..", which are resolved in requests: it can never match'],
  [/%[0-9A-Fa-f]{2}/, "it has a percent-encoding, which is decoded in requests: write the character itself"],
  [/[\p{Cc}\\]/u, "it has a backslash or control character: it can never match"],
];

/**
 * Reads a route's path.
 * @throws {PathPatternError} when it is malformed, or can never match
 */
export function parsePathPattern(text: string): PathPattern {
  for (const [wrong, reason] of neverMatches) {
    if (wrong.test(text)) throw new PathPatternError(`Cannot use path ${quote(text)}: ${reason}`);
  }
  return text.endsWith("/*") ? { kind: "below", base: text.slice(0, -2) } : { kind: "exact", path: text };
}

/** As `parsePathPattern` reads it. */
export function formatPathPattern(pattern: PathPattern): string {
  return pattern.kind === "exact" ? pattern.path : `${pattern.base}/*`;
}

/** Whether `pattern` is for `path`, a {@linkcode requestPath}. */
export function matchesPath(pattern: PathPattern, path: string): boolean {
  if (pattern.kind === "exact") return path === pattern.path;
  const { base } = pattern;
  return path.startsWith(base) && (path.length === base.length || path.charCodeAt(base.length) === SLASH);
}

/** Whether every path that `later` is for is one of `earlier`, so that `later` is never reached behind it. */
export function coversPattern(earlier: PathPattern, later: PathPattern): boolean {
  if (later.kind === "exact") return matchesPath(earlier, later.path);
  return earlier.kind === "below" && matchesPath(earlier, later.base === "" ? "/" : later.base) &&
    later.base.length >= earlier.base.length;
}

const SLASH = 0x2f;
