import type { ReactorTime } from "../../../services/async/time.ts";
import type { EtcdClient } from "./etcd_client.ts";
import { Lease } from "./lease.ts";
import type { Mirror } from "./mirror.ts";
import { pause } from "./pause.ts";

/** Between two attempts to get a lease, ms. */
const RETRY = 500;

/**
 * The lease that everything registered here hangs on, replaced when it is lost. With it goes, within its time, all
 * that a runner has registered that is no more.
 */
export class Session {
  /** Tells the lives of registries apart. */
  readonly id: string = crypto.randomUUID();
  readonly #client: EtcdClient;
  readonly #time: ReactorTime;
  readonly #mirror: Mirror;
  readonly #ttl: number;
  readonly #onRenewed: () => void;
  readonly #stop = new AbortController();
  #lease: Lease | null = null;
  #leased: PromiseWithResolvers<void> = Promise.withResolvers();

  /** `onRenewed` is called when there is a new lease: what hung on the old one is to be written again. */
  constructor(client: EtcdClient, time: ReactorTime, mirror: Mirror, ttl: number, onRenewed: () => void) {
    this.#client = client;
    this.#time = time;
    this.#mirror = mirror;
    this.#ttl = ttl;
    this.#onRenewed = onRenewed;
  }

  /** The lease, while there is one. */
  get lease(): Lease | null {
    return this.#lease;
  }

  /** Resolves when there is a lease. */
  get leased(): Promise<void> {
    return this.#leased.promise;
  }

  /** Have a lease until {@linkcode end}. */
  async run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      try {
        const lease = await Lease.grant(this.#client, this.#time, this.#ttl);
        if (this.#stop.signal.aborted) return await lease.revoke();
        this.#lease = lease;
        this.#leased.resolve();
        this.#onRenewed();
        await aborted(AbortSignal.any([lease.ended, this.#stop.signal]));
        if (this.#stop.signal.aborted) return;
        this.#lease = null;
        this.#leased = Promise.withResolvers();
        this.#mirror.probe();
      } catch {
        if (this.#stop.signal.aborted) return;
        // The mirror says that etcd is away, and when it is back.
        await pause(this.#time, RETRY, this.#stop.signal);
      }
    }
  }

  /** The lease was refused: get another one. */
  renew(lease: Lease): void {
    lease.abandon();
  }

  /** Have no lease any more, nor what hangs on it. Rejects when etcd could not be told: then it goes in its time. */
  async end(): Promise<void> {
    this.#stop.abort();
    await this.#lease?.revoke();
  }
}

/** Resolves when `signal` is aborted. */
function aborted(signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  if (signal.aborted) resolve();
  else signal.addEventListener("abort", () => resolve(), { once: true });
  return promise;
}
