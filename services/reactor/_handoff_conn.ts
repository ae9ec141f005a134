import type { Address } from "./address.ts";
import type { RawConn } from "./raw.ts";
import type { TlsInfo } from "./transport.ts";

/**
 * A raw connection in the hands of a TLS handshake, while a read that its transport had begun may still
 * be under way: what that brings comes first.
 */
export class HandoffConn implements RawConn {
  readonly #raw: RawConn;
  /** The outcome of the transport's own read; null when it had begun none. */
  #first: PromiseWithResolvers<Uint8Array | null> | null;
  #rest: Uint8Array | null = null;

  constructor(raw: RawConn, readUnderWay: boolean) {
    this.#raw = raw;
    this.#first = readUnderWay ? Promise.withResolvers() : null;
    this.#first?.promise.catch(() => {});
  }

  get peer(): Address {
    return this.#raw.peer;
  }

  get host(): Address {
    return this.#raw.host;
  }

  get tls(): TlsInfo | null {
    return this.#raw.tls;
  }

  deliver(chunk: Uint8Array): void {
    this.#first?.resolve(chunk);
  }

  end(): void {
    this.#first?.resolve(null);
  }

  fail(error: unknown): void {
    this.#first?.reject(error);
  }

  read(buffer: Uint8Array): Promise<number | null> {
    if (this.#rest !== null) return Promise.resolve(this.#takeRest(buffer));
    if (this.#first === null) return this.#raw.read(buffer);
    return this.#first.promise.then((chunk) => {
      this.#first = null;
      this.#rest = chunk;
      return chunk === null ? null : this.#takeRest(buffer);
    });
  }

  write(data: Uint8Array): Promise<number> {
    return this.#raw.write(data);
  }

  closeWrite(): Promise<void> {
    return this.#raw.closeWrite();
  }

  close(): void {
    this.#raw.close();
    this.fail(new Deno.errors.BadResource("Connection was closed"));
  }

  setNoDelay(noDelay: boolean): void {
    this.#raw.setNoDelay(noDelay);
  }

  #takeRest(buffer: Uint8Array): number {
    const rest = this.#rest!;
    const size = Math.min(rest.length, buffer.length);
    buffer.set(rest.subarray(0, size));
    this.#rest = size < rest.length ? rest.subarray(size) : null;
    return size;
  }
}
