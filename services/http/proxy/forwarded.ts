import type { RequestInfo } from "../handler.ts";
import type { HttpRequest } from "../request.ts";

/** What we call ourselves in `Via`: a pseudonym, so that no name of a machine gets out (RFC 9110, section 7.6.3). */
const VIA = "1.1 heddle";

/** The fields that say for whom a request is forwarded, by lower-case name: what a client says of itself is dropped. */
export const forwardingFields: readonly string[] = [
  "forwarded",
  "x-forwarded-for",
  "x-forwarded-host",
  "x-forwarded-proto",
  "x-real-ip",
  "via",
];

/**
 * The lines that tell the upstream whom `request` came from: `X-Forwarded-*`, `Forwarded` (RFC 7239) and `Via`.
 * What came in such fields is gone on with only if the peer is `believed`.
 */
export function forwardingLines(
  request: HttpRequest,
  info: RequestInfo,
  host: string | null,
  believed: boolean,
): string {
  const { peer } = info;
  const address = peer.transport === "tcp" ? peer.hostname : null;
  const scheme = info.tls === null ? "http" : "https";
  const before = believed ? request : null;
  const element = `for=${node(address)}${host === null ? "" : `;host=${quoted(host)}`};proto=${scheme}`;
  let lines = line("x-forwarded-for", joined(before?.header("x-forwarded-for"), address)) +
    line("x-forwarded-proto", before?.header("x-forwarded-proto") ?? scheme) +
    line("forwarded", joined(before?.header("forwarded"), element));
  const forwardedHost = before?.header("x-forwarded-host") ?? host;
  if (forwardedHost !== null) lines += line("x-forwarded-host", forwardedHost);
  return lines + line("via", joined(request.header("via"), VIA));
}

function line(name: string, value: string): string {
  return value === "" ? "" : `${name}: ${value}\r\n`;
}

function joined(before: string | null | undefined, value: string | null): string {
  if (value === null) return before ?? "";
  return before === null || before === undefined || before === "" ? value : `${before}, ${value}`;
}

/** RFC 7239, section 6. */
function node(address: string | null): string {
  if (address === null) return "unknown";
  return address.includes(":") ? `"[${address}]"` : address;
}

/** A token, or a quoted string where it is none: a host with its port. */
function quoted(host: string): string {
  return /^[A-Za-z0-9._~-]+$/.test(host) ? host : `"${host}"`;
}
