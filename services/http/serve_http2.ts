import type { ServerEndpoint, TcpEndpoint, TlsEndpoint } from "../endpoint/endpoint.ts";
import { formatEndpoint } from "../endpoint/format.ts";
import { parseEndpoint } from "../endpoint/parse.ts";
import { CannotListenError } from "../reactor/errors.ts";
import type { Reactor } from "../reactor/reactor.ts";
import { Http2Server } from "./_http2_server.ts";
import type { Handler } from "./handler.ts";
import { type HttpOptions, limitsOf } from "./options.ts";
import type { HttpServer } from "./serve_http.ts";

/**
 * Serve HTTP/2 and HTTP/1.1 on `endpoint`, by the runtime's own server: with prior knowledge on `tcp:`, chosen by
 * ALPN on `tls:`.
 *
 * **Only behind a front that is trusted**, a load balancer of your own. The runtime's server has no timeout for
 * heads, for idle connections and for replies that nobody takes, no cap on connections, and reads HTTP/1.1
 * leniently. What can be guarded from outside is: hosts, methods, lengths of target, fields and body, and that a
 * body comes in time. In public, use {@linkcode serveHttp}.
 *
 * Of the options, `maxConnections`, `maxConnectionsPerPeer`, `headerTimeout`, `idleTimeout`, `writeTimeout` and
 * `wallClock` are without effect. A client's certificate is not asked for. The port cannot be handed to a
 * successor: a service that uses this is replaced by `"exclusive"`. A drain waits until no request is in flight, and
 * serves those that come meanwhile.
 *
 * @throws {CannotListenError} naming the endpoint and the cause
 * @throws {RangeError} when a limit is no number of at least 0
 *
 * @example
 * ```ts
 * import type { Reactor } from "@heddle/heddle";
 * import { Reply, serveHttp2 } from "@heddle/heddle/http";
 *
 * async function start(reactor: Reactor): Promise<void> {
 *   await serveHttp2(reactor, "tcp:8080:interface=127.0.0.1", () => new Reply("Hello"));
 * }
 * ```
 */
export async function serveHttp2(
  reactor: Reactor,
  endpoint: ServerEndpoint | string,
  handler: Handler,
  options: HttpOptions = {},
): Promise<HttpServer> {
  const parsed = typeof endpoint === "string" ? parseEndpoint(endpoint) : endpoint;
  const name = formatEndpoint(parsed);
  if (parsed.kind !== "tcp" && parsed.kind !== "tls") {
    throw new CannotListenError(`Cannot serve HTTP/2 on "${name}": only tcp and tls endpoints can`);
  }
  const server = new Http2Server(reactor, handler, limitsOf(options), options);
  try {
    server.listen({ ...placeOf(parsed), ...await certificateOf(parsed) });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new CannotListenError(`Cannot serve HTTP/2 on "${name}": ${reason}`, { cause });
  }
  server.adopted(reactor.adopt(server));
  return server;
}

function placeOf({ interface: hostname, port, backlog }: TcpEndpoint | TlsEndpoint) {
  return { hostname, port, tcpBacklog: backlog };
}

async function certificateOf(endpoint: TcpEndpoint | TlsEndpoint): Promise<{ cert?: string; key?: string }> {
  if (endpoint.kind === "tcp") return {};
  const { readServerCredentials } = await import("../reactor/raw/_certificate_files.ts");
  const { cert, key } = await readServerCredentials(endpoint.tls);
  return { cert, key };
}
