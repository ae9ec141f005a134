import { FieldIndex } from "../_field_index.ts";
import type { RequestInfo } from "../handler.ts";
import type { HttpRequest } from "../request.ts";
import { byLength, isAmong, isHopByHop, namedByConnection } from "./_hop_by_hop.ts";
import { forwardingFields, forwardingLines } from "./forwarded.ts";

/** How a request's head is changed on its way. */
export interface ForwardOptions {
  /** The Host field that the upstream gets; null: the client's own. */
  readonly host: string | null;
  /** For a request of HTTP/1.0 that names no host. */
  readonly defaultHost: string;
  /** Whether the other end of the connection is believed when it says where a request came from. */
  readonly believed: boolean;
}

/** How the body that follows is framed: by its length, by chunks, or there is none. */
export type ForwardedBody = number | "chunked" | null;

/** Written anew, or answered here (`expect`). */
const ours = byLength([...forwardingFields.flatMap(spellings), "expect", "host"]);

/** `name` with dashes and underscores: to an upstream that speaks CGI or WSGI, these are the same. */
function spellings(name: string): string[] {
  const [first = "", ...parts] = name.split("-");
  return parts.reduce((before, part) => before.flatMap((start) => [`${start}-${part}`, `${start}_${part}`]), [
    first,
  ]);
}

/**
 * The head with which `request` goes on to an upstream. It is put together anew: what frames the body is our
 * own, what belongs to the client's connection stays behind, and every other line is as it came.
 */
export function forwardHead(
  request: HttpRequest,
  info: RequestInfo,
  body: ForwardedBody,
  upgrade: string | null,
  options: ForwardOptions,
): string {
  const { head } = request;
  const host = request.header("host");
  const path = head.plainTarget && !head.target.includes("/.")
    ? head.target
    : request.pathname + request.search;
  let lines = `${head.method} ${path} HTTP/1.1\r\nhost: ${options.host ?? host ?? options.defaultHost}\r\n`;
  lines += endToEndLines(head.text, FieldIndex.of(head));
  lines += forwardingLines(request, info, host, options.believed);
  if (upgrade !== null) lines += `connection: upgrade\r\nupgrade: ${upgrade}\r\n`;
  if (body === "chunked") lines += "transfer-encoding: chunked\r\n";
  else if (body !== null) lines += `content-length: ${body}\r\n`;
  return `${lines}\r\n`;
}

/** The lines of a request that are for the upstream as they are; neighbours in one piece. */
function endToEndLines(text: string, fields: FieldIndex): string {
  const named = namedByConnection(fields, text);
  let lines = "";
  let from = -1;
  for (let field = 0; field < fields.count; field++) {
    const stays = isHopByHop(fields, field, text) || isAmong(ours, fields, field, text) ||
      (named !== null && isAmong(named, fields, field, text));
    if (!stays) {
      if (from < 0) from = fields.start(field);
    } else if (from >= 0) {
      lines += text.slice(from, fields.start(field));
      from = -1;
    }
  }
  return from < 0 ? lines : lines + text.slice(from, text.length - "\r\n".length);
}

/**
 * The protocol that `request` asks to go over to, where it may: WebSocket alone. Others are for the connection to
 * this server (h2c would carry requests that nobody here has looked at).
 */
export function askedUpgrade(request: HttpRequest): string | null {
  const upgrade = request.header("upgrade");
  if (upgrade === null || upgrade.toLowerCase() !== "websocket") return null;
  if (request.method !== "GET" || request.httpVersion !== "HTTP/1.1" || request.hasBody) return null;
  const connection = request.header("connection")?.toLowerCase().split(",") ?? [];
  return connection.some((option) => option.trim() === "upgrade") ? upgrade : null;
}
