import { headerPairs, Reply } from "../../../services/http/reply.ts";
import type { RouteHandler } from "../route/route_kind.ts";
import { changeReply } from "./change_reply.ts";

/** Fields by name in lower case: a value, several, or null to remove those that the reply has. */
export type HeaderChanges = Readonly<Record<string, string | readonly string[] | null>>;

/** Sets header fields of replies. */
export function setHeaders(handler: RouteHandler, changes: HeaderChanges): RouteHandler {
  const names = new Set(Object.keys(changes));
  const added = headerPairs(
    Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== null)) as Record<
      string,
      string
    >,
  );
  // A route that answers always the same, or from a cache, gives the same reply again.
  const changed = new WeakMap<Reply, Reply>();
  return changeReply(handler, (reply) => {
    const known = changed.get(reply);
    if (known !== undefined) return known;
    const kept = headerPairs(reply.headers).filter(([name]) => !names.has(name.toLowerCase()));
    const result = new Reply(reply.body, { status: reply.status, headers: [...kept, ...added] });
    changed.set(reply, result);
    return result;
  });
}
