import type { Address } from "../reactor/address.ts";
import type { TlsInfo } from "../reactor/transport.ts";
import type { Reply } from "./reply.ts";
import type { HttpRequest } from "./request.ts";
import type { UpgradeOptions, WebSocketUpgrade } from "./websocket/upgrade.ts";

/** What a handler answers with: a `Reply`, which is the fast way, or a standard `Response`. */
export type HandlerResult = Reply | Response;

/**
 * Answers requests. One that returns no promise is answered in the same turn. An {@linkcode HttpError} that
 * it throws is sent as it is; anything else is logged and answered by 500.
 *
 * @example
 * ```ts
 * import { type Handler, Reply } from "@heddle/heddle/http";
 *
 * const hello: Handler = (request) => new Reply(`Hello from ${request.pathname}`);
 * ```
 */
export type Handler = (
  request: HttpRequest,
  info: RequestInfo,
) => HandlerResult | Promise<HandlerResult>;

/** What is known of the connection that a request came on: one object for all its requests. */
export interface RequestInfo {
  /** Where the client is; what a PROXY header said, where the endpoint trusts one. */
  readonly peer: Address;
  /** Where our end is. */
  readonly host: Address;
  /** What TLS settled on; null on a plain connection. */
  readonly tls: TlsInfo | null;
  /** `peer` by the name that `Deno.serve` gives it. */
  readonly remoteAddr: Address;
  /**
   * Answer `request`, a WebSocket handshake, with `response`; `socket` opens when that has been sent.
   * @throws {HttpError} 400 or 426 when it is no valid handshake (RFC 6455, section 4.2.1)
   */
  upgradeWebSocket(request: HttpRequest, options?: UpgradeOptions): WebSocketUpgrade;
}

/** Whatever has a standard `fetch` handler: a Hono application, `export default { fetch }`. */
export interface Fetchable {
  /** Answers a request. */
  fetch(request: Request, ...rest: never[]): Response | Promise<Response>;
}

/** The handler of a fetch function, or of an object with one. Its second argument is the {@linkcode RequestInfo}. */
export function asHandler(
  fetchable: Fetchable | Handler | ((request: Request) => Response | Promise<Response>),
): Handler {
  if (typeof fetchable === "function") return fetchable as Handler;
  return fetchable.fetch.bind(fetchable) as unknown as Handler;
}
