import { lookup } from "mrmime";

/** Types whose text is UTF-8, but for `text/*`. */
const utf8Types = new Set([
  "application/xml",
  "application/xhtml+xml",
  "image/svg+xml",
  "application/manifest+json",
]);

/** The media type of a file, by its name; text is taken for UTF-8, as is all that is written today. */
export function mediaType(name: string): string {
  const type = lookup(name) ?? "application/octet-stream";
  return type.startsWith("text/") || utf8Types.has(type) ? `${type};charset=utf-8` : type;
}
