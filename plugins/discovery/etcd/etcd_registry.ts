import { DeferredSemaphore } from "../../../services/async/deferred_semaphore.ts";
import type { ReactorTime } from "../../../services/async/time.ts";
import type { Logger } from "../../../services/log.ts";
import { InstanceTable } from "../../../services/registry/instance_table.ts";
import { readRegistration } from "../../../services/registry/read_registration.ts";
import type {
  ElectOptions,
  InstanceTransport,
  Leadership,
  Registration,
  RegistrationOptions,
  Registry,
  RegistryChange,
  RegistryInstance,
  RegistrySnapshot,
  WatchOptions,
} from "../../../services/registry/registry.ts";
import { EtcdClient } from "./etcd_client.ts";
import { EtcdElections } from "./etcd_elections.ts";
import { EtcdRegistration } from "./etcd_registration.ts";
import { Keys } from "./keys.ts";
import { Mirror } from "./mirror.ts";
import type { BackendOptions } from "./options.ts";
import { Session } from "./session.ts";

/** Registrations that speak to etcd at once. */
const TURNS = 32;
/** For etcd to be told that we leave, ms. */
const FAREWELL = 2_000;

/** What a registry in etcd works with. */
export interface EtcdRegistryOptions {
  readonly time: ReactorTime;
  readonly log: Logger;
  /** What this machine is called. */
  readonly node: string;
  /** From 0 to below 1; default `Math.random`. */
  readonly random?: () => number;
}

/**
 * Join the fleet that meets in etcd. Resolves at once, whether etcd is there or not.
 * @throws {Error} when a file that `tls` names cannot be read
 */
export async function openEtcd(backend: BackendOptions, options: EtcdRegistryOptions): Promise<EtcdRegistry> {
  const { authorities, certificate, privateKey } = backend.tls ?? {};
  const read = async (path: string | undefined): Promise<string | undefined> =>
    path === undefined ? undefined : await Deno.readTextFile(path);
  const [ca, cert, key] = await Promise.all([read(authorities), read(certificate), read(privateKey)]);
  const client = new EtcdClient({
    urls: backend.etcd,
    user: backend.user,
    password: backend.password,
    tls: {
      ...(ca !== undefined && { caCerts: [ca] }),
      ...(cert !== undefined && { cert }),
      ...(key !== undefined && { key }),
    },
    time: options.time,
    timeout: Math.min(5_000, Math.max(1_000, backend.ttl / 3)),
  });
  return new EtcdRegistry(client, backend, options);
}

/** The registry of a fleet: what is read comes from a mirror of what etcd has. */
export class EtcdRegistry implements Registry, AsyncDisposable {
  readonly node: string;
  readonly #client: EtcdClient;
  readonly #time: ReactorTime;
  readonly #table: InstanceTable;
  readonly #mirror: Mirror;
  readonly #session: Session;
  readonly #elections: EtcdElections;
  readonly #registrations = new Map<string, EtcdRegistration>();
  /** Those that have ended, and whose keys may still be there. */
  readonly #leaving = new Map<string, EtcdRegistration>();
  readonly #keys: Keys;
  readonly #turns = new DeferredSemaphore(TURNS);
  readonly #tasks: Promise<void>[];
  readonly #closing = new AbortController();
  #idsMade = 0;
  #closed: Promise<void> | null = null;

  /** Use {@linkcode openEtcd}. */
  constructor(client: EtcdClient, { prefix, ttl }: BackendOptions, options: EtcdRegistryOptions) {
    const { time, log, node, random = Math.random } = options;
    this.node = node;
    this.#client = client;
    this.#time = time;
    const keys = this.#keys = new Keys(prefix);
    const table = this.#table = new InstanceTable({ time, random });
    const mirror = this.#mirror = new Mirror({ client, time, keys, table, node, log });
    this.#session = new Session(client, time, mirror, ttl, () => this.#checkAll());
    this.#elections = new EtcdElections({ client, time, keys, mirror, node, ttl });
    this.#tasks = [mirror.run(), this.#session.run(), this.#watchOurs()];
  }

  get revision(): number {
    return this.#table.revision;
  }

  get stale(): boolean {
    return !this.#mirror.isLive;
  }

  async register(options: RegistrationOptions): Promise<Registration> {
    if (this.#closed !== null) throw new Error("Cannot register the instance: the registry has closed");
    const fields = readRegistration(options, `${options.service}-${this.#session.id}-${++this.#idsMade}`);
    if (this.#registrations.has(fields.id)) {
      throw new RangeError(`Cannot register the instance: the id "${fields.id}" is another's`);
    }
    const registration = new EtcdRegistration(
      {
        client: this.#client,
        time: this.#time,
        keys: this.#keys,
        mirror: this.#mirror,
        session: this.#session,
        node: this.node,
        turns: this.#turns,
        closed: this.#closing.signal,
        known: (id) => this.#table.get(id),
        forget: (registration) => this.#forget(registration),
        gone: (registration) => {
          if (this.#leaving.get(registration.id) === registration) this.#leaving.delete(registration.id);
        },
      },
      fields,
      options.ttl ?? null,
    );
    this.#leaving.get(fields.id)?.succeed();
    this.#registrations.set(fields.id, registration);
    await registration.begin(options.signal);
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

  /** Leave the fleet: all that hangs on us goes at once, where etcd can be told. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#closed ??= this.#close();
  }

  async #close(): Promise<void> {
    const reason = new Error("The registry has closed");
    this.#closing.abort(reason);
    for (const registration of [...this.#registrations.values()]) registration.close();
    const told = Promise.all([this.#elections.close(reason), this.#session.end().catch(() => {})]);
    const late = Promise.withResolvers<void>();
    const bound = this.#time.callLater(FAREWELL, late.resolve);
    await Promise.race([told, late.promise]);
    bound.cancel();
    this.#mirror.stop(reason);
    this.#table.close();
    this.#client[Symbol.dispose]();
    await Promise.all(this.#tasks);
  }

  /** See to it that what was registered here stays so, whatever others do to its keys. */
  async #watchOurs(): Promise<void> {
    for await (const change of this.#table.watch()) {
      if (change.kind === "snapshot") this.#checkAll();
      else this.#registrations.get(change.instance.id)?.check();
    }
  }

  #forget(registration: EtcdRegistration): void {
    const { id } = registration;
    if (this.#registrations.get(id) !== registration) return;
    this.#registrations.delete(id);
    this.#leaving.set(id, registration);
  }

  #checkAll(): void {
    for (const registration of this.#registrations.values()) registration.check();
  }
}
