import type { Address } from "../address.ts";
import { ConnectionLost } from "../errors.ts";
import type { RawConn, RawListener } from "../raw.ts";
import { AcceptQueue } from "./_accept_queue.ts";

/** Where bytes come from and go to, with the shape of `Deno.stdin` and `Deno.stdout`. */
export interface StandardStreams {
  readonly stdin: { read(buffer: Uint8Array): Promise<number | null>; close(): void };
  readonly stdout: { write(data: Uint8Array): Promise<number>; close(): void };
}

const STDIO = { transport: "stdio" } as const;

/** Standard input and output as one connection. Closing it closes both. */
export class StdioRawConn implements RawConn {
  readonly peer: Address = STDIO;
  readonly host: Address = STDIO;
  readonly tls = null;
  #streams: StandardStreams;
  #open = { stdin: true, stdout: true };
  /** Rejects the read and the write under way. */
  #underWay = new Set<(reason: unknown) => void>();

  constructor(streams: StandardStreams = Deno) {
    this.#streams = streams;
  }

  read(buffer: Uint8Array): Promise<number | null> {
    if (!this.#open.stdin) return Promise.reject(new ConnectionLost("Standard input is closed"));
    return this.#untilClosed(this.#streams.stdin.read(buffer));
  }

  write(data: Uint8Array): Promise<number> {
    if (!this.#open.stdout) return Promise.reject(new ConnectionLost("Standard output is closed"));
    return this.#untilClosed(this.#streams.stdout.write(data));
  }

  closeWrite(): Promise<void> {
    this.#closeStdout();
    return Promise.resolve();
  }

  close(): void {
    if (this.#open.stdin) {
      this.#open.stdin = false;
      this.#streams.stdin.close();
    }
    this.#closeStdout();
    for (const reject of this.#underWay) reject(new ConnectionLost("Connection is closed"));
  }

  setNoDelay(): void {}

  /** A read of a terminal or a pipe cannot be called back: once closed, nobody waits for it. */
  #untilClosed<T>(operation: Promise<T>): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    this.#underWay.add(reject);
    operation.then(resolve, reject).finally(() => this.#underWay.delete(reject));
    return promise;
  }

  #closeStdout(): void {
    if (!this.#open.stdout) return;
    this.#open.stdout = false;
    this.#streams.stdout.close();
  }
}

/** Accepts one connection, made of standard input and output, and no other. */
export function listenStdio(streams: StandardStreams = Deno): RawListener {
  const queue = new AcceptQueue<RawConn>((conn) => conn.close());
  queue.put(new StdioRawConn(streams));
  return {
    host: STDIO,
    accept: () => queue.take(),
    close: () => queue.close(),
  };
}
