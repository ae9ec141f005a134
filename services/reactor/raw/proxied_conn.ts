import type { Address } from "../address.ts";
import type { RawConn } from "../raw.ts";
import type { TlsInfo } from "../transport.ts";

/** A connection as its proxy describes it, with the bytes that came along with the description. */
export class ProxiedConn implements RawConn {
  readonly peer: Address;
  readonly host: Address;
  readonly #raw: RawConn;
  #rest: Uint8Array;

  constructor(raw: RawConn, peer: Address | null, host: Address | null, rest: Uint8Array) {
    this.#raw = raw;
    this.peer = peer ?? raw.peer;
    this.host = host ?? raw.host;
    this.#rest = rest;
  }

  get tls(): TlsInfo | null {
    return this.#raw.tls;
  }

  read(buffer: Uint8Array): Promise<number | null> {
    if (this.#rest.length === 0) return this.#raw.read(buffer);
    const part = this.#rest.subarray(0, buffer.length);
    buffer.set(part);
    this.#rest = this.#rest.subarray(part.length);
    return Promise.resolve(part.length);
  }

  write(data: Uint8Array): Promise<number> {
    return this.#raw.write(data);
  }

  closeWrite(): Promise<void> {
    return this.#raw.closeWrite();
  }

  close(): void {
    this.#raw.close();
  }

  setNoDelay(noDelay: boolean): void {
    this.#raw.setNoDelay(noDelay);
  }
}
