/**
 * What a reply's body may be. A string is sent as UTF-8; streams are sent as they come, with backpressure. Chunks
 * are the server's once they are handed over; see {@linkcode ReusedChunks} for who wants them back.
 */
export type ReplyBody =
  | string
  | Uint8Array
  | ReadableStream<Uint8Array>
  | AsyncIterable<Uint8Array | string>
  | null;

/** An iterator of a body whose chunks live in buffers that are used again. */
export interface ReusedChunks extends AsyncIterator<Uint8Array> {
  /** `chunk`, the last one that came from `next`, has been flushed. Not called for every chunk, nor once the client has left. */
  release(chunk: Uint8Array): void;
}

/** Header fields, in the order in which they are sent. A name may occur several times in pairs, or with a list. */
export type ReplyHeaders =
  | Readonly<Record<string, string | readonly string[]>>
  | Iterable<readonly [name: string, value: string]>;

/** What a reply has besides its body. */
export interface ReplyInit {
  /** 200 to 599, default 200. */
  readonly status?: number;
  /** Default none. */
  readonly headers?: ReplyHeaders;
}

/** @internal The fields of a reply that was given none. */
export const noHeaders: ReplyHeaders = {};

/**
 * An answer: what a `Response` is, without the cost. The constructor stores; everything is checked when the
 * reply is sent, and a fault (a line break in a value, a status that does not exist) is then logged and sent
 * as 500. One reply with a string or bytes may be returned any number of times.
 *
 * The server adds `date`, `content-length` or chunked coding, `connection`, and for a string without one
 * `content-type: text/plain;charset=UTF-8`. A `content-length` of your own counts for a stream, whose length
 * it promises, and for a reply to HEAD without a body. `connection: close` closes; other fields
 * that belong to the connection are left out.
 *
 * @example
 * ```ts
 * import { Reply } from "@heddle/heddle/http";
 *
 * const page = new Reply("<p>Hello", { headers: { "content-type": "text/html" } });
 * const data = Reply.json({ ready: true });
 * const gone = new Reply(null, { status: 410 });
 * ```
 */
export class Reply {
  /** 200 to 599. */
  readonly status: number;
  /** As they were given. */
  readonly headers: ReplyHeaders;
  /** As it was given. */
  readonly body: ReplyBody;

  /** The same arguments as those of `Response`. */
  constructor(body: ReplyBody = null, init?: ReplyInit) {
    this.body = body;
    this.status = init?.status ?? 200;
    this.headers = init?.headers ?? noHeaders;
  }

  /** `value` as JSON, with its media type. */
  static json(value: unknown, init?: ReplyInit): Reply {
    const headers: [string, string][] = [["content-type", "application/json"]];
    for (const field of headerPairs(init?.headers ?? noHeaders)) {
      if (field[0].toLowerCase() === "content-type") headers[0] = field;
      else headers.push(field);
    }
    return new Reply(JSON.stringify(value), { status: init?.status ?? 200, headers });
  }

  /** Sends the client to `location`, which may be relative. `status` 301, 302, 303, 307 or 308; default 302. */
  static redirect(location: string, status = 302): Reply {
    return new Reply(null, { status, headers: { location } });
  }

  /**
   * The same as `response`, whose body it takes over.
   * @throws {TypeError} when somebody has read that, or is about to
   */
  static from(result: Reply | Response): Reply {
    if (result instanceof Reply) return result;
    if (result.bodyUsed) throw new TypeError("Cannot send the response: its body has been read already");
    return new Reply(result.body, { status: result.status, headers: [...result.headers] });
  }

  /** A field's value, the first if there are several; null when absent. `name` in lower case. */
  header(name: string): string | null {
    for (const [key, value] of headerPairs(this.headers)) if (key.toLowerCase() === name) return value;
    return null;
  }

  /** This reply with `headers` in place of those of the same names, and beside the others. */
  withHeaders(headers: ReplyHeaders): Reply {
    const added = headerPairs(headers);
    const names = new Set(added.map(([name]) => name.toLowerCase()));
    const kept = headerPairs(this.headers).filter(([name]) => !names.has(name.toLowerCase()));
    return new Reply(this.body, { status: this.status, headers: [...kept, ...added] });
  }
}

/** Header fields as pairs, whatever form they have. */
export function headerPairs(headers: ReplyHeaders): [name: string, value: string][] {
  if (Symbol.iterator in headers) return Array.from(headers as Iterable<[string, string]>);
  const pairs: [string, string][] = [];
  for (const [name, value] of Object.entries(headers as Record<string, string | readonly string[]>)) {
    if (typeof value === "string") pairs.push([name, value]);
    else for (const each of value) pairs.push([name, each]);
  }
  return pairs;
}

/** @throws {TypeError} when `body` is none that can be sent, or somebody else reads it */
export function expectSendable(body: ReplyBody): void {
  if (body === null || typeof body === "string" || body instanceof Uint8Array) return;
  if (body instanceof ReadableStream) {
    if (body.locked) throw new TypeError("Cannot send the reply: somebody else reads its body");
  } else if (typeof body[Symbol.asyncIterator] !== "function") {
    throw new TypeError("Cannot send the reply: its body must be text, bytes, a stream or an async iterable");
  }
}

/** Tell a body's source that nobody will read it. */
export function dropBody(body: ReplyBody): void {
  if (body === null || typeof body === "string" || body instanceof Uint8Array) return;
  if (body instanceof ReadableStream) {
    if (!body.locked) body.cancel().catch(() => {});
  } else {
    Promise.try(() => body[Symbol.asyncIterator]().return?.()).catch(() => {});
  }
}
