import type { DelayedCall, ReactorTime } from "../async/time.ts";
import { Reply, type ReplyHeaders } from "./reply.ts";

/** One event of a stream (HTML standard, section 9.2). A line break in `data` is kept; in the others it is an error. */
export interface ServerSentEvent {
  /** What `event.data` is in the browser. */
  readonly data: string;
  /** The event's type, default `message`. */
  readonly event?: string;
  /** What the browser sends as `last-event-id` when it comes back. */
  readonly id?: string;
  /** Milliseconds after which the browser comes back when the connection is lost. */
  readonly retry?: number;
}

/** How events are streamed. */
export interface EventStreamOptions {
  /** Header fields besides `content-type` and `cache-control`. */
  readonly headers?: ReplyHeaders;
  /** With it, a comment is sent after `keepAlive` ms without an event: proxies cut silent connections. */
  readonly time?: ReactorTime;
  /** Milliseconds, default 15,000. */
  readonly keepAlive?: number;
}

const comment = ":\n\n";

/**
 * A reply that streams events to an `EventSource`; a string is an event with that data. It goes on while the
 * service drains, until the deadline: a source that should end sooner ends itself. When the client leaves,
 * the source's `return` is called.
 *
 * @example
 * ```ts
 * import { eventStream, type Handler } from "@heddle/heddle/http";
 *
 * const count: Handler = () =>
 *   eventStream((async function* () {
 *     for (let n = 1; n <= 3; n++) yield { event: "count", data: String(n) };
 *   })());
 * ```
 */
export function eventStream(
  source: AsyncIterable<ServerSentEvent | string>,
  options: EventStreamOptions = {},
): Reply {
  return new Reply(new EventBody(source, options), { headers: options.headers ?? {} }).withHeaders({
    "content-type": "text/event-stream",
    "cache-control": "no-store",
  });
}

/** `event` as it is sent. */
export function formatEvent(event: ServerSentEvent | string): string {
  if (typeof event === "string") return `data: ${event.replaceAll(/\r\n|\r|\n/g, "\ndata: ")}\n\n`;
  let lines = "";
  if (event.event !== undefined) lines += field("event", event.event);
  if (event.id !== undefined) lines += field("id", event.id);
  if (event.retry !== undefined) lines += field("retry", String(Math.round(event.retry)));
  return lines + formatEvent(event.data);
}

function field(name: string, value: string): string {
  if (/[\r\n\0]/.test(value)) throw new TypeError(`Cannot send event: its ${name} has a line break or NUL`);
  return `${name}: ${value}\n`;
}

/** The events of a source as text, with comments in its silences. */
class EventBody implements AsyncIterable<string>, AsyncIterator<string> {
  readonly #iterator: AsyncIterator<ServerSentEvent | string>;
  readonly #time: ReactorTime | null;
  readonly #keepAlive: number;
  /** The source's next event, asked for and not yet there. */
  #pending: Promise<IteratorResult<ServerSentEvent | string>> | null = null;

  constructor(source: AsyncIterable<ServerSentEvent | string>, options: EventStreamOptions) {
    this.#iterator = source[Symbol.asyncIterator]();
    this.#time = options.time ?? null;
    this.#keepAlive = options.keepAlive ?? 15_000;
  }

  [Symbol.asyncIterator](): AsyncIterator<string> {
    return this;
  }

  async next(): Promise<IteratorResult<string>> {
    const pending = this.#pending ??= this.#iterator.next();
    const result = this.#time === null ? await pending : await this.#orSilence(this.#time, pending);
    if (result === null) return { done: false, value: comment };
    this.#pending = null;
    if (result.done) return { done: true, value: undefined };
    return { done: false, value: formatEvent(result.value) };
  }

  return(): Promise<IteratorResult<string>> {
    // Not awaited: a generator that waits for something returns only when that has come.
    Promise.try(() => this.#iterator.return?.()).catch(() => {});
    return Promise.resolve({ done: true, value: undefined });
  }

  /** What `pending` brings, or null when that takes too long. */
  async #orSilence<T>(time: ReactorTime, pending: Promise<T>): Promise<T | null> {
    const silence = Promise.withResolvers<null>();
    const call: DelayedCall = time.callLater(this.#keepAlive, () => silence.resolve(null));
    try {
      return await Promise.race([pending, silence.promise]);
    } finally {
      call.cancel();
    }
  }
}
