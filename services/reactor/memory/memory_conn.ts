import type { Address } from "../address.ts";
import type { RawConn } from "../raw.ts";
import type { TlsInfo } from "../transport.ts";
import { MemoryPipe } from "./memory_pipe.ts";

/** One end of a connection in memory. */
export class MemoryConn implements RawConn {
  readonly #input: MemoryPipe;
  readonly #output: MemoryPipe;
  #closed = false;

  constructor(
    readonly host: Address,
    readonly peer: Address,
    input: MemoryPipe,
    output: MemoryPipe,
    readonly tls: TlsInfo | null = null,
  ) {
    this.#input = input;
    this.#output = output;
  }

  read(buffer: Uint8Array): Promise<number | null> {
    return this.#input.read(buffer);
  }

  write(data: Uint8Array): Promise<number> {
    return this.#output.write(data);
  }

  closeWrite(): Promise<void> {
    this.#output.end();
    return Promise.resolve();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#output.end();
    this.#input.break();
  }

  setNoDelay(): void {}
}

/** The two ends of a new connection: the client's, then the server's. */
export function memoryPair(client: Address, server: Address, tls: TlsInfo | null): [MemoryConn, MemoryConn] {
  const there = new MemoryPipe();
  const back = new MemoryPipe();
  return [new MemoryConn(client, server, back, there, tls), new MemoryConn(server, client, there, back, tls)];
}
