import type { ServiceSpec } from "../../services/application_spec.ts";
import type { Address } from "../../services/reactor/address.ts";
import type { Leadership } from "../../services/registry/registry.ts";
import type { Ending } from "../../services/service_life.ts";

export type { Ending };

/** How an instance is to be stopped. */
export interface StopOrder {
  /** Milliseconds for the drain; then `signal` is aborted and what is left is cut. 0 cuts at once. */
  readonly within: number;
  /** Milliseconds for which its listening sockets stay open for a successor; 0 closes them. */
  readonly hold: number;
}

/** What a stop could not end in time, in words that name it; empty after a clean stop. */
export interface StopReport {
  readonly leftovers: readonly string[];
}

/** What can be counted of an instance. */
export interface InstanceStats {
  readonly endpoints: readonly Address[];
  readonly connections: number;
  readonly bytesRead: number;
  readonly bytesWritten: number;
  /** Of a service in a process of its own; of the first of several. */
  readonly pid?: number;
  readonly replicas?: { readonly ready: number; readonly wanted: number; readonly pids: readonly number[] };
  /** CPU time of its own processes, seconds. */
  readonly cpu?: number;
  /** Resident memory of its own processes, bytes. */
  readonly memory?: number;
}

/** One life of a service: made, started once, ended once. */
export interface Instance {
  /**
   * Start. Resolves when ready; rejects when the start failed or `signal` was aborted. After a failure `stop`
   * rolls back what had been opened.
   */
  start(signal: AbortSignal): Promise<void>;
  /** Let staged listeners take over from those of the instance that is being replaced. */
  activate(): void;
  /** Settles when it ends by itself after `start`: never rejects, and never settles after a stop. */
  readonly ended: Promise<Ending>;
  /**
   * Stop, drain, release; also ends a start that is under way. Called once at least for every instance, after a failed
   * start and after its end too. Never rejects; resolves soon after `within` at the latest. Repeatable: the
   * sooner deadline holds.
   */
  stop(order: StopOrder): Promise<StopReport>;
  /** Hand new options to the running service. False: it must be replaced. */
  reload(options: unknown): Promise<boolean>;
  /** Ask the service for its health. Rejects when it is unhealthy or does not answer. */
  health(): Promise<void>;
  stats(): InstanceStats;
  /**
   * Replace what it consists of piece by piece, ready all the while; rejects when a new piece does not become
   * ready, and the old ones stay. Absent: it can be restarted only as a whole.
   */
  renew?(): Promise<void>;
}

/** How an instance comes to be. */
export interface Launch {
  /** The unit's absolute path. */
  readonly path: string;
  readonly spec: ServiceSpec;
  /** Paths of the units that it needs, and that the groups around it need: it may get what those provide. */
  readonly needs: readonly string[];
  /** Listeners bind without accepting until `activate`: the instance replaces a running one. */
  readonly staged: boolean;
  /** Of a singleton: what it runs by. */
  readonly leadership?: Leadership;
}

/** Where services run. */
export interface Host {
  launch(launch: Launch): Instance;
}
