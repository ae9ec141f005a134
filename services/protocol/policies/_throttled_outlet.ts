import type { ConnectTls, ServeTls } from "../../endpoint/endpoint.ts";
import type { Producer, TlsInfo, Transport } from "../../reactor/transport.ts";
import { ByteQueue } from "../byte_queue.ts";
import { GatedTransport } from "./_gated_transport.ts";
import type { RateLimit } from "./_rate_limit.ts";

// The marks of every transport's write buffer, in bytes.
const highWater = 64 * 1024;
const lowWater = 16 * 1024;
const hardLimit = 16 * 1024 * 1024;

/** A transport with a queue before its own: what waits there waits for the rate. */
export class ThrottledOutlet extends GatedTransport {
  readonly #rate: RateLimit;
  readonly #queue = new ByteQueue();
  #producer: Producer | null = null;
  #full = false;
  /** What is to be done once the queue is flushed. */
  #ending: "none" | "writes" | "connection" = "none";
  #drainWaiters: Array<() => void> = [];

  constructor(beneath: Transport, rate: RateLimit) {
    super(beneath);
    this.#rate = rate;
  }

  override get state(): "open" | "closing" | "closed" {
    const state = this.beneath.state;
    return state === "open" && this.#ending === "connection" ? "closing" : state;
  }

  override get bufferedBytes(): number {
    return this.#queue.length + this.beneath.bufferedBytes;
  }

  override write(data: Uint8Array): void {
    if (!this.#acceptsWrites() || data.length === 0) return;
    if (this.#queue.length === 0 && this.#rate.take(data.length)) return this.beneath.write(data);
    if (this.#queue.length > hardLimit) {
      return this.abortConnection(`More than ${hardLimit} bytes wait for the write rate`);
    }
    const waiting = this.#queue.length > 0;
    this.#queue.push(data);
    // The chunk may be lent until it is written, which is now as far as the lender can tell.
    this.#queue.own();
    if (!waiting) this.#rate.wait(this.#pass);
    if (this.#queue.length > highWater) this.#stall();
  }

  override async drained(): Promise<void> {
    if (this.#queue.length > 0) await new Promise<void>((resolve) => this.#drainWaiters.push(resolve));
    return this.beneath.drained();
  }

  override loseConnection(): void {
    this.#ending = "connection";
    this.#settle();
  }

  override loseWriteConnection(): void {
    if (this.#ending === "none") this.#ending = "writes";
    this.#settle();
  }

  override abortConnection(reason?: string): void {
    this.discard();
    super.abortConnection(reason);
  }

  override registerProducer(producer: Producer): void {
    if (this.#producer !== null) throw new Error("Cannot register a producer: another one is registered");
    if (this.state === "closed") return producer.stopProducing();
    this.#producer = producer;
    if (this.#full) producer.pauseProducing();
  }

  override unregisterProducer(): void {
    this.#producer = null;
    this.#settle();
  }

  override async startTLS(options: ServeTls | ConnectTls): Promise<TlsInfo> {
    // What arrives while the queue is flushed belongs to what startTLS throws away.
    this.hold("tls");
    if (this.#queue.length > 0) await this.drained();
    const handshake = this.beneath.startTLS(options);
    this.release("tls");
    return await handshake;
  }

  /** The connection is over, or about to be. */
  discard(): void {
    this.#rate.forget(this.#pass);
    this.#queue.clear();
    this.#wake();
    const producer = this.#producer;
    this.#producer = null;
    producer?.stopProducing();
  }

  #acceptsWrites(): boolean {
    if (this.beneath.state !== "open") return false;
    return this.#ending === "none" || (this.#ending === "connection" && this.#producer !== null);
  }

  /** Send a share of the queue. */
  readonly #pass = (share: number): void => {
    if (this.#queue.length === 0) return;
    if (this.beneath.bufferedBytes > highWater) {
      // The peer is slower than the rate: leave the share to others.
      void this.beneath.drained().then(() => {
        if (this.#queue.length > 0) this.#rate.wait(this.#pass);
      });
      return;
    }
    const bytes = this.#queue.take(Math.min(share, this.#queue.length));
    this.#rate.spend(bytes.length);
    this.beneath.write(bytes);
    if (this.#queue.length > 0) this.#rate.wait(this.#pass);
    this.#settle();
  };

  #stall(): void {
    if (this.#full) return;
    this.#full = true;
    if (this.#producer === null) this.hold("writes");
    else this.#producer.pauseProducing();
  }

  /** The queue is low or empty: what waited for that goes on. */
  #settle(): void {
    if (this.#full && this.#queue.length <= lowWater) {
      this.#full = false;
      this.release("writes");
      this.#producer?.resumeProducing();
    }
    if (this.#queue.length > 0) return;
    this.#wake();
    if (this.#producer !== null) return;
    if (this.#ending === "writes") this.beneath.loseWriteConnection();
    if (this.#ending === "connection") this.beneath.loseConnection();
  }

  #wake(): void {
    for (const wake of this.#drainWaiters.splice(0)) wake();
  }
}
