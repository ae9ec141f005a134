import type { HandlerResult } from "../../../services/http/handler.ts";
import { Reply } from "../../../services/http/reply.ts";
import type { HttpRequest } from "../../../services/http/request.ts";
import type { RouteHandler } from "../route/route_kind.ts";

/** `handler` with `change` made to its replies, but for those that switch the protocol; in the same turn where that can be. */
export function changeReply(
  handler: RouteHandler,
  change: (reply: Reply, request: HttpRequest) => Reply | Promise<Reply>,
): RouteHandler {
  return (request, info, path) => {
    const result = handler(request, info, path);
    return result instanceof Promise
      ? result.then((result) => isMore(result) ? result : change(Reply.from(result), request))
      : isMore(result)
      ? result
      : change(Reply.from(result), request);
  };
}

/** A reply of a class of its own does more than it says: it opens a WebSocket. */
function isMore(result: HandlerResult): result is Reply {
  return result instanceof Reply && Object.getPrototypeOf(result) !== Reply.prototype;
}
