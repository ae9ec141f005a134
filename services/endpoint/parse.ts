import { quote } from "../text/quote.ts";
import type { ClientEndpoint, ServerEndpoint, SocketEndpoint, UdpEndpoint } from "./endpoint.ts";
import { EndpointError } from "./endpoint_error.ts";
import { Fault } from "./_fault.ts";
import { readText, type Schemes } from "./_read.ts";
import { clientSchemes, serverSchemes, socketSchemes, udpSchemes } from "./_schemes.ts";

/**
 * Reads where a stream server listens. The grammar is Twisted's, its faults mended:
 *
 * - a scheme, then fields between colons: values whose order tells what they are, then `keyword=value`;
 * - an IPv6 address stands in brackets; after `interface=` and `trusted=` it may do without;
 * - `=` always makes a keyword, and one that the scheme does not know is an error: a value that has `=`
 *   in it, or `:` or `\`, is written with `\` before that;
 * - a value that is given twice, a number that is not plain decimal, anything left over is an error.
 *
 * | string | keywords |
 * |---|---|
 * | `tcp:8080`, `tcp:127.0.0.1:8080`, `tcp:[::1]:8080` | `interface`, `backlog` |
 * | `tls:8443:certificate=c.pem:privateKey=k.pem` | those, `clientAuthorities`, `alpn=h2,http/1.1` |
 * | `tls:8443:certificates=a.pem,a.key,b.pem,b.key` | the same; the first is for names that none has |
 * | `unix:/run/x.sock` | `mode=660`, octal |
 * | `fd:3` | |
 * | `systemd:web` | `name`, `index` |
 * | `stdio:` | |
 * | `haproxy:tcp:8080` | `trusted=10.0.0.0/8,::1`, and those of the endpoint behind it |
 *
 * @example
 * ```ts
 * import { parseEndpoint } from "@heddle/heddle";
 *
 * parseEndpoint("tcp:[::1]:8080"); // { kind: "tcp", interface: "::1", port: 8080, backlog: 4096 }
 * ```
 *
 * @throws {EndpointError} `Cannot parse endpoint "tcp:80o": port must be 0-65535`
 */
export function parseEndpoint(text: string): ServerEndpoint {
  return parse(text, serverSchemes);
}

/**
 * Reads where a stream client connects, by the same grammar: `tcp:example.org:80`, `tcp:[::1]:80`,
 * `tls:example.org:443` (`serverName`, `authorities`, `certificate`, `privateKey`, `alpn`),
 * `unix:/run/x.sock`, `discover:mail` (an instance of a service that the registry knows).
 *
 * @throws {EndpointError} `Cannot parse endpoint "tcp:80": expected "tcp:hostname:port", ...`
 */
export function parseClientEndpoint(text: string): ClientEndpoint {
  return parse(text, clientSchemes);
}

/**
 * Reads what a client connects to by itself: as `parseClientEndpoint`, but for `discover:`.
 *
 * @throws {EndpointError}
 */
export function parseSocketEndpoint(text: string): SocketEndpoint {
  return parse(text, socketSchemes);
}

/**
 * Reads where datagrams are received, by the same grammar: `udp:5353`, `udp:127.0.0.1:5353`,
 * `udp:[::1]:5353` (`interface`, `reuseAddress=true`, `loopback=true`).
 *
 * @throws {EndpointError} `Cannot parse endpoint "udp:-1": port must be 0-65535`
 */
export function parseUdpEndpoint(text: string): UdpEndpoint {
  return parse(text, udpSchemes);
}

function parse<E>(text: string, among: Schemes<E>): E {
  try {
    return readText(text, among);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    throw new EndpointError(`Cannot parse endpoint ${quote(text)}: ${error.message}`);
  }
}
