import type { DelayedCall, ReactorTime } from "../../../services/async/time.ts";
import type { EtcdClient } from "./etcd_client.ts";
import { EtcdError, GRPC } from "./etcd_error.ts";
import type { GrantResponse, KeepAliveResponse } from "./messages.ts";

/** How soon a keep-alive is sent again that was not answered, ms. */
const RETRY = 500;

/** A lease of etcd's that is kept alive until it is revoked, or etcd says that it is no more. */
export class Lease {
  /** As etcd writes it. */
  readonly id: string;
  /** Called whenever `confirmedAt` has moved. */
  onConfirmed: () => void = () => {};
  readonly #client: EtcdClient;
  readonly #time: ReactorTime;
  readonly #ttl: number;
  readonly #ended = new AbortController();
  #confirmedAt: number;
  #next: DelayedCall;

  private constructor(client: EtcdClient, time: ReactorTime, ttl: number, id: string, sentAt: number) {
    this.#client = client;
    this.#time = time;
    this.#ttl = ttl;
    this.id = id;
    this.#confirmedAt = sentAt;
    this.#next = time.callLater(ttl / 3, () => void this.#keepAlive());
  }

  /**
   * A new lease of `ttl` ms, which etcd counts in whole seconds.
   * @throws {EtcdError | EtcdAway}
   */
  static async grant(client: EtcdClient, time: ReactorTime, ttl: number): Promise<Lease> {
    const sentAt = time.now();
    const { ID } = await client.call<GrantResponse>("lease/grant", { TTL: Math.ceil(ttl / 1000) });
    return new Lease(client, time, ttl, ID, sentAt);
  }

  /** When the last keep-alive was sent that etcd has confirmed: from then on it lasts for `ttl` at least. */
  get confirmedAt(): number {
    return this.#confirmedAt;
  }

  /** Aborted when it is no more, or is not kept alive any longer. */
  get ended(): AbortSignal {
    return this.#ended.signal;
  }

  /** Keep it alive no longer, and let etcd drop it at once, with its keys. */
  async revoke(): Promise<void> {
    this.abandon();
    await this.#client.call("lease/revoke", { ID: this.id });
  }

  /** Keep it alive no longer: it ends in its time. */
  abandon(): void {
    this.#next.cancel();
    this.#ended.abort(new Error("The lease was given up"));
  }

  async #keepAlive(): Promise<void> {
    const sentAt = this.#time.now();
    let wait = this.#ttl / 3;
    try {
      const { TTL } = await this.#client.callStream<KeepAliveResponse>("lease/keepalive", { ID: this.id });
      if (this.#ended.signal.aborted) return;
      if (TTL === undefined || Number(TTL) <= 0) return this.#lose();
      this.#confirmedAt = sentAt;
      this.onConfirmed();
    } catch (error) {
      if (this.#ended.signal.aborted) return;
      if (error instanceof EtcdError && error.code === GRPC.notFound) return this.#lose();
      wait = Math.min(RETRY, wait);
    }
    const due = Math.max(0, sentAt + wait - this.#time.now());
    this.#next = this.#time.callLater(due, () => void this.#keepAlive());
  }

  #lose(): void {
    this.#ended.abort(new Error("etcd has ended the lease"));
  }
}
