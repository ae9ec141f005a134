import type { DelayedCall, ReactorTime } from "../../../services/async/time.ts";
import { checkTerms } from "../../../services/registry/local_elections.ts";
import type { ElectOptions, Leadership } from "../../../services/registry/registry.ts";
import type { EtcdClient } from "./etcd_client.ts";
import { EtcdAway } from "./etcd_error.ts";
import type { Keys } from "./keys.ts";
import { Lease } from "./lease.ts";
import { encode, type TxnResponse } from "./messages.ts";
import type { Mirror } from "./mirror.ts";
import { pause } from "./pause.ts";

/** Before etcd is asked again that could not answer, ms. */
const RETRY = 300;

/** What elections work with. */
export interface EtcdElectionsOptions {
  readonly client: EtcdClient;
  readonly time: ReactorTime;
  readonly keys: Keys;
  readonly mirror: Mirror;
  /** What is written for who looks into etcd. */
  readonly node: string;
  /** Milliseconds that leadership lasts where an election does not say. */
  readonly ttl: number;
}

/**
 * Who leads is who holds a key, which hangs on a lease of its own; whoever wants it next waits until it is gone. The
 * revision at which the key came to be is the fencing token.
 */
export class EtcdElections {
  readonly #with: EtcdElectionsOptions;
  readonly #closed = new AbortController();
  readonly #led = new Set<EtcdLeadership>();

  constructor(options: EtcdElectionsOptions) {
    this.#with = options;
  }

  /** See `Registry.elect`. */
  async elect(name: string, options: ElectOptions = {}): Promise<Leadership> {
    const { ttl = this.#with.ttl, stopTimeout = 0 } = options;
    checkTerms(name, ttl, stopTimeout);
    const signals = [this.#closed.signal, ...(options.signal === undefined ? [] : [options.signal])];
    const signal = AbortSignal.any(signals);
    const { mirror } = this.#with;
    for (;;) {
      await mirror.until(() => mirror.isLive && mirror.holderOf(name) === undefined, signal);
      const won = await this.#stand(name, ttl, stopTimeout, signal);
      if (won !== null) return won;
    }
  }

  /** All leadership is lost, and nobody is elected any more; resolves when etcd has been told, or cannot be. */
  async close(reason: Error): Promise<void> {
    this.#closed.abort(reason);
    await Promise.all([...this.#led].map((leadership) => leadership.resign()));
  }

  /** Try to get the key, which was free a moment ago. */
  async #stand(
    name: string,
    ttl: number,
    stopTimeout: number,
    signal: AbortSignal,
  ): Promise<EtcdLeadership | null> {
    const { client, time, keys, mirror } = this.#with;
    let lease: Lease | null = null;
    let leadership: EtcdLeadership | null = null;
    try {
      lease = await Lease.grant(client, time, ttl);
      const key = encode(keys.election(name));
      const { header, succeeded = false } = await client.call<TxnResponse>("kv/txn", {
        compare: [{ key, target: "CREATE", result: "EQUAL", create_revision: "0" }],
        success: [{
          request_put: { key, value: encode(JSON.stringify({ node: this.#with.node })), lease: lease.id },
        }],
      });
      if (succeeded && !signal.aborted) {
        const token = Number(header.revision);
        leadership = new EtcdLeadership(lease, token, ttl - stopTimeout, this.#with, name, () => {
          this.#led.delete(leadership!);
        });
        this.#led.add(leadership);
        return leadership.lost.aborted ? null : leadership;
      }
      await mirror.reached(Number(header.revision), signal);
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      if (!(error instanceof EtcdAway)) throw error;
      await pause(time, RETRY, signal);
    } finally {
      // It may have been won without our knowing: then the key goes with the lease.
      if (leadership === null) await lease?.revoke().catch(() => {});
    }
    signal.throwIfAborted();
    return null;
  }
}

/** Leadership that lasts as long as its lease is confirmed in time, and its key is there. */
class EtcdLeadership implements Leadership {
  readonly fencingToken: number;
  readonly #lease: Lease;
  readonly #lost = new AbortController();
  readonly #time: ReactorTime;
  /** From the sending of a keep-alive that is confirmed, so long may it be led. */
  readonly #term: number;
  readonly #deadline: DelayedCall;
  readonly #stopListening: () => void;
  readonly #onLost: () => void;

  constructor(
    lease: Lease,
    token: number,
    term: number,
    { time, mirror }: EtcdElectionsOptions,
    name: string,
    onLost: () => void,
  ) {
    this.fencingToken = token;
    this.#lease = lease;
    this.#time = time;
    this.#term = term;
    this.#onLost = onLost;
    this.#deadline = time.callLater(this.#left, () => this.#lose("etcd did not confirm it in time"));
    lease.onConfirmed = () => this.#deadline.active && this.#deadline.reset(this.#left);
    lease.ended.addEventListener("abort", () => this.#lose("its lease has ended"), { once: true });
    let seen = false;
    this.#stopListening = mirror.onNews(() => {
      const isOurs = mirror.holderOf(name)?.created === token;
      if (seen && !isOurs && mirror.isLive) this.#lose("its key in etcd was taken away");
      seen ||= isOurs;
    });
  }

  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  async resign(): Promise<void> {
    this.#lose("it was resigned");
    // With the lease goes the key. Away, etcd drops it in its time.
    await this.#lease.revoke().catch(() => {});
  }

  abandon(): void {
    this.#lose("it was abandoned");
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.resign();
  }

  /** Milliseconds until it must be given up, as things are. */
  get #left(): number {
    return Math.max(0, this.#lease.confirmedAt + this.#term - this.#time.now());
  }

  #lose(why: string): void {
    if (this.#lost.signal.aborted) return;
    this.#deadline.cancel();
    this.#stopListening();
    this.#lost.abort(new Error(`Leadership is lost: ${why}`));
    // Not to be kept alive any longer: somebody else is to have it in its time.
    this.#lease.abandon();
    this.#onLost();
  }
}
