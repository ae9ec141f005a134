import { Reply } from "../../../services/http/reply.ts";

const allow = "GET, HEAD, OPTIONS";
const methods = new Reply(null, { status: 204, headers: { allow } });
const notAllowed = new Reply("Method Not Allowed\n", { status: 405, headers: { allow } });

/** What a route that is only read from answers to other methods than GET and HEAD; null for these. */
export function unlessRead(method: string): Reply | null {
  if (method === "GET" || method === "HEAD") return null;
  return method === "OPTIONS" ? methods : notAllowed;
}
