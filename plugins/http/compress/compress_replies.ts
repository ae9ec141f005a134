import { headerPairs, Reply, type ReplyBody } from "../../../services/http/reply.ts";
import type { HttpRequest } from "../../../services/http/request.ts";
import { changeReply } from "../around/change_reply.ts";
import type { RouteHandler } from "../route/route_kind.ts";
import { acceptedCodings, type Coding } from "./accept_encoding.ts";
import { compressBytes } from "./compress_bytes.ts";
import { compressStream } from "./compress_stream.ts";
import { isCompressible } from "./compressible.ts";

/** Below this, compression saves no packet. */
const LEAST_COMPRESSED = 1024;

const encoder = new TextEncoder();

/** Compresses replies for clients that take that. Each form has an entity tag of its own (RFC 9110, section 8.8.3.3). */
export function compressReplies(handler: RouteHandler): RouteHandler {
  return changeReply(handler, (reply, request) => {
    if (!mayCompress(reply)) return reply;
    const coding = acceptedCodings(request.header("accept-encoding"))[0];
    if (coding === undefined || request.method === "HEAD") return reply.withHeaders({ vary: varyOf(reply) });
    return compressed(reply, coding, request);
  });
}

function mayCompress(reply: Reply): boolean {
  const { status, body } = reply;
  if (body === null || status < 200 || status === 204 || status === 206 || status === 304) return false;
  if ((typeof body === "string" || body instanceof Uint8Array) && body.length < LEAST_COMPRESSED) {
    return false;
  }
  const type = reply.header("content-type") ?? (typeof body === "string" ? "text/plain" : "");
  return isCompressible(type) && reply.header("content-encoding") === null &&
    !/no-transform/i.test(reply.header("cache-control") ?? "");
}

async function compressed(reply: Reply, coding: Coding, request: HttpRequest): Promise<Reply> {
  const headers: Record<string, string> = { "content-encoding": coding, vary: varyOf(reply) };
  if (typeof reply.body === "string" && reply.header("content-type") === null) {
    headers["content-type"] = "text/plain;charset=UTF-8";
  }
  const etag = reply.header("etag");
  if (etag !== null) headers.etag = `${etag.slice(0, -1)}-${coding}"`;
  if (headers.etag !== undefined && isKnown(request, headers.etag, reply)) {
    return new Reply(null, { status: 304, headers: { etag: headers.etag, vary: headers.vary! } });
  }
  const changed = reply.withHeaders(headers);
  const fields = headerPairs(changed.headers).filter(([name]) =>
    !["content-length", "accept-ranges"].includes(name.toLowerCase())
  );
  return new Reply(await compressBody(reply.body, coding), { status: reply.status, headers: fields });
}

/** Whether the client has this form already, by a tag that the handler could not know. */
function isKnown(request: HttpRequest, etag: string, { status }: Reply): boolean {
  const known = request.header("if-none-match");
  return known !== null && status === 200 && request.method === "GET" &&
    known.includes(etag.replace(/^W\//, ""));
}

function compressBody(body: ReplyBody, coding: Coding): Promise<Uint8Array> | ReplyBody {
  if (typeof body === "string") return compressBytes(encoder.encode(body), coding);
  if (body instanceof Uint8Array) return compressBytes(body, coding);
  return body === null ? null : compressStream(body, coding);
}

function varyOf(reply: Reply): string {
  const vary = reply.header("vary");
  if (vary === null) return "accept-encoding";
  return vary === "*" || /accept-encoding/i.test(vary) ? vary : `${vary}, accept-encoding`;
}
