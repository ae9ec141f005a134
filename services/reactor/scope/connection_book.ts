import type { Logger } from "../../log.ts";
import type { Factory } from "../../protocol/factory.ts";
import { type Address, formatAddress } from "../address.ts";
import type { Owner } from "../attribution.ts";
import type { ConnectionClosed } from "../errors.ts";
import type { StreamTransport, TransportEnvironment } from "../stream_transport.ts";
import { endUse } from "./factory_use.ts";

/** What has gone through a scope's connections. */
export interface ConnectionCounters {
  /** Open now. */
  readonly connections: number;
  /** Ever made. */
  readonly connectionsTotal: number;
  readonly bytesRead: number;
  readonly bytesWritten: number;
  /** Connections closed because a callback of their protocol threw. */
  readonly protocolErrors: number;
}

/** What only grows: it is kept of what is over. */
export type PastCounters = Omit<ConnectionCounters, "connections">;

/** The open connections of one scope, and the sums over those that are over. */
export class ConnectionBook {
  readonly environment: TransportEnvironment;
  readonly owner: Owner;
  readonly #log: Logger;
  readonly #open = new Set<StreamTransport>();
  readonly #onEmpty: () => void;
  #total = 0;
  #bytesRead = 0;
  #bytesWritten = 0;
  #protocolErrors = 0;

  constructor(environment: TransportEnvironment, owner: Owner, log: Logger, onEmpty: () => void) {
    this.environment = environment;
    this.owner = owner;
    this.#log = log;
    this.#onEmpty = onEmpty;
  }

  get size(): number {
    return this.#open.size;
  }

  [Symbol.iterator](): IterableIterator<StreamTransport> {
    return this.#open.values();
  }

  add(transport: StreamTransport): void {
    this.#total++;
    this.#open.add(transport);
  }

  remove(transport: StreamTransport, reason: ConnectionClosed): void {
    if (!this.#open.delete(transport)) return;
    this.#bytesRead += transport.bytesRead;
    this.#bytesWritten += transport.bytesWritten;
    if (!reason.clean) {
      this.#log.debug(reason.message, { event: "connection lost", peer: formatAddress(transport.peer) });
    }
    if (this.#open.size === 0) this.#onEmpty();
  }

  /** Keep the sums of something that is over. */
  absorb(past: PastCounters): void {
    this.#total += past.connectionsTotal;
    this.#bytesRead += past.bytesRead;
    this.#bytesWritten += past.bytesWritten;
    this.#protocolErrors += past.protocolErrors;
  }

  /** A listener or connection of `factory` is done. */
  endUse(factory: Factory): void {
    try {
      endUse(factory);
    } catch (error) {
      this.#log.error("Factory threw an exception when it was stopped", { error });
    }
  }

  protocolThrew(error: unknown, peer: Address): void {
    this.#protocolErrors++;
    this.#log.error("Protocol threw an exception: its connection is closed", {
      peer: formatAddress(peer),
      error,
    });
  }

  counters(): ConnectionCounters {
    let bytesRead = this.#bytesRead;
    let bytesWritten = this.#bytesWritten;
    for (const transport of this.#open) {
      bytesRead += transport.bytesRead;
      bytesWritten += transport.bytesWritten;
    }
    return {
      connections: this.#open.size,
      connectionsTotal: this.#total,
      bytesRead,
      bytesWritten,
      protocolErrors: this.#protocolErrors,
    };
  }
}
