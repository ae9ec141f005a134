import type { DelayedCall, ReactorTime } from "../async/time.ts";
import { InstanceTable } from "./instance_table.ts";
import { LocalElections } from "./local_elections.ts";
import { readChange, readRegistration, type RegisteredFields } from "./read_registration.ts";
import {
  type ElectOptions,
  type InstanceTransport,
  type Leadership,
  type Registration,
  type RegistrationChange,
  type RegistrationOptions,
  type Registry,
  type RegistryChange,
  RegistryConflict,
  type RegistryInstance,
  type RegistrySnapshot,
  type WatchOptions,
} from "./registry.ts";

/** What an embedded registry works with. */
export interface EmbeddedRegistryOptions {
  /** For leases, and to tell how long ago a failure was. */
  readonly time: ReactorTime;
  /** From 0 to below 1; default `Math.random`. */
  readonly random?: () => number;
  /** The machine's name, default `localhost`. */
  readonly node?: string;
  /** Changes kept for watches that resume or are slow; default 4,096. */
  readonly history?: number;
}

/**
 * A registry within this process. Each change is a revision, and is done when the call that makes it returns.
 *
 * @example
 * ```ts
 * import { EmbeddedRegistry } from "@heddle/heddle";
 * import { Clock } from "@heddle/heddle/testing";
 *
 * using registry = new EmbeddedRegistry({ time: new Clock() });
 * await registry.register({ service: "web", endpoint: "tcp:10.0.0.5:8080" });
 * console.assert(registry.resolve("web")?.endpoint === "tcp:10.0.0.5:8080");
 * ```
 */
export class EmbeddedRegistry implements Registry, Disposable {
  readonly node: string;
  readonly #time: ReactorTime;
  readonly #table: InstanceTable;
  readonly #elections = new LocalElections(() => this.#nextRevision());
  readonly #registrations = new Map<string, LocalRegistration>();
  #idsMade = 0;
  #isClosed = false;

  /** An empty one. */
  constructor({ time, random = Math.random, node = "localhost", history }: EmbeddedRegistryOptions) {
    this.node = node;
    this.#time = time;
    this.#table = new InstanceTable({ time, random, ...(history !== undefined && { history }) });
  }

  get revision(): number {
    return this.#table.revision;
  }

  get stale(): boolean {
    return false;
  }

  // deno-lint-ignore require-await -- so that what is thrown is a rejection
  async register(options: RegistrationOptions): Promise<Registration> {
    if (this.#isClosed) throw new Error("Cannot register the instance: the registry has closed");
    const fields = readRegistration(options, `${options.service}-${++this.#idsMade}`);
    if (this.#registrations.has(fields.id)) {
      throw new RangeError(`Cannot register the instance: the id "${fields.id}" is another's`);
    }
    const registration = new LocalRegistration(
      {
        time: this.#time,
        put: (fields, created) => this.#put(fields, created),
        remove: (id) => {
          this.#registrations.delete(id);
          this.#table.delete(id, this.#nextRevision());
        },
      },
      fields,
      options.ttl ?? null,
    );
    this.#registrations.set(fields.id, registration);
    return registration;
  }

  list(service?: string): readonly RegistryInstance[] {
    return this.#table.list(service);
  }

  watch(options?: WatchOptions): AsyncIterable<RegistrySnapshot | RegistryChange> {
    return this.#table.watch(options);
  }

  resolve(service: string, transport?: InstanceTransport): RegistryInstance | null {
    return this.#table.resolve(service, transport);
  }

  report(instance: RegistryInstance, outcome: "failed" | "ok"): void {
    this.#table.report(instance, outcome);
  }

  elect(name: string, options?: ElectOptions): Promise<Leadership> {
    return this.#elections.elect(name, options);
  }

  /** Everything is taken out, all leadership is lost, and every watch ends. */
  [Symbol.dispose](): void {
    this.#isClosed = true;
    for (const registration of [...this.#registrations.values()]) registration.end("the registry has closed");
    this.#elections.close();
    this.#table.close();
  }

  #put(fields: RegisteredFields, created: number | null): RegistryInstance {
    const modified = this.#nextRevision();
    const instance = Object.freeze({
      ...fields,
      node: this.node,
      created: created ?? modified,
      modified,
    });
    this.#table.put(instance);
    return instance;
  }

  #nextRevision(): number {
    const revision = this.#table.revision + 1;
    this.#table.advance(revision);
    return revision;
  }
}

interface Keeper {
  readonly time: ReactorTime;
  readonly put: (fields: RegisteredFields, created: number | null) => RegistryInstance;
  readonly remove: (id: string) => void;
}

class LocalRegistration implements Registration {
  readonly #keeper: Keeper;
  readonly #ended = new AbortController();
  readonly #ttl: number | null;
  #lease: DelayedCall | null = null;
  #instance: RegistryInstance;

  constructor(keeper: Keeper, fields: RegisteredFields, ttl: number | null) {
    this.#keeper = keeper;
    this.#ttl = ttl;
    this.#instance = keeper.put(fields, null);
    if (ttl !== null) this.#lease = keeper.time.callLater(ttl, () => this.end("its lease ran out"));
  }

  get instance(): RegistryInstance {
    return this.#instance;
  }

  get ended(): AbortSignal {
    return this.#ended.signal;
  }

  // deno-lint-ignore require-await -- so that what is thrown is a rejection
  async update(change: RegistrationChange, { ifModified }: { ifModified?: number } = {}): Promise<void> {
    this.#mustLast("update");
    if (ifModified !== undefined && ifModified !== this.#instance.modified) {
      throw new RegistryConflict(
        `Cannot update instance "${this.#instance.id}": it is at revision ${this.#instance.modified}, ` +
          `and not at ${ifModified}`,
      );
    }
    const { node: _, created, modified: __, ...fields } = this.#instance;
    this.#instance = this.#keeper.put(readChange(fields, change), created);
  }

  renew(): void {
    this.#mustLast("renew");
    if (this.#ttl !== null) this.#lease?.reset(this.#ttl);
  }

  deregister(): Promise<void> {
    this.end("it was deregistered");
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.deregister();
  }

  end(why: string): void {
    if (this.#ended.signal.aborted) return;
    this.#ended.abort(new Error(`Instance "${this.#instance.id}" is registered no more: ${why}`));
    this.#lease?.cancel();
    this.#keeper.remove(this.#instance.id);
  }

  #mustLast(what: string): void {
    const { aborted, reason } = this.#ended.signal;
    if (!aborted) return;
    throw new Error(`Cannot ${what} instance "${this.#instance.id}": it has ended`, { cause: reason });
  }
}
