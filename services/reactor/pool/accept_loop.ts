import type { DelayedCall, ReactorTime } from "../../async/time.ts";
import type { ReadGate } from "../_read_gate.ts";
import type { Address } from "../address.ts";
import type { RawConn, RawListener } from "../raw.ts";
import type { PooledSocket } from "./pooled_socket.ts";

/** Connections that wait here for a successor; more wait in the kernel's queue. */
const MOST_HELD = 1_024;
/** Pause after a failing accept (no descriptors left, say), ms. */
const RETRY_AFTER = 100;
/** Polls of the system for which a listener about to close goes on accepting: twice what a full queue takes. */
const MOST_POLLS = 64;
/**
 * Polls without a connection that show its queue to be empty. One does not: after each the runtime serves 128
 * of the sockets that are ready, and the listener waits in line with the others.
 */
const EMPTY_POLLS = 8;

/** Takes the connections of a listener. */
export interface Acceptor {
  /** No more for now: they wait in the kernel's queue until `resume`. */
  readonly full: boolean;
  accept(conn: RawConn): void;
}

/** What an accept loop uses of its reactor. */
export interface AcceptLoopEnvironment {
  readonly time: ReactorTime;
  readonly gate: ReadGate;
  afterPoll(fn: () => void): void;
  /** Accepting fails, and will be tried again. */
  acceptFailed(host: Address, error: unknown): void;
}

/** A listening socket with its one pending `accept`. */
export class AcceptLoop implements PooledSocket<Acceptor> {
  readonly #raw: RawListener;
  readonly #environment: AcceptLoopEnvironment;
  readonly #held: RawConn[] = [];
  #acceptor: Acceptor | null = null;
  #pending = false;
  #closed = false;
  #retry: DelayedCall | null = null;
  /** Called when the last `accept` of the closed socket has come back. */
  #gone: () => void = () => {};
  #accepted = 0;

  constructor(raw: RawListener, environment: AcceptLoopEnvironment) {
    this.#raw = raw;
    this.#environment = environment;
  }

  get host(): Address {
    return this.#raw.host;
  }

  attach(acceptor: Acceptor): void {
    this.#acceptor = acceptor;
    this.resume();
  }

  detach(): void {
    this.#acceptor = null;
    this.#accept();
  }

  resume(): void {
    while (this.#held.length > 0 && this.#acceptor?.full === false) {
      this.#acceptor.accept(this.#held.shift()!);
    }
    this.#accept();
  }

  async takeQueued(): Promise<void> {
    let accepted = this.#accepted;
    let empty = 0;
    for (let poll = 0; poll < MOST_POLLS && empty < EMPTY_POLLS && this.#pending; poll++) {
      await new Promise<void>((resolve) => this.#environment.afterPoll(resolve));
      empty = accepted === this.#accepted ? empty + 1 : 0;
      accepted = this.#accepted;
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#raw.close();
    for (const conn of this.#held.splice(0)) conn.close();
    if (this.#retry !== null) return this.#retry.cancel();
    // Until then the system keeps the port.
    if (this.#pending) await new Promise<void>((resolve) => this.#gone = resolve);
  }

  #accept(): void {
    if (this.#pending || this.#closed) return;
    if (this.#acceptor === null ? this.#held.length >= MOST_HELD : this.#acceptor.full) return;
    this.#pending = true;
    this.#raw.accept().then(this.#onAccepted, this.#onError);
  }

  readonly #onAccepted = (conn: RawConn): void => {
    this.#pending = false;
    this.#accepted++;
    if (this.#closed) {
      conn.close();
      return this.#gone();
    }
    this.#environment.gate.accepted();
    if (this.#acceptor === null) this.#held.push(conn);
    else this.#acceptor.accept(conn);
    this.#accept();
  };

  readonly #onError = (error: unknown): void => {
    if (this.#closed) return this.#gone();
    this.#environment.acceptFailed(this.host, error);
    this.#retry = this.#environment.time.callLater(RETRY_AFTER, () => {
      this.#retry = null;
      this.#pending = false;
      this.#accept();
    });
  };
}
