import type { FieldIndex } from "./_field_index.ts";
import { delegateSlots } from "./_platform_slots.ts";
import type { RequestBody } from "./_request_body.ts";
import { RequestFields } from "./_request_fields.ts";
import { HttpError } from "./http_error.ts";
import type { RequestHead } from "./request_head.ts";
import { RequestHeaders } from "./request_headers.ts";

/** The connection that a request came on, as far as the request needs it. */
export interface RequestOrigin {
  /** Scheme and authority for a request that names no host: `"http://127.0.0.1:8080"`. */
  readonly defaultOrigin: string;
  /** Where the fields are, as long as it is the index of the request's head. */
  readonly fields: FieldIndex;
  /** The signal that is aborted when the client leaves before it is answered. */
  abortSignal(): AbortSignal;
}

/**
 * A request: everything that `Request` has, made when it is asked for, and a few things that cost less.
 * Wherever the platform takes a `Request` it takes this.
 *
 * @example
 * ```ts
 * import { type Handler, Reply } from "@heddle/heddle/http";
 *
 * const greet: Handler = (request) => {
 *   const name = new URLSearchParams(request.search).get("name") ?? request.hostname;
 *   return new Reply(`Hello ${name}, with ${request.header("user-agent") ?? "nothing"}`);
 * };
 * ```
 */
export class HttpRequest implements Request {
  readonly #head: RequestHead;
  readonly #from: RequestOrigin;
  readonly #body: RequestBody | null;
  #fields: RequestFields | null = null;
  #headers: RequestHeaders | null = null;
  #path: string | null = null;
  #signal: AbortSignal | null = null;
  #real: Request | null = null;
  /** Where `?` is in `#path`, or its length. */
  #pathEnd = 0;

  /** What the handler leaves for `onReply`, which is given the request; null at first. */
  note: unknown = null;

  /** Made by the server. */
  constructor(head: RequestHead, from: RequestOrigin, body: RequestBody | null) {
    this.#head = head;
    this.#from = from;
    this.#body = body;
  }

  // What costs little

  /** In upper case. */
  get method(): string {
    return this.#head.method;
  }

  /** The request target as it came: path and query, not normalised, or `*`. */
  get target(): string {
    return this.#head.target;
  }

  /** `"HTTP/1.1"` or `"HTTP/1.0"`. */
  get httpVersion(): string {
    return this.#head.minorVersion === 1 ? "HTTP/1.1" : "HTTP/1.0";
  }

  /** All that it says before its body, checked: for who passes it on. */
  get head(): RequestHead {
    return this.#head;
  }

  /** As `new URL(url).pathname`: dot segments are resolved, percent-encodings are left as they came. */
  get pathname(): string {
    const path = this.#pathAndQuery();
    return this.#pathEnd === path.length ? path : path.slice(0, this.#pathEnd);
  }

  /** As `new URL(url).search`: the query with its question mark, or nothing. */
  get search(): string {
    const path = this.#pathAndQuery();
    return this.#pathEnd >= path.length - 1 ? "" : path.slice(this.#pathEnd);
  }

  /** As `new URL(url).hostname`: lower case, IPv6 in brackets, without the port; empty where HTTP/1.0 names none. */
  get hostname(): string {
    return this.#head.host?.hostname ?? "";
  }

  /** A header field's value; lines of the same name are joined by commas. `name` in lower case. Null when absent. */
  header(name: string): string | null {
    if (this.#headers !== null) return this.#headers.get(name);
    return (this.#fields ??= new RequestFields(this.#head, this.#from.fields)).get(name);
  }

  /** Whether a body comes, be it an empty one. */
  get hasBody(): boolean {
    return this.#body !== null;
  }

  /** Octets of body as announced; null when it comes in chunks. 0 without a body. */
  get contentLength(): number | null {
    return this.#body === null ? 0 : this.#body.length;
  }

  /** More body than `bytes` makes its reader, and the request if that does not catch it, fail with 413. */
  limitBody(bytes: number): void {
    this.#body?.limit(bytes);
  }

  // What Request has

  /** As `new URL` would write it. */
  get url(): string {
    const path = this.#pathAndQuery();
    return (this.#head.host?.origin ?? this.#from.defaultOrigin) + (path === "*" ? "/*" : path);
  }

  /** Made when they are listed or changed; `get` and `has` cost little. */
  get headers(): Headers {
    return this.#headers ??= new RequestHeaders(
      this.#fields ??= new RequestFields(this.#head, this.#from.fields),
    );
  }

  /** Aborted when the client leaves before the reply is sent. */
  get signal(): AbortSignal {
    return this.#signal ??= this.#from.abortSignal();
  }

  /** The body as it comes; reading it slowly makes the client wait. Null when there is none. */
  get body(): ReadableStream<Uint8Array<ArrayBuffer>> | null {
    return this.#body?.stream() ?? null;
  }

  /** True once somebody reads the body. */
  get bodyUsed(): boolean {
    return this.#body?.used ?? false;
  }

  /** The whole body. Rejects with {@linkcode HttpError} 413 over the limit, 400 when it is malformed, 408 when it is too slow. */
  bytes(): Promise<Uint8Array<ArrayBuffer>> {
    return this.#body?.bytes() ?? Promise.resolve(new Uint8Array(0));
  }

  /** The whole body as UTF-8. */
  async text(): Promise<string> {
    return this.#body === null ? "" : decoder.decode(await this.#body.bytes());
  }

  /** See `Request`. */
  textStream(): ReadableStream<string> {
    return this.toRequest().textStream();
  }

  /** The whole body as JSON. Rejects with {@linkcode HttpError} 400 when it is none. */
  // deno-lint-ignore no-explicit-any
  async json(): Promise<any> {
    const text = await this.text();
    try {
      return JSON.parse(text);
    } catch (cause) {
      throw new HttpError(400, "Body is no JSON", { cause });
    }
  }

  /** See `Request`. */
  async arrayBuffer(): Promise<ArrayBuffer> {
    return (await this.bytes()).buffer;
  }

  /** See `Request`. */
  async blob(): Promise<Blob> {
    return new Blob([await this.bytes()], { type: this.header("content-type") ?? "" });
  }

  /** See `Request`. Rejects with {@linkcode HttpError} 400 when the body is no form. */
  async formData(): Promise<FormData> {
    const body = await this.bytes();
    const type = this.header("content-type");
    try {
      return await new Response(body, { headers: type === null ? {} : { "content-type": type } }).formData();
    } catch (cause) {
      throw new HttpError(400, "Body is no form", { cause });
    }
  }

  /** See `Request`. */
  clone(): Request {
    return this.toRequest().clone();
  }

  /** A real `Request` that takes over the body; always the same one. */
  toRequest(): Request {
    return this.#real ??= new Request(this.url, {
      method: this.method,
      headers: [...this.headers],
      body: this.method === "GET" || this.method === "HEAD" ? null : this.body,
      signal: this.signal,
    });
  }

  /** See `Request`; meaningless on a server. */
  get cache(): RequestCache {
    return "default";
  }
  /** See `Request`; meaningless on a server. */
  get credentials(): RequestCredentials {
    return "same-origin";
  }
  /** See `Request`; meaningless on a server. */
  get destination(): RequestDestination {
    return "";
  }
  /** See `Request`; meaningless on a server. */
  get duplex(): "half" {
    return "half";
  }
  /** See `Request`; meaningless on a server. */
  get integrity(): string {
    return "";
  }
  /** See `Request`; meaningless on a server. */
  get isHistoryNavigation(): boolean {
    return false;
  }
  /** See `Request`; meaningless on a server. */
  get isReloadNavigation(): boolean {
    return false;
  }
  /** See `Request`; meaningless on a server. */
  get keepalive(): boolean {
    return false;
  }
  /** See `Request`; meaningless on a server. */
  get mode(): RequestMode {
    return "cors";
  }
  /** See `Request`; meaningless on a server. */
  get redirect(): RequestRedirect {
    return "follow";
  }
  /** See `Request`; meaningless on a server. */
  get referrer(): string {
    return "about:client";
  }
  /** See `Request`; meaningless on a server. */
  get referrerPolicy(): ReferrerPolicy {
    return "";
  }

  #pathAndQuery(): string {
    if (this.#path !== null) return this.#path;
    const { target, plainTarget } = this.#head;
    if ((plainTarget && !target.includes("/.")) || target === "*") {
      this.#path = target;
    } else {
      const url = new URL(`http://localhost${target}`);
      this.#path = url.pathname + url.search;
    }
    const mark = this.#path.indexOf("?");
    this.#pathEnd = mark < 0 ? this.#path.length : mark;
    return this.#path;
  }
}

const decoder = new TextDecoder();

delegateSlots(HttpRequest.prototype, new Request("http://localhost/"), (request) => request.toRequest());
