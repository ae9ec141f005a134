import type { HttpRequest } from "../../../services/http/request.ts";
import { parseHttpDate } from "./http_date.ts";

/** What tells one state of a resource from another (RFC 9110, section 8.8). */
export interface Validators {
  /** A strong entity tag, with its quotes. */
  readonly etag: string;
  /** As a date of HTTP. */
  readonly lastModified: string;
  /** The same in milliseconds since 1970, of whole seconds. */
  readonly modified: number;
}

/** `perform` the method; `not modified` (304); `failed` (412). */
export type Verdict = "perform" | "not modified" | "failed";

/** The conditions of a GET or HEAD, in the order that RFC 9110, section 13.2.2 sets. */
export function judgeConditions(request: HttpRequest, validators: Validators): Verdict {
  const match = request.header("if-match");
  if (match !== null) {
    if (!hasStrongMatch(match, validators.etag)) return "failed";
  } else {
    const since = dateOf(request, "if-unmodified-since");
    if (since !== null && validators.modified > since) return "failed";
  }
  const noneMatch = request.header("if-none-match");
  if (noneMatch !== null) return hasWeakMatch(noneMatch, validators.etag) ? "not modified" : "perform";
  const since = request.header("if-modified-since");
  if (since === null) return "perform";
  if (since === validators.lastModified) return "not modified";
  const time = parseHttpDate(since);
  return time !== null && validators.modified <= time ? "not modified" : "perform";
}

/** Whether the `range` field counts, as far as `if-range` decides that (section 13.1.5): only if nothing has changed. */
export function rangeCounts(request: HttpRequest, { etag, lastModified }: Validators): boolean {
  const condition = request.header("if-range");
  // A date, or a strong entity tag: each is compared to the letter, and a weak tag equals no strong one.
  return condition === null || condition === etag || condition === lastModified;
}

function dateOf(request: HttpRequest, name: string): number | null {
  const text = request.header(name);
  return text === null ? null : parseHttpDate(text);
}

function hasStrongMatch(field: string, etag: string): boolean {
  return field === etag || field.trim() === "*" || tagsOf(field).includes(etag);
}

function hasWeakMatch(field: string, etag: string): boolean {
  return field === etag || field.trim() === "*" ||
    tagsOf(field).some((tag) => tag.replace(/^W\//, "") === etag);
}

/** Commas may stand within a tag (section 8.8.3). */
function tagsOf(field: string): string[] {
  return field.match(/(?:W\/)?"[^"]*"/g) ?? [];
}
