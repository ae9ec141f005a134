import { Reply } from "../../../services/http/reply.ts";
import { isSecure } from "../forwarded/forwarded_info.ts";
import type { RouteHandler } from "../route/route_kind.ts";
import { setHeaders } from "./set_headers.ts";

/** The port that `https:` URLs need not name. */
const HTTPS_PORT = 443;

const nameless = new Reply("This is for https: URLs\n", { status: 400 });

/** Sends who comes without TLS to the same address with it; 308 keeps method and body. */
export function requireTls(handler: RouteHandler, port: number): RouteHandler {
  const suffix = port === HTTPS_PORT ? "" : `:${port}`;
  return (request, info, path) => {
    if (isSecure(info)) return handler(request, info, path);
    if (request.hostname === "") return nameless;
    const { pathname, search } = request;
    return Reply.redirect(`https://${request.hostname}${suffix}${pathname}${search}`, 308);
  };
}

/** How long, and for what, browsers are to use TLS alone. */
export interface TransportPolicy {
  /** Milliseconds. */
  readonly maxAge: number;
  readonly includeSubDomains: boolean;
  readonly preload: boolean;
}

/** Tells browsers to come back by TLS alone (RFC 6797): over TLS, since elsewhere nobody believes it (section 8.1). */
export function strictTransport(handler: RouteHandler, policy: TransportPolicy): RouteHandler {
  const { maxAge, includeSubDomains, preload } = policy;
  const parts = [`max-age=${Math.round(maxAge / 1_000)}`];
  if (includeSubDomains) parts.push("includeSubDomains");
  if (preload) parts.push("preload");
  const secure = setHeaders(handler, { "strict-transport-security": parts.join("; ") });
  return (request, info, path) => (isSecure(info) ? secure : handler)(request, info, path);
}
