import { Protocol } from "../protocol/protocol.ts";
import type { ConnectionClosed } from "../reactor/errors.ts";
import type { MemoryReactor } from "../reactor/memory/memory_reactor.ts";

/** What `send` writes at once: the service may answer it before more comes. */
const PIECE = 32 * 1024;

/** A client of what is tested: sends, and keeps what comes back. Made by `connect` of a running plugin. */
export class TestClient extends Protocol {
  readonly #reactor: MemoryReactor;
  readonly #chunks: Uint8Array[] = [];
  readonly #decoder = new TextDecoder();
  readonly #over: PromiseWithResolvers<ConnectionClosed> = Promise.withResolvers();
  #text = "";
  #reason: ConnectionClosed | null = null;
  #changed: PromiseWithResolvers<void> = Promise.withResolvers();

  /** One that is not connected yet. */
  constructor(reactor: MemoryReactor) {
    super();
    this.#reactor = reactor;
  }

  /** Send text or bytes, and let everything happen that follows without time or files. */
  async send(data: string | Uint8Array): Promise<void> {
    const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
    for (let at = 0; at < bytes.length; at += PIECE) {
      this.transport.write(bytes.subarray(at, at + PIECE));
      await this.#reactor.settle();
    }
  }

  /** The text that has come since the last call. */
  received(): string {
    const text = this.#text + this.#decode();
    this.#text = "";
    return text;
  }

  /** The bytes that have come since the last call. */
  receivedBytes(): Uint8Array {
    const bytes = new Uint8Array(this.#chunks.reduce((sum, chunk) => sum + chunk.length, 0));
    let at = 0;
    for (const chunk of this.#chunks.splice(0)) {
      bytes.set(chunk, at);
      at += chunk.length;
    }
    return bytes;
  }

  /**
   * Wait for `end`, and take the text up to and including it. For services that do real I/O, with files say: no
   * `send` waits for that.
   * @throws {Error} when the connection is over before that
   */
  async receivedUntil(end: string): Promise<string> {
    while (true) {
      this.#text += this.#decode();
      const at = this.#text.indexOf(end);
      if (at >= 0) {
        const taken = this.#text.slice(0, at + end.length);
        this.#text = this.#text.slice(taken.length);
        return taken;
      }
      if (this.#reason !== null) {
        const got = JSON.stringify(this.#text);
        throw new Error(`Cannot receive ${JSON.stringify(end)}: the connection is over after ${got}`, {
          cause: this.#reason,
        });
      }
      await this.#changed.promise;
    }
  }

  /** Whether the connection is over. */
  get closed(): boolean {
    return this.#reason !== null;
  }

  /** Why it is over; null while it is not. */
  get reason(): ConnectionClosed | null {
    return this.#reason;
  }

  /** Resolves when the connection is over, with why. */
  get whenClosed(): Promise<ConnectionClosed> {
    return this.#over.promise;
  }

  /** Close in order, and let everything happen that follows. */
  async close(): Promise<void> {
    this.transport.loseConnection();
    await this.#reactor.settle();
  }

  /** Called by the reactor. */
  override dataReceived(data: Uint8Array): void {
    this.#chunks.push(data);
    this.#notify();
  }

  /** Called by the reactor. */
  override connectionLost(reason: ConnectionClosed): void {
    this.#reason = reason;
    this.#over.resolve(reason);
    this.#notify();
  }

  #decode(): string {
    return this.#decoder.decode(this.receivedBytes(), { stream: true });
  }

  #notify(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}
