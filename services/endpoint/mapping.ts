import { quote } from "../text/quote.ts";
import type { ClientEndpoint, ServerEndpoint, UdpEndpoint } from "./endpoint.ts";
import { EndpointError } from "./endpoint_error.ts";
import { Fault } from "./_fault.ts";
import { readMapping, type Schemes } from "./_read.ts";
import { clientSchemes, serverSchemes, udpSchemes } from "./_schemes.ts";

/**
 * Reads the mapping form of a server's endpoint, as YAML gives it: the scheme is a key, which has what
 * stands without a name in the string, and the keywords are the other keys. Nothing is escaped.
 *
 * ```yaml
 * listen: { tcp: 8080, interface: 127.0.0.1 }
 * listen: { tcp: "[::1]:8080" }
 * listen: { tls: 8443, certificate: c.pem, privateKey: k.pem, alpn: [h2, http/1.1] }
 * listen: { tls: 8443, certificates: [{ certificate: a.pem, privateKey: a.key }, ...] }
 * listen: { unix: /run/x.sock, mode: "660" }
 * listen: { haproxy: { tcp: 8080 }, trusted: [10.0.0.0/8] }
 * listen: stdio:            # which YAML reads as { stdio: null }
 * ```
 *
 * @throws {EndpointError} whose `path` leads to the key that is wrong
 */
export function endpointFromMapping(value: unknown): ServerEndpoint {
  return read(value, serverSchemes);
}

/**
 * Reads the mapping form of a client's endpoint: `{ tcp: "example.org:80" }`,
 * `{ tls: "example.org:443", authorities: ca.pem }`, `{ unix: /run/x.sock }`.
 *
 * @throws {EndpointError} whose `path` leads to the key that is wrong
 */
export function clientEndpointFromMapping(value: unknown): ClientEndpoint {
  return read(value, clientSchemes);
}

/**
 * Reads the mapping form of a datagram endpoint: `{ udp: 5353, interface: 127.0.0.1, loopback: true }`.
 *
 * @throws {EndpointError} whose `path` leads to the key that is wrong
 */
export function udpEndpointFromMapping(value: unknown): UdpEndpoint {
  return read(value, udpSchemes);
}

function read<E>(value: unknown, among: Schemes<E>): E {
  try {
    return readMapping(value, among);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    throw new EndpointError(`Cannot parse endpoint ${show(value)}: ${error.message}`, error.path);
  }
}

/** `{ tcp: "80o", interface: ... }`: enough to recognise it, whatever it is. */
function show(value: unknown): string {
  if (typeof value !== "object") return scalar(value);
  if (value === null || Array.isArray(value)) return scalar(value);
  const entries = Object.entries(value).slice(0, 4).map(([key, entry]) => `${key}: ${scalar(entry)}`);
  return entries.length === 0 ? "{}" : `{ ${entries.join(", ")} }`;
}

function scalar(value: unknown): string {
  if (typeof value === "string") return quote(value);
  if (Array.isArray(value)) return "[...]";
  if (typeof value === "object" && value !== null) return "{...}";
  return String(value);
}
