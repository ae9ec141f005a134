import type { RouteContext, RouteHandler } from "../route/route_kind.ts";
import type { RouteOptions } from "../options.ts";
import { allowAddresses } from "./allow_addresses.ts";
import { limitBody } from "./limit_body.ts";
import { rateLimit } from "./rate_limit.ts";
import { requireTls, strictTransport } from "./secure_transport.ts";
import { setHeaders } from "./set_headers.ts";
import { timeOut } from "./time_out.ts";

/** What a request may have as body where nothing else is said. */
const MAX_BODY = 10 * 1024 * 1024;

/** `handler` with what is to stand around it. What costs little and refuses most comes first. */
export async function wrapHandler(
  handler: RouteHandler,
  options: RouteOptions,
  { reactor }: RouteContext,
): Promise<RouteHandler> {
  const { allow = null, deny, rateLimit: rate, basicAuth: auth, maxBody, timeout, compress, headers, hsts } =
    options;
  const { requireTls: tls } = options;
  let wrapped = handler;
  // Files are kept compressed, and have entity tags for it.
  if (compress && options.files === undefined) {
    const { compressReplies } = await import("../compress/compress_replies.ts");
    wrapped = compressReplies(wrapped);
  }
  if (timeout) wrapped = timeOut(wrapped, timeout, reactor);
  if (maxBody !== null) wrapped = limitBody(wrapped, maxBody ?? MAX_BODY);
  if (auth) {
    const { basicAuth } = await import("./basic_auth.ts");
    wrapped = basicAuth(wrapped, auth);
  }
  if (rate) wrapped = rateLimit(wrapped, { ...rate, burst: rate.burst ?? rate.requests }, reactor);
  if (allow !== null || deny) wrapped = allowAddresses(wrapped, { allow, deny: deny ?? [] });
  if (headers) wrapped = setHeaders(wrapped, headers);
  if (tls) wrapped = requireTls(wrapped, tls.port);
  if (hsts) wrapped = strictTransport(wrapped, hsts);
  return wrapped;
}
