import { Reply } from "../../../services/http/reply.ts";
import type { HttpRequest } from "../../../services/http/request.ts";
import { UpgradeReply } from "../../../services/http/upgrade_reply.ts";
import type { RouteHandler } from "../route/route_kind.ts";

/** `handler` with `change` made to its replies, but for those that switch the protocol; in the same turn where that can be. */
export function changeReply(
  handler: RouteHandler,
  change: (reply: Reply, request: HttpRequest) => Reply | Promise<Reply>,
): RouteHandler {
  return (request, info, path) => {
    const result = handler(request, info, path);
    if (!(result instanceof Promise)) {
      return result instanceof UpgradeReply ? result : change(Reply.from(result), request);
    }
    return result.then((result) =>
      result instanceof UpgradeReply ? result : change(Reply.from(result), request)
    );
  };
}
