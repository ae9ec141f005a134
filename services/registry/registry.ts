import { type Token, token } from "../context.ts";

/** How an instance is doing: fit for new work, about to go, or not fit. */
export type InstanceState = "ready" | "draining" | "failed";

/** One running instance of a service, as others find it. */
export interface RegistryInstance {
  /** The name by which it is found: lower-case letters, digits and dashes, a DNS label. */
  readonly service: string;
  /** Unique among the instances of the fleet. */
  readonly id: string;
  /** Where it is reached, as an endpoint string: `tcp:10.0.0.5:8080`, `tls:`, `udp:` or `unix:`. */
  readonly endpoint: string;
  /** The machine that it runs on: endpoints on loopback and UNIX sockets are of use there alone. */
  readonly node: string;
  /** Words that say more of it; sorted. */
  readonly tags: readonly string[];
  /** Further values by key. */
  readonly metadata: Readonly<Record<string, string>>;
  /** How it is doing. */
  readonly state: InstanceState;
  /** Its share of new work among the ready instances; default 1, 0 takes none. */
  readonly weight: number;
  /** The revision of the registry at which it came to be. */
  readonly created: number;
  /** The revision of its last change. */
  readonly modified: number;
}

/** What to register. */
export interface RegistrationOptions {
  /** The name by which it is found. */
  readonly service: string;
  /** Unique in the fleet; default: made up. */
  readonly id?: string;
  /** Where it is reached. */
  readonly endpoint: string;
  /** Default none. */
  readonly tags?: readonly string[];
  /** Default none. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** Default `ready`. */
  readonly state?: InstanceState;
  /** 0 to 65,535; default 1. */
  readonly weight?: number;
  /** Milliseconds after which it goes when it is not renewed; default: it lives as long as this process. */
  readonly ttl?: number;
  /** Gives up while it waits for the backend. */
  readonly signal?: AbortSignal;
}

/** What can be changed of an instance; what is left out stays. */
export type RegistrationChange = Partial<
  Pick<RegistrationOptions, "endpoint" | "tags" | "metadata" | "state" | "weight">
>;

/** An instance that was registered here. Disposing of it is `deregister`. */
export interface Registration extends AsyncDisposable {
  /** As it stands. */
  readonly instance: RegistryInstance;
  /** Aborted when it is registered no more: it was taken out, its lease ran out, or somebody else has its id. */
  readonly ended: AbortSignal;
  /**
   * Change what is said of it; resolves when others are told so.
   * @throws {RegistryConflict} when `ifModified` is not the revision of its last change
   * @throws {RangeError} when a value is malformed
   * @throws {Error} when it has ended
   */
  update(change: RegistrationChange, options?: { readonly ifModified?: number }): Promise<void>;
  /**
   * It is alive: its lease begins anew, where it has a `ttl`.
   * @throws {Error} when it has ended
   */
  renew(): void;
  /**
   * Take it out; resolves when nobody is told of it any more. While the backend is away it resolves at once, and
   * the instance is taken out as soon as that can be. Repeatable.
   */
  deregister(): Promise<void>;
}

/** A change, in the order of revisions. */
export interface RegistryChange {
  /** `delete`: `instance` is what it was last. */
  readonly kind: "put" | "delete";
  /** Of this change. */
  readonly revision: number;
  /** What it is about. */
  readonly instance: RegistryInstance;
}

/** All that was there at a revision. Told first, where changes were lost, and when `stale` has changed. */
export interface RegistrySnapshot {
  /** Tells it from a change. */
  readonly kind: "snapshot";
  /** All changes up to this one are in it. */
  readonly revision: number;
  /** By service and id. */
  readonly instances: readonly RegistryInstance[];
  /** It is what was last known: the backend is away. */
  readonly stale: boolean;
}

/** What to watch. */
export interface WatchOptions {
  /** One service; default all. */
  readonly service?: string;
  /**
   * Changes after this revision, without a snapshot; where they are no longer known, a snapshot comes first all
   * the same. Default: a snapshot, then changes.
   */
  readonly after?: number;
  /** Ends the watch. */
  readonly signal?: AbortSignal;
}

/** Leadership that was won. Disposing of it is `resign`. */
export interface Leadership extends AsyncDisposable {
  /** Rises with every holder: who is given an older one must be refused. */
  readonly fencingToken: number;
  /** Aborted when it is lost, or will be before its work could be stopped. */
  readonly lost: AbortSignal;
  /** Let somebody else have it. */
  resign(): Promise<void>;
  /** Hold it no longer, but let its time run out before somebody else has it: the work may not have stopped. */
  abandon(): void;
}

/** How leadership is sought. */
export interface ElectOptions {
  /** Milliseconds for which it lasts without being renewed. Default: the backend's own, 15,000. */
  readonly ttl?: number;
  /** Milliseconds before that at which `lost` is aborted: what it takes to stop the work. Default 0. */
  readonly stopTimeout?: number;
  /** Gives up the wait. */
  readonly signal?: AbortSignal;
}

/** What an instance is reached by: connections, or datagrams (`udp:`). */
export type InstanceTransport = "stream" | "datagram";

/** Which services run where: of this application, and of a fleet where a backend joins several. */
export interface Registry {
  /** The revision of the last change known here. */
  readonly revision: number;
  /** What is told is what was last known: the backend is away. */
  readonly stale: boolean;
  /** The machine that this registry is on, as instances that are registered here tell. */
  readonly node: string;
  /**
   * Register an instance; resolves when others can find it, so not before the backend is there. An id that this
   * `node` registered in an earlier life is taken over.
   * @throws {RangeError} when a value is malformed, or the id is another's
   * @throws {Error} when the registry has closed
   */
  register(options: RegistrationOptions): Promise<Registration>;
  /** The instances of `service`, or all, whatever their state; by service and id. */
  list(service?: string): readonly RegistryInstance[];
  /** A snapshot, then changes. A slow reader is sent a new snapshot in place of what it has missed. */
  watch(options?: WatchOptions): AsyncIterable<RegistrySnapshot | RegistryChange>;
  /**
   * A ready instance of `service` to send work to: drawn by weight among those that have not been reported to
   * fail of late; where all have, the one whose failure is longest ago. Null when there is none. Default of
   * `transport`: `stream`.
   */
  resolve(service: string, transport?: InstanceTransport): RegistryInstance | null;
  /** What came of work that was sent to an instance: `resolve` avoids for a while what has failed. */
  report(instance: RegistryInstance, outcome: "failed" | "ok"): void;
  /**
   * Be the only one of the fleet to hold `name`. Resolves when won.
   * @throws the signal's reason
   * @throws {RangeError} when `stopTimeout` is not shorter than `ttl`
   * @throws {Error} when the registry has closed
   */
  elect(name: string, options?: ElectOptions): Promise<Leadership>;
}

/** An instance is not what it was when the change was thought of: look again. */
export class RegistryConflict extends Error {
  /** `"RegistryConflict"`. */
  override readonly name = "RegistryConflict";
}

/** By this a `singleton` service gets the leadership that it runs under: its fencing token, and whether it is lost. */
export const leadership: Token<Leadership> = token("heddle.leadership");

/** Provided by the discovery plugin to the services that need it. */
export const registry: Token<Registry> = token("heddle.registry");
