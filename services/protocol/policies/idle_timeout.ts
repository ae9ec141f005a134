import type { DelayedCall, ReactorTime } from "../../async/time.ts";
import type { ConnectionClosed } from "../../reactor/errors.ts";
import type { Transport } from "../../reactor/transport.ts";
import type { Factory, FactoryLike } from "../factory.ts";
import type { Protocol } from "../protocol.ts";
import { ProtocolWrapper, wrapFactory } from "../protocol_wrapper.ts";

/** How often a connection is looked at within its timeout. */
const looksPerTimeout = 8;

/**
 * Abort connections over which no byte has gone in either direction for `ms` milliseconds; at the latest
 * a quarter of that later. One timer serves all connections of the factory, and reading and writing cost
 * nothing more: their counters are compared.
 *
 * @throws {RangeError} when `ms` is not a positive number
 */
export function idleTimeout<P extends Protocol>(
  factory: FactoryLike<P>,
  ms: number,
  time: ReactorTime,
): Factory<ProtocolWrapper<P>> {
  if (!(ms > 0 && ms < Infinity)) {
    throw new RangeError(
      `Cannot time out idle connections: "${ms}" is not a positive number of milliseconds`,
    );
  }
  const sweep = new IdleSweep(ms, time);
  return wrapFactory(factory, (inner) => new IdleProtocol(inner, sweep));
}

/** What the sweep remembers of a connection. */
interface Watched {
  readonly transport: Transport;
  /** Bytes read and written when last looked at. */
  traffic: number;
  /** When `traffic` was seen to have changed. */
  lastSeen: number;
}

class IdleSweep {
  readonly #ms: number;
  readonly #time: ReactorTime;
  readonly #watched = new Set<Watched>();
  #next: DelayedCall | null = null;

  constructor(ms: number, time: ReactorTime) {
    this.#ms = ms;
    this.#time = time;
  }

  watch(transport: Transport): Watched {
    const watched = { transport, traffic: trafficOf(transport), lastSeen: this.#time.now() };
    this.#watched.add(watched);
    this.#next ??= this.#time.callLater(this.#ms / looksPerTimeout, this.#look);
    return watched;
  }

  forget(watched: Watched): void {
    this.#watched.delete(watched);
    if (this.#watched.size > 0) return;
    this.#next?.cancel();
    this.#next = null;
  }

  readonly #look = (): void => {
    // Arranged first: what an abort brings about may empty the set and cancel it.
    this.#next = this.#time.callLater(this.#ms / looksPerTimeout, this.#look);
    const now = this.#time.now();
    for (const watched of this.#watched) {
      const traffic = trafficOf(watched.transport);
      if (traffic !== watched.traffic) {
        watched.traffic = traffic;
        watched.lastSeen = now;
      } else if (now - watched.lastSeen >= this.#ms) {
        watched.transport.abortConnection(`Connection was idle for ${this.#ms / 1000} s`);
      }
    }
  };
}

class IdleProtocol<P extends Protocol> extends ProtocolWrapper<P> {
  readonly #sweep: IdleSweep;
  #watched: Watched | null = null;

  constructor(inner: P, sweep: IdleSweep) {
    super(inner);
    this.#sweep = sweep;
  }

  override makeConnection(transport: Transport): void {
    this.#watched = this.#sweep.watch(transport);
    super.makeConnection(transport);
  }

  override connectionLost(reason: ConnectionClosed): void {
    if (this.#watched !== null) this.#sweep.forget(this.#watched);
    super.connectionLost(reason);
  }
}

function trafficOf(transport: Transport): number {
  return transport.bytesRead + transport.bytesWritten;
}
