import type { ReactorTime } from "../../../services/async/time.ts";
import type { HandlerResult } from "../../../services/http/handler.ts";
import { dropBody, Reply } from "../../../services/http/reply.ts";
import type { RouteHandler } from "../route/route_kind.ts";

const tooSlow = new Reply("Service Unavailable\n", { status: 503 });

/**
 * Answers 503 where `handler` has no reply after `limit` milliseconds. A reply that comes later goes nowhere; one
 * that has begun takes the time that it takes.
 */
export function timeOut(handler: RouteHandler, limit: number, time: ReactorTime): RouteHandler {
  return (request, info, path) => {
    const result = handler(request, info, path);
    return result instanceof Promise ? within(result, limit, time) : result;
  };
}

function within(result: Promise<HandlerResult>, limit: number, time: ReactorTime): Promise<HandlerResult> {
  const { promise, resolve, reject } = Promise.withResolvers<HandlerResult>();
  let late = false;
  const timer = time.callLater(limit, () => {
    late = true;
    resolve(tooSlow);
  });
  result.then((reply) => {
    if (late) return dropBody(reply.body);
    timer.cancel();
    resolve(reply);
  }, (error) => {
    if (!late) timer.cancel();
    reject(error);
  });
  return promise;
}
