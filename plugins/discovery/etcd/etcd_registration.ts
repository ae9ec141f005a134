import type { DeferredSemaphore } from "../../../services/async/deferred_semaphore.ts";
import type { DelayedCall, ReactorTime } from "../../../services/async/time.ts";
import { readChange, type RegisteredFields } from "../../../services/registry/read_registration.ts";
import {
  type Registration,
  type RegistrationChange,
  RegistryConflict,
  type RegistryInstance,
} from "../../../services/registry/registry.ts";
import type { EtcdClient } from "./etcd_client.ts";
import { EtcdError, GRPC } from "./etcd_error.ts";
import type { Keys } from "./keys.ts";
import { encode, type KeyValue, type TxnResponse } from "./messages.ts";
import type { Mirror } from "./mirror.ts";
import { pause } from "./pause.ts";
import type { Session } from "./session.ts";
import { readStored, type StoredInstance } from "./stored_instance.ts";
import { unlessAborted } from "./unless_aborted.ts";

/** Before a step is tried again that etcd could not answer, ms. */
const RETRY = 300;

/** What registrations share. */
export interface RegistrationKeeper {
  readonly client: EtcdClient;
  readonly time: ReactorTime;
  readonly keys: Keys;
  readonly mirror: Mirror;
  readonly session: Session;
  readonly node: string;
  /** Bounds how many of them speak to etcd at once. */
  readonly turns: DeferredSemaphore;
  /** The instance as the mirror has it. */
  readonly known: (id: string) => RegistryInstance | undefined;
  /** Aborted when the registry closes. */
  readonly closed: AbortSignal;
  /** It is registered no more; its key may still be there. */
  readonly forget: (registration: EtcdRegistration) => void;
  /** Its key is there no more. */
  readonly gone: (registration: EtcdRegistration) => void;
}

/**
 * One instance in etcd, kept there: whenever anything may have changed, what etcd has is brought to what is wanted by
 * compare-and-put, one step after the other. Nobody's key is overwritten but our own, and that of an earlier life of
 * this machine.
 */
export class EtcdRegistration implements Registration {
  readonly id: string;
  readonly #keeper: RegistrationKeeper;
  readonly #ended = new AbortController();
  readonly #ttl: number | null;
  #ttlCall: DelayedCall | null = null;
  #fields: RegisteredFields;
  #instance: RegistryInstance | null = null;
  /** The revision of our key as we last saw it; 0: it was not there. */
  #revision = 0;
  /** A put was sent, and nothing since says that our key is not there. */
  #mayBeThere = false;
  /** The lease that it was last written under. */
  #lease: string | null = null;
  /** What was last written, as JSON. */
  #written: string | null = null;
  #running: Promise<void> | null = null;
  /** Another registration has the id now, and with it the key. */
  #isSucceeded = false;

  constructor(keeper: RegistrationKeeper, fields: RegisteredFields, ttl: number | null) {
    this.#keeper = keeper;
    this.#fields = fields;
    this.#ttl = ttl;
    this.id = fields.id;
  }

  /** Write it for the first time. @throws {RangeError} when the id is another's; the signal's reason */
  async begin(signal: AbortSignal | undefined): Promise<void> {
    const giveUp = (): void => this.#end(signal!.reason);
    signal?.addEventListener("abort", giveUp, { once: true });
    try {
      signal?.throwIfAborted();
      await unlessAborted(this.bringAbout(), this.#ended.signal);
      if (this.#ttl !== null) {
        this.#ttlCall = this.#keeper.time.callLater(this.#ttl, () => this.#leave("its lease ran out"));
      }
    } catch (error) {
      this.#end(error);
      // What was under way may have come about.
      await this.#takenOut();
      throw error;
    } finally {
      signal?.removeEventListener("abort", giveUp);
    }
  }

  get instance(): RegistryInstance {
    return this.#instance!;
  }

  get ended(): AbortSignal {
    return this.#ended.signal;
  }

  async update(change: RegistrationChange, { ifModified }: { ifModified?: number } = {}): Promise<void> {
    this.#mustLast("update");
    const { modified } = this.instance;
    if (ifModified !== undefined && ifModified !== modified) {
      throw new RegistryConflict(
        `Cannot update instance "${this.id}": it is at revision ${modified}, and not at ${ifModified}`,
      );
    }
    this.#fields = readChange(this.#fields, change);
    await unlessAborted(this.bringAbout(), this.#ended.signal);
  }

  renew(): void {
    this.#mustLast("renew");
    if (this.#ttl !== null) this.#ttlCall?.reset(this.#ttl);
  }

  async deregister(): Promise<void> {
    this.#leave("it was deregistered");
    await this.#takenOut();
  }

  /** Resolves when nobody is told of it any more, or etcd is away. */
  async #takenOut(): Promise<void> {
    const { mirror } = this.#keeper;
    const done = new AbortController();
    // Away, etcd is told when it is back, or drops the key with our lease.
    const away = mirror.until(() => !mirror.isLive, done.signal).catch(() => {});
    await Promise.race([this.bringAbout(), away]);
    done.abort();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.deregister();
  }

  /** It has ended, and another one takes over its id: what is left of it is that one's. */
  succeed(): void {
    this.#isSucceeded = true;
  }

  /** The registry has closed: with its lease goes the key. */
  close(): void {
    this.#end(new Error(`Instance "${this.id}" is registered no more: the registry has closed`));
  }

  /**
   * Look whether etcd has what it should, and see to it. Resolves when it has, and the mirror knows.
   * @throws {RangeError} when the id turns out to be another's
   */
  async bringAbout(): Promise<void> {
    do await (this.#running ??= this.#run().finally(() => this.#running = null)); while (!this.#isDone());
  }

  /** Something has happened to the key: where that was not our doing, see to it. */
  check(): void {
    if (this.#running === null && !this.#isDone()) this.bringAbout().catch(() => {});
  }

  async #run(): Promise<void> {
    const { session, turns, time, closed } = this.#keeper;
    while (!this.#isDone()) {
      const lease = session.lease;
      try {
        if (this.#ended.signal.aborted) await turns.run(() => this.#delete());
        else if (lease !== null) await turns.run(() => this.#put(lease.id));
        else await unlessAborted(session.leased, this.#ended.signal);
      } catch (error) {
        if (error instanceof RangeError) throw error;
        // It has ended meanwhile, which comes next.
        if (this.#ended.signal.aborted && error === this.#ended.signal.reason) continue;
        const isLeaseLost = error instanceof EtcdError && error.code === GRPC.notFound;
        if (isLeaseLost && lease !== null) session.renew(lease);
        await pause(time, RETRY, closed);
      }
    }
  }

  /** Etcd has what is wanted, and the mirror knows. */
  #isDone(): boolean {
    if (this.#keeper.closed.aborted || this.#isSucceeded) return true;
    if (this.#ended.signal.aborted) return !this.#mayBeThere;
    const { known, session } = this.#keeper;
    return this.#written === this.#value() && this.#lease === session.lease?.id &&
      known(this.id)?.modified === this.#revision;
  }

  #value(): string {
    const { node, session } = this.#keeper;
    const stored: StoredInstance = { ...this.#fields, node, session: session.id };
    return JSON.stringify(stored);
  }

  async #put(lease: string): Promise<void> {
    const { client, keys, mirror, known } = this.#keeper;
    const key = encode(keys.instance(this.id));
    const value = this.#value();
    this.#mayBeThere = true;
    const { header, succeeded = false, responses = [] } = await client.call<TxnResponse>("kv/txn", {
      compare: [{ key, target: "MOD", result: "EQUAL", mod_revision: String(this.#revision) }],
      success: [{ request_put: { key, value: encode(value), lease } }],
      failure: [{ request_range: { key } }],
    });
    if (!succeeded) return this.#meet(responses[0]?.response_range?.kvs?.[0]);
    this.#revision = Number(header.revision);
    this.#lease = lease;
    this.#written = value;
    await mirror.reached(this.#revision, this.#ended.signal);
    this.#instance = known(this.id) ?? this.#instance;
  }

  /** Etcd has something else under our key. */
  #meet(found: KeyValue | undefined): void {
    this.#written = null;
    if (found === undefined) return void (this.#revision = 0);
    const { session, node } = this.#keeper;
    const stored = readStored(found);
    const isOurs = stored?.session === session.id;
    const isEarlierLife = stored?.node === node && this.#instance === null;
    if (isOurs || isEarlierLife) return void (this.#revision = Number(found.mod_revision));
    this.#mayBeThere = false;
    if (this.#instance === null) {
      throw new RangeError(`Cannot register the instance: the id "${this.id}" is another's`);
    }
    this.#end(new Error(`Instance "${this.id}" is registered no more: somebody else has taken its id`));
  }

  async #delete(): Promise<void> {
    const { client, keys, mirror } = this.#keeper;
    const key = encode(keys.instance(this.id));
    const { header, succeeded = false, responses = [] } = await client.call<TxnResponse>("kv/txn", {
      compare: [{ key, target: "MOD", result: "EQUAL", mod_revision: String(this.#revision) }],
      success: [{ request_delete_range: { key } }],
      failure: [{ request_range: { key } }],
    });
    const found = succeeded ? undefined : responses[0]?.response_range?.kvs?.[0];
    const isOurs = found !== undefined && readStored(found)?.session === this.#keeper.session.id;
    if (isOurs && !this.#isSucceeded) {
      this.#revision = Number(found.mod_revision);
      return await this.#delete();
    }
    this.#revision = 0;
    this.#mayBeThere = false;
    await mirror.reached(Number(header.revision));
  }

  #leave(why: string): void {
    this.#end(new Error(`Instance "${this.id}" is registered no more: ${why}`));
  }

  #end(reason: unknown): void {
    if (this.#ended.signal.aborted) return;
    this.#ttlCall?.cancel();
    this.#ended.abort(reason);
    this.#keeper.forget(this);
    // A step that is under way comes to it by itself.
    const gone = (): void => this.#keeper.gone(this);
    this.bringAbout().then(gone, gone);
  }

  #mustLast(what: string): void {
    const { aborted, reason } = this.#ended.signal;
    if (aborted) throw new Error(`Cannot ${what} instance "${this.id}": it has ended`, { cause: reason });
  }
}
