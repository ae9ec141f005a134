import { Reply } from "../../../services/http/reply.ts";
import type { HttpRequest } from "../../../services/http/request.ts";
import type { RouteContext, RouteHandler } from "../route/route_kind.ts";
import type { RedirectOptions } from "./options.ts";

/** Sends clients elsewhere; the query goes with them, unless the target has one. */
export function compileRedirect({ to, status }: RedirectOptions, { pattern }: RouteContext): RouteHandler {
  const keepsQuery = !to.includes("?");
  const query = (request: HttpRequest) => keepsQuery ? request.search : "";
  if (!to.endsWith("/*")) return (request) => Reply.redirect(to + query(request), status);
  const start = to.slice(0, -2);
  const base = pattern.kind === "below" ? pattern.base : pattern.path;
  return (request, _info, path) => {
    const location = start + encodePath(path.slice(base.length));
    return Reply.redirect((location === "" ? "/" : location) + query(request), status);
  };
}

/**
 * A decoded path as it stands in a URL. It is not taken from the request as it came: there it may begin with two
 * slashes, and lead to another host.
 */
function encodePath(path: string): string {
  return path.split("/").map(encodeURIComponent).join("/");
}
