import type { Socket } from "node:net";
import type { Address } from "../address.ts";
import { ConnectionLost } from "../errors.ts";
import type { RawConn } from "../raw.ts";
import type { TlsInfo } from "../transport.ts";
import { plainHostname } from "./_address.ts";
import type { KnownAddresses } from "./deno_conn.ts";

/** What a {@linkcode NodeRawConn} cannot ask its socket for. */
export interface KnownOfSocket extends KnownAddresses {
  readonly tls?: TlsInfo;
  /** At the peer's end: whether the peer had announced it (close_notify). Absent: taken for granted. */
  readonly endedInOrder?: () => boolean;
  /** Nagle's algorithm of the socket beneath, where this is not the one that has it. */
  readonly setNoDelay?: (noDelay: boolean) => void;
  /** Stop and go on receiving, where that is not the socket's own business. Little may still come after a stop. */
  readonly pause?: () => void;
  readonly resume?: () => void;
}

/** A read or write under way. */
interface Waiting {
  readonly bytes: Uint8Array;
  readonly resolve: (count: number | null) => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * A socket of `node:net` or `node:tls` as a {@linkcode RawConn}. The socket flows while reads wait for it; a
 * chunk that nobody waits for is kept, and the flow paused: no more than that chunk is held here, the one that
 * was on its way, and the socket's high-water mark behind it.
 *
 * The socket should be made with `allowHalfOpen`, or the peer's end closes both directions.
 */
export class NodeRawConn implements RawConn {
  readonly peer: Address;
  readonly host: Address;
  readonly tls: TlsInfo | null;
  #socket: Socket;
  #setNoDelay: (noDelay: boolean) => void;
  #pause: () => void;
  #resume: () => void;
  #reader: Waiting | null = null;
  #writer: Waiting | null = null;
  /** What came and was not read yet. */
  #chunks: Uint8Array[] = [];
  #paused = false;
  #ended = false;
  /** Why there is nothing more to read or write, once that is so. */
  #lost: unknown = null;

  constructor(socket: Socket, known: KnownOfSocket = {}) {
    this.#socket = socket;
    this.peer = known.peer ?? inetAddress(socket.remoteAddress, socket.remotePort);
    this.host = known.host ?? inetAddress(socket.localAddress, socket.localPort);
    this.tls = known.tls ?? null;
    this.#setNoDelay = known.setNoDelay ?? ((noDelay) => void socket.setNoDelay(noDelay));
    this.#pause = known.pause ?? (() => void socket.pause());
    this.#resume = known.resume ?? (() => void socket.resume());
    // Made to wait (`pauseOnConnect`) for the first read.
    this.#paused = socket.isPaused();
    socket.on("data", (chunk: Uint8Array) => this.#received(chunk));
    socket.on("end", () => this.#end(known.endedInOrder?.() ?? true));
    socket.on("error", (error) => this.#lose(error));
    socket.on("close", () => this.#lose(new ConnectionLost()));
  }

  read(buffer: Uint8Array): Promise<number | null> {
    const chunk = this.#chunks.shift();
    if (chunk !== undefined) return Promise.resolve(this.#take(chunk, buffer));
    if (this.#ended) return Promise.resolve(null);
    if (this.#lost !== null) return Promise.reject(this.#lost);
    return new Promise((resolve, reject) => {
      this.#reader = { bytes: buffer, resolve, reject };
      this.#flow();
    });
  }

  write(data: Uint8Array): Promise<number> {
    if (this.#lost !== null) return Promise.reject(this.#lost);
    return new Promise<number | null>((resolve, reject) => {
      this.#writer = { bytes: data, resolve, reject };
      this.#socket.write(data, this.#written);
    }) as Promise<number>;
  }

  closeWrite(): Promise<void> {
    if (this.#lost !== null) return Promise.reject(this.#lost);
    return new Promise((resolve, reject) => {
      const fail = () => reject(this.#lost);
      this.#socket.once("close", fail);
      this.#socket.end(() => {
        this.#socket.off("close", fail);
        resolve();
      });
    });
  }

  close(): void {
    if (this.#socket.destroyed) return;
    const idle = this.#writer === null;
    this.#chunks = [];
    this.#lose(new ConnectionLost("Connection is closed"));
    // TLS says good-bye (close_notify), unless it would have to wait for a peer that does not read.
    if (this.tls !== null && idle) this.#socket.destroySoon();
    else this.#socket.destroy();
  }

  setNoDelay(noDelay: boolean): void {
    if (!this.#socket.destroyed) this.#setNoDelay(noDelay);
  }

  #received(chunk: Uint8Array): void {
    if (this.#lost !== null || chunk.length === 0) return;
    const reader = this.#reader;
    if (reader === null) {
      this.#chunks.push(chunk);
      this.#stop();
      return;
    }
    this.#reader = null;
    reader.resolve(this.#take(chunk, reader.bytes));
  }

  /** Move what fits into `buffer`; the rest comes first next time. */
  #take(chunk: Uint8Array, buffer: Uint8Array): number {
    const count = Math.min(chunk.length, buffer.length);
    buffer.set(chunk.length > count ? chunk.subarray(0, count) : chunk);
    if (chunk.length > count) {
      this.#chunks.unshift(chunk.subarray(count));
      this.#stop();
    }
    return count;
  }

  #stop(): void {
    if (this.#paused) return;
    this.#paused = true;
    this.#pause();
  }

  #flow(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#resume();
  }

  readonly #written = (error?: Error | null): void => {
    const writer = this.#writer;
    this.#writer = null;
    if (error) this.#lose(error);
    if (error) writer?.reject(error);
    else writer?.resolve(writer.bytes.length);
  };

  #end(inOrder: boolean): void {
    if (!inOrder) {
      this.#lose(new ConnectionLost("Connection ended without close_notify; what came may be cut short"));
      return;
    }
    this.#ended = true;
    this.#reader?.resolve(null);
    this.#reader = null;
  }

  #lose(reason: unknown): void {
    this.#lost ??= reason;
    this.#reader?.reject(this.#lost);
    this.#writer?.reject(this.#lost);
    this.#reader = this.#writer = null;
  }
}

function inetAddress(hostname: string | undefined, port: number | undefined): Address {
  return { transport: "tcp", hostname: plainHostname(hostname ?? ""), port: port ?? 0 };
}
