import type { ReactorTime } from "../async/time.ts";
import { ChangeHistory } from "./change_history.ts";
import type {
  InstanceTransport,
  RegistryChange,
  RegistryInstance,
  RegistrySnapshot,
  WatchOptions,
} from "./registry.ts";
import { ServicePool } from "./service_pool.ts";
import { Watch, type WatchSource } from "./watch.ts";

/** What a table works with. */
export interface InstanceTableOptions {
  /** How long ago a failure was. */
  readonly time: Pick<ReactorTime, "now">;
  /** From 0 to below 1, for the choice among instances. */
  readonly random: () => number;
  /** Changes that are kept for watches that resume or are slow. Default 4,096. */
  readonly history?: number;
}

/**
 * The instances that are known, and all that is read from a registry: lists, watches, choices. Whoever owns it
 * (the embedded registry, the mirror of a backend) tells it of changes, in the order of their revisions.
 */
export class InstanceTable {
  readonly #options: InstanceTableOptions;
  readonly #byId = new Map<string, RegistryInstance>();
  readonly #byService = new Map<string, Map<string, RegistryInstance>>();
  /** In order, by service, `""` for all; made when asked for. */
  readonly #lists = new Map<string, readonly RegistryInstance[]>();
  /** By transport, then by service. */
  readonly #pools: Readonly<Record<InstanceTransport, Map<string, ServicePool>>> = {
    stream: new Map(),
    datagram: new Map(),
  };
  readonly #wakes = new Set<() => void>();
  readonly #closed = new AbortController();
  readonly #history: ChangeHistory;
  readonly #source: WatchSource;
  #revision = 0;
  #stale = false;

  constructor(options: InstanceTableOptions) {
    this.#options = options;
    this.#history = new ChangeHistory(options.history ?? 4096);
    this.#source = this.#makeSource();
  }

  /** The revision of the last change, or up to which it is known that there was none. */
  get revision(): number {
    return this.#revision;
  }

  /** It may have changed elsewhere without our knowledge. */
  get stale(): boolean {
    return this.#stale;
  }

  /** The instance `id`. */
  get(id: string): RegistryInstance | undefined {
    return this.#byId.get(id);
  }

  /** The instances of `service`, or all; by service and id. */
  list(service?: string): readonly RegistryInstance[] {
    const key = service ?? "";
    let list = this.#lists.get(key);
    if (list !== undefined) return list;
    const found = service === undefined ? this.#byId.values() : this.#byService.get(service)?.values() ?? [];
    list = Object.freeze([...found].sort(byServiceAndId));
    this.#lists.set(key, list);
    return list;
  }

  /** The instance is there, or has changed: `modified` is the change's revision. */
  put(instance: RegistryInstance): void {
    const before = this.#byId.get(instance.id);
    if (before !== undefined && before.service !== instance.service) this.#take(before);
    this.#byId.set(instance.id, instance);
    let siblings = this.#byService.get(instance.service);
    if (siblings === undefined) this.#byService.set(instance.service, siblings = new Map());
    siblings.set(instance.id, instance);
    this.#putIntoPool(instance, before);
    this.#tell({ kind: "put", revision: instance.modified, instance });
  }

  /** The instance `id` is there no more, as of `revision`. */
  delete(id: string, revision: number): void {
    const instance = this.#byId.get(id);
    if (instance === undefined) return;
    this.#take(instance);
    this.#tell({ kind: "delete", revision, instance });
  }

  /**
   * All that there is at `revision`, of somebody who may have missed changes: what is different is told. A revision
   * that goes back is another history, of which watches are told afresh.
   */
  replaceAll(instances: readonly RegistryInstance[], revision: number): void {
    if (revision < this.#revision) {
      this.#revision = revision;
      for (const instance of [...this.#byId.values()]) this.#take(instance);
      this.#history.restart(revision);
    }
    const ids = new Set(instances.map(({ id }) => id));
    for (const instance of [...instances].sort((a, b) => a.modified - b.modified)) {
      if (this.#byId.get(instance.id)?.modified !== instance.modified) this.put(instance);
    }
    for (const id of [...this.#byId.keys()]) if (!ids.has(id)) this.delete(id, revision);
    this.advance(revision);
  }

  /** There was no other change up to `revision`. */
  advance(revision: number): void {
    this.#revision = Math.max(this.#revision, revision);
  }

  /** Watches are told by a snapshot. */
  setStale(stale: boolean): void {
    if (this.#stale === stale) return;
    this.#stale = stale;
    this.#history.push({ kind: "snapshot", revision: this.#revision });
    this.#wake();
  }

  /** A snapshot, then changes. */
  watch(options: WatchOptions = {}): Watch {
    return new Watch(this.#source, options);
  }

  /** See `Registry.resolve`. */
  resolve(service: string, transport: InstanceTransport = "stream"): RegistryInstance | null {
    const pool = this.#pools[transport].get(service);
    return pool === undefined ? null : pool.choose(this.#options.time.now(), this.#options.random());
  }

  /** See `Registry.report`. */
  report(instance: RegistryInstance, outcome: "failed" | "ok"): void {
    const pool = this.#pools[transportOf(instance)].get(instance.service);
    if (outcome === "failed") pool?.failed(instance.id, this.#options.time.now());
    else pool?.succeeded(instance.id);
  }

  /** End all watches. */
  close(): void {
    this.#closed.abort();
  }

  #take(instance: RegistryInstance): void {
    const { id, service } = instance;
    this.#byId.delete(id);
    const siblings = this.#byService.get(service)!;
    siblings.delete(id);
    if (siblings.size === 0) this.#byService.delete(service);
    this.#takeFromPool(instance);
    this.#lists.delete(service);
    this.#lists.delete("");
  }

  #putIntoPool(instance: RegistryInstance, before: RegistryInstance | undefined): void {
    const { service } = instance;
    const transport = transportOf(instance);
    const hasMoved = before !== undefined &&
      (before.service !== service || transportOf(before) !== transport);
    if (hasMoved) this.#takeFromPool(before);
    let pool = this.#pools[transport].get(service);
    if (pool === undefined) this.#pools[transport].set(service, pool = new ServicePool());
    pool.put(instance);
  }

  #takeFromPool(instance: RegistryInstance): void {
    const pools = this.#pools[transportOf(instance)];
    const pool = pools.get(instance.service);
    pool?.delete(instance.id);
    if (pool?.size === 0) pools.delete(instance.service);
  }

  #tell(change: RegistryChange): void {
    this.advance(change.revision);
    this.#lists.delete(change.instance.service);
    this.#lists.delete("");
    this.#history.push(change);
    this.#wake();
  }

  #wake(): void {
    const wakes = [...this.#wakes];
    this.#wakes.clear();
    for (const wake of wakes) wake();
  }

  #makeSource(): WatchSource {
    const history = this.#history;
    return {
      get end() {
        return history.end;
      },
      at: (place) => history.at(place),
      placeAfter: (revision) => revision > this.#revision ? null : history.placeAfter(revision),
      snapshot: (service) => this.#snapshot(service),
      onNews: (wake) => {
        this.#wakes.add(wake);
        return () => void this.#wakes.delete(wake);
      },
      closed: this.#closed.signal,
    };
  }

  #snapshot(service: string | undefined): RegistrySnapshot {
    const instances = this.list(service);
    return { kind: "snapshot", revision: this.#revision, instances, stale: this.#stale };
  }
}

function byServiceAndId(a: RegistryInstance, b: RegistryInstance): number {
  if (a.service !== b.service) return a.service < b.service ? -1 : 1;
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}

/** How an instance is reached. */
export function transportOf({ endpoint }: RegistryInstance): InstanceTransport {
  return endpoint.startsWith("udp:") ? "datagram" : "stream";
}
