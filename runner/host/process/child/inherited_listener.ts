import { Socket } from "node:net";
import type { Address } from "../../../../services/reactor/address.ts";
import { ConnectionLost } from "../../../../services/reactor/errors.ts";
import type { RawConn, RawListener } from "../../../../services/reactor/raw.ts";
import { NodeRawConn } from "../../../../services/reactor/raw/node_conn.ts";
import { HANDLE, handleClass, nativeRawConn, type StreamHandle } from "./native_conns.ts";

/** Connections accepted without a look at other sockets. */
const MOST_AT_ONCE = 64;

/** What an inherited listener asks of the runner. */
export interface Inheritance {
  readonly host: Address;
  readonly backlog: number;
  /** The listening socket, anew: it is the runner's, and shared with other processes. */
  receive(): Promise<StreamHandle>;
}

/**
 * A listening socket that the runner holds and this process accepts on. Nothing is taken off its queue but what
 * `accept` asks for: what is left there is for siblings and successors. While nobody asks, the process lets go of
 * its copy of the socket, because the runtime would take one connection ahead.
 */
export class InheritedListener implements RawListener {
  readonly #inheritance: Inheritance;
  readonly #tcp: boolean;
  #handle: StreamHandle | null;
  #listening = false;
  #receiving = false;
  #waiting: PromiseWithResolvers<RawConn> | null = null;
  /** How many times `accept` was called. */
  #asked = 0;
  /** The runtime has taken a connection that nobody asked for. */
  #ahead = false;
  /** It, while there is no socket to take it from. */
  #held: RawConn | null = null;
  #atOnce = 0;
  #closed = false;

  constructor(inheritance: Inheritance, handle: StreamHandle) {
    this.#inheritance = inheritance;
    this.#handle = handle;
    this.#tcp = inheritance.host.transport === "tcp";
  }

  get host(): Address {
    return this.#inheritance.host;
  }

  accept(): Promise<RawConn> {
    if (this.#closed) return Promise.reject(closed());
    this.#asked++;
    const held = this.#held;
    if (held !== null) {
      this.#held = null;
      return Promise.resolve(held);
    }
    const waiting = this.#waiting = Promise.withResolvers<RawConn>();
    if (this.#handle === null) this.#receive();
    else if (!this.#listening) this.#listen(this.#handle);
    else this.#take();
    return waiting.promise;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#letGo();
    this.#held?.close();
    this.#waiting?.reject(closed());
    this.#waiting = null;
  }

  #listen(handle: StreamHandle): void {
    this.#listening = true;
    handle.onconnection = () => {
      if (this.#waiting === null) this.#ahead = true;
      else this.#take();
    };
    const error = handle.listen(this.#inheritance.backlog);
    if (error !== 0) return this.#fail(new Error(`the system refuses to listen on the socket (${error})`));
    this.#take();
  }

  /** Give whoever waits the next connection, if there is one. */
  #take(): void {
    const waiting = this.#waiting;
    if (waiting === null || this.#handle === null) return;
    if (++this.#atOnce > MOST_AT_ONCE) {
      this.#atOnce = 0;
      return void setTimeout(() => this.#take(), 0);
    }
    const conn = this.#takeOne(this.#handle);
    if (conn === null) {
      // Nothing is queued, or a sibling was faster: `onconnection` tells of the next.
      this.#atOnce = 0;
      return;
    }
    this.#waiting = null;
    waiting.resolve(conn);
    // By then, whoever wants another has asked for it.
    const asked = this.#asked;
    queueMicrotask(() =>
      queueMicrotask(() => {
        if (this.#asked === asked) this.#letGo();
      })
    );
  }

  #takeOne(from: StreamHandle): RawConn | null {
    const handle = new (handleClass(this.#tcp ? "tcp" : "unix"))(HANDLE.socket);
    this.#ahead = false;
    if (from.accept(handle) === 0) return this.#connOf(handle);
    handle.close();
    return null;
  }

  #connOf(handle: StreamHandle): RawConn {
    const native = this.#tcp ? nativeRawConn(handle) : null;
    if (native !== null) return native;
    const socket = new Socket({ handle, allowHalfOpen: true, pauseOnCreate: true } as object);
    socket.pause();
    return new NodeRawConn(
      socket,
      this.#tcp ? {} : { host: this.host, peer: { transport: "unix", path: "" } },
    );
  }

  #letGo(): void {
    if (this.#handle === null) return;
    if (this.#ahead) this.#held = this.#takeOne(this.#handle);
    this.#handle.close();
    this.#handle = null;
    this.#listening = false;
  }

  #receive(): void {
    if (this.#receiving) return;
    this.#receiving = true;
    this.#inheritance.receive().then(
      (handle) => {
        this.#receiving = false;
        if (this.#closed) return handle.close();
        this.#handle = handle;
        if (this.#waiting !== null) this.#listen(handle);
      },
      (error) => {
        this.#receiving = false;
        this.#fail(error);
      },
    );
  }

  #fail(error: unknown): void {
    this.#waiting?.reject(error);
    this.#waiting = null;
  }
}

function closed(): ConnectionLost {
  return new ConnectionLost("Listener is closed");
}
