import { dropBody, expectSendable, headerPairs, type Reply, type ReplyBody } from "./reply.ts";

/** Fields that belong to a connection, which is the platform's (RFC 9113, section 8.2.2). */
const connectionFields = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "transfer-encoding",
  "upgrade",
]);

const encoder = new TextEncoder();

/**
 * `reply` for the platform's server. `sent` is told of each piece of its body.
 * @throws {TypeError} {@linkcode RangeError} saying why it cannot be sent
 */
export function responseFrom(reply: Reply, method: string, sent: (bytes: number) => void): Response {
  const { status, body } = reply;
  if (status < 200) throw new RangeError(`Cannot send a reply: status must be 200-599, not "${status}"`);
  expectSendable(body);
  const headers = new Headers();
  for (const [name, value] of headerPairs(reply.headers)) {
    if (!connectionFields.has(name.toLowerCase())) headers.append(name, value);
  }
  if (status === 204 || status === 304 || method === "HEAD") {
    dropBody(body);
    return new Response(null, { status, headers });
  }
  if (typeof body === "string" && body !== "" && !headers.has("content-type")) {
    headers.set("content-type", "text/plain;charset=UTF-8");
  }
  return new Response(bodyFrom(body, sent), { status, headers });
}

function bodyFrom(body: ReplyBody, sent: (bytes: number) => void): BodyInit | null {
  if (body === null) return null;
  if (typeof body === "string" || body instanceof Uint8Array) {
    const bytes = typeof body === "string" ? encoder.encode(body) : body;
    sent(bytes.length);
    return bytes as Uint8Array<ArrayBuffer>;
  }
  const source: AsyncIterable<Uint8Array | string> = body;
  const iterator = source[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await iterator.next();
      if (done) return controller.close();
      const chunk = typeof value === "string" ? encoder.encode(value) : value;
      sent(chunk.length);
      controller.enqueue(chunk);
    },
    cancel: () => {
      // Not awaited: a generator that waits for something returns only when that has come.
      Promise.try(() => iterator.return?.()).catch(() => {});
    },
  });
}
