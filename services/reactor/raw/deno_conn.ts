import type { Address } from "../address.ts";
import type { RawConn } from "../raw.ts";
import { fromDenoAddr } from "./_address.ts";

/** What is known of a connection better than its socket knows it. */
export interface KnownAddresses {
  readonly peer?: Address;
  readonly host?: Address;
}

/**
 * A `Deno.Conn` as a {@linkcode RawConn}. Reading and writing are the per-message path: they hand on Deno's
 * promise and add none of their own. Addresses are asked for when somebody wants them.
 */
export class DenoRawConn implements RawConn {
  readonly tls = null;
  #conn: Deno.TcpConn | Deno.UnixConn;
  #peer: Address | undefined;
  #host: Address | undefined;
  #closed = false;

  constructor(conn: Deno.TcpConn | Deno.UnixConn, known: KnownAddresses = {}) {
    this.#conn = conn;
    this.#peer = known.peer;
    this.#host = known.host;
  }

  get peer(): Address {
    return this.#peer ??= fromDenoAddr(this.#conn.remoteAddr);
  }

  get host(): Address {
    return this.#host ??= fromDenoAddr(this.#conn.localAddr);
  }

  read(buffer: Uint8Array): Promise<number | null> {
    return this.#conn.read(buffer);
  }

  write(data: Uint8Array): Promise<number> {
    return this.#conn.write(data);
  }

  closeWrite(): Promise<void> {
    return this.#conn.closeWrite();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#conn.close();
  }

  setNoDelay(noDelay: boolean): void {
    // A UNIX socket has no Nagle; a closed one no options.
    if ("setNoDelay" in this.#conn && !this.#closed) this.#conn.setNoDelay(noDelay);
  }
}
