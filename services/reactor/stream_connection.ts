import type { Logger } from "../log.ts";
import { Protocol } from "../protocol/protocol.ts";
import { type Address, formatAddress } from "./address.ts";
import type { Connection } from "./connection.ts";
import type { ConnectionClosed } from "./errors.ts";

/** Chunks that wait for a reader before the peer is paused. */
const MOST_WAITING = 4;

/** A protocol that offers its connection as streams to a handler. */
export class StreamConnection extends Protocol implements Connection {
  readonly draining: AbortSignal;
  readonly #handler: (connection: Connection) => void | Promise<void>;
  readonly #log: Logger;
  readonly #settled: () => void;
  readonly #closed = new AbortController();
  readonly #chunks: Uint8Array[] = [];
  #ended = false;
  #reason: ConnectionClosed | null = null;
  #wake: () => void = () => {};
  #readable: ReadableStream<Uint8Array> | null = null;
  #writable: WritableStream<Uint8Array> | null = null;

  /** `settled` is called when the handler, which runs as soon as the connection stands, has settled. */
  constructor(
    handler: (connection: Connection) => void | Promise<void>,
    draining: AbortSignal,
    log: Logger,
    settled: () => void,
  ) {
    super();
    this.#handler = handler;
    this.draining = draining;
    this.#log = log;
    this.#settled = settled;
  }

  get peer(): Address {
    return this.transport.peer;
  }

  get host(): Address {
    return this.transport.host;
  }

  get closed(): AbortSignal {
    return this.#closed.signal;
  }

  get readable(): ReadableStream<Uint8Array> {
    return this.#readable ??= ReadableStream.from(this);
  }

  get writable(): WritableStream<Uint8Array> {
    return this.#writable ??= new WritableStream({
      write: (chunk) => this.write(chunk),
      close: () => this.transport.loseWriteConnection(),
      abort: () => this.transport.abortConnection("Writable stream was aborted"),
    });
  }

  async write(data: Uint8Array): Promise<void> {
    if (this.#reason !== null) throw this.#reason;
    this.transport.write(data);
    if (this.transport.bufferedBytes > data.length) await this.transport.drained();
    if (this.#reason !== null) throw this.#reason;
  }

  async close(): Promise<void> {
    this.#shut();
    if (this.#reason === null) {
      await new Promise<void>((resolve) =>
        this.closed.addEventListener("abort", () => resolve(), { once: true })
      );
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, void> {
    while (true) {
      const chunk = this.#chunks.shift();
      if (chunk !== undefined) {
        if (this.#chunks.length < MOST_WAITING) this.transport.resumeProducing();
        yield chunk;
      } else if (this.#reason?.clean === false) {
        throw this.#reason;
      } else if (this.#ended) {
        return;
      } else {
        await new Promise<void>((resolve) => this.#wake = resolve);
      }
    }
  }

  // Protocol

  override connectionMade(): void {
    this.#run();
  }

  override dataReceived(data: Uint8Array): void {
    this.#chunks.push(data);
    if (this.#chunks.length >= MOST_WAITING) this.transport.pauseProducing();
    this.#wake();
  }

  override readConnectionLost(): void {
    this.#ended = true;
    this.#wake();
  }

  override connectionLost(reason: ConnectionClosed): void {
    this.#ended = true;
    this.#reason = reason;
    this.#closed.abort(reason);
    this.#wake();
  }

  /** The handler has `draining` to see it by. */
  override drainRequested(): void {}

  async #run(): Promise<void> {
    try {
      await this.#handler(this);
      this.#shut();
    } catch (error) {
      if (error !== this.#reason) {
        this.#log.error("Connection handler failed", { peer: formatAddress(this.peer), error });
      }
      this.transport.abortConnection("Connection handler failed");
    }
    this.#settled();
  }

  /** Close in order. A peer whose end was not reached may be in the middle of sending. */
  #shut(): void {
    if (!this.#ended) this.transport.pauseProducing();
    this.transport.loseConnection();
  }
}
