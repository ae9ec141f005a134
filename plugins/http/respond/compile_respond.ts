import { Reply } from "../../../services/http/reply.ts";
import type { RouteHandler } from "../route/route_kind.ts";
import type { RespondOptions } from "./options.ts";

/** Answers every request in the same way. */
export function compileRespond(options: RespondOptions): RouteHandler {
  const reply = replyOf(options);
  return () => reply;
}

function replyOf(options: RespondOptions): Reply {
  if (typeof options === "string") return new Reply(options);
  const { status, body, json, headers = {} } = options;
  return json === undefined
    ? new Reply(body ?? null, { status, headers })
    : Reply.json(json, { status, headers });
}
