import { HttpError } from "./http_error.ts";

/** Unread body over which the peer is made to wait. */
const HIGH_WATER = 64 * 1024;
/** A body whose length is announced gets so much at first, and more as it comes: announcing costs nothing. */
const FIRST_BUFFER = 64 * 1024;

/** The connection that a body comes on. */
export interface BodySource {
  /** Somebody wants to read: hand over what is there already, and ask the client for the rest. */
  wanted(): void;
  /** `pushed` more than is read: stop for now. */
  pause(): void;
  /** Go on. */
  resume(): void;
}

/** `waiting` for a reader; then `collecting` it whole, `streaming` it, or `discarding` what comes. */
type Reader = "waiting" | "collecting" | "streaming" | "discarding";

/** A request's body on its way from the connection to whoever reads it. */
export class RequestBody {
  readonly #source: BodySource;
  /** As announced; null for chunks. */
  readonly length: number | null;
  #limit = Infinity;
  #reader: Reader = "waiting";
  #queue: Uint8Array<ArrayBuffer>[] = [];
  #queued = 0;
  #paused = false;
  #ended = false;
  #error: unknown = null;
  #stream: ReadableStream<Uint8Array<ArrayBuffer>> | null = null;
  #controller: ReadableByteStreamController | null = null;
  #collected: Uint8Array<ArrayBuffer> = empty;
  /** How much of `#collected` is used. */
  #size = 0;
  #settle: PromiseWithResolvers<Uint8Array<ArrayBuffer>> | null = null;

  /** Bytes that have come. */
  received = 0;

  constructor(source: BodySource, length: number | null) {
    this.#source = source;
    this.length = length;
  }

  get used(): boolean {
    return this.#reader !== "waiting";
  }

  /** Somebody has it, and may read it. */
  get touched(): boolean {
    return this.used || this.#stream !== null;
  }

  /** All of it has come. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Nobody reads on: what has come has to be read first, or was refused. */
  get paused(): boolean {
    return this.#paused;
  }

  /** The limit was passed, the client left, or the like. */
  get failed(): boolean {
    return this.#error !== null;
  }

  limit(bytes: number): void {
    this.#limit = Math.min(this.#limit, bytes);
    if (Math.max(this.received, this.length ?? 0) > bytes) this.fail(tooLarge(bytes));
  }

  // The connection's side

  /** A piece that is only lent. */
  push(chunk: Uint8Array): void {
    this.received += chunk.length;
    if (this.#error !== null) return;
    if (this.received > this.#limit) return this.fail(tooLarge(this.#limit));
    switch (this.#reader) {
      case "waiting":
        this.#queue.push(copyOf(chunk));
        this.#queued += chunk.length;
        if (this.#queued >= HIGH_WATER) this.#pause();
        break;
      case "collecting":
        this.#collect(chunk);
        break;
      case "streaming":
        this.#controller!.enqueue(copyOf(chunk));
        if ((this.#controller!.desiredSize ?? 0) <= -HIGH_WATER) this.#pause();
        break;
    }
  }

  end(): void {
    if (this.#ended || this.#error !== null) return;
    this.#ended = true;
    if (this.#reader === "collecting") this.#settle?.resolve(this.#whole());
    if (this.#reader === "streaming") this.#closeStream();
  }

  fail(error: unknown): void {
    if (this.#ended || this.#error !== null) return;
    this.#error = error;
    this.#queue = [];
    this.#settle?.reject(error);
    if (this.#reader === "streaming") this.#controller!.error(error);
  }

  /** The reply is sent: whatever else comes is of no interest. */
  discard(): void {
    this.#queue = [];
    if (!this.#ended && this.#error === null) {
      this.fail(new TypeError("Cannot read the request's body: it has been answered"));
    }
    this.#reader = "discarding";
    this.#resume();
  }

  // The reader's side

  async bytes(): Promise<Uint8Array<ArrayBuffer>> {
    this.#take("collecting");
    if (this.#error !== null) throw this.#error;
    for (const chunk of this.#queue) this.#collect(chunk);
    this.#queue = [];
    if (!this.#ended) {
      this.#source.wanted();
      this.#resume();
    }
    if (this.#error !== null) throw this.#error;
    if (this.#ended) return this.#whole();
    this.#settle = Promise.withResolvers();
    return await this.#settle.promise;
  }

  stream(): ReadableStream<Uint8Array<ArrayBuffer>> {
    return this.#stream ??= new ReadableStream<Uint8Array<ArrayBuffer>>({
      type: "bytes",
      start: (controller) => void (this.#controller = controller as ReadableByteStreamController),
      pull: () => this.#pull(),
      cancel: () => this.discard(),
    }, { highWaterMark: 0 });
  }

  #pull(): void {
    if (this.#reader === "waiting") {
      this.#reader = "streaming";
      for (const chunk of this.#queue) this.#controller!.enqueue(chunk);
      const had = this.#queue.length > 0;
      this.#queue = [];
      if (this.#error !== null) return this.#controller!.error(this.#error);
      if (this.#ended) return this.#closeStream();
      if (had) return;
    }
    this.#source.wanted();
    this.#resume();
  }

  #closeStream(): void {
    const controller = this.#controller!;
    controller.close();
    // A reader that brought its own buffer waits for this, too.
    controller.byobRequest?.respond(0);
  }

  #take(reader: Reader): void {
    if (this.#reader !== "waiting" || this.#stream?.locked) {
      throw new TypeError("Cannot read the request's body: it is read already");
    }
    this.#reader = reader;
  }

  #collect(chunk: Uint8Array): void {
    const before = this.#size;
    const size = this.#size = before + chunk.length;
    if (before === 0 && (this.length === null || chunk.length === this.length)) {
      // As a rule this is all of it.
      this.#collected = copyOf(chunk);
      return;
    }
    if (size > this.#collected.length) {
      const room = Math.max(size, FIRST_BUFFER, 4 * this.#collected.length);
      const larger = new Uint8Array(Math.min(this.length ?? Infinity, room));
      larger.set(this.#collected.subarray(0, before));
      this.#collected = larger;
    }
    this.#collected.set(chunk, before);
  }

  #whole(): Uint8Array<ArrayBuffer> {
    const whole = this.#collected;
    this.#collected = empty;
    return whole.length === this.#size ? whole : whole.slice(0, this.#size);
  }

  #pause(): void {
    if (this.#paused) return;
    this.#paused = true;
    this.#source.pause();
  }

  #resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#source.resume();
  }
}

const empty = new Uint8Array(0);

/** Faster than `slice`, which clears the memory before it copies. */
function copyOf(chunk: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(chunk);
}

function tooLarge(limit: number): HttpError {
  return new HttpError(413, `Body is longer than ${limit} bytes`);
}
