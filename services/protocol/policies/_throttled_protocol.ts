import type { ConnectionClosed } from "../../reactor/errors.ts";
import type { Transport } from "../../reactor/transport.ts";
import type { Protocol } from "../protocol.ts";
import { ProtocolWrapper } from "../protocol_wrapper.ts";
import { GatedTransport } from "./_gated_transport.ts";
import type { RateLimit } from "./_rate_limit.ts";
import { ThrottledOutlet } from "./_throttled_outlet.ts";

/** Stops reading while more has arrived than `reads` allows; holds back what is written in excess of `writes`. */
export class ThrottledProtocol<P extends Protocol> extends ProtocolWrapper<P> {
  readonly #reads: RateLimit | null;
  readonly #writes: RateLimit | null;
  #gate: GatedTransport | null = null;

  constructor(inner: P, reads: RateLimit | null, writes: RateLimit | null) {
    super(inner);
    this.#reads = reads;
    this.#writes = writes;
  }

  override dataReceived(data: Uint8Array): void {
    if (this.#reads?.spend(data.length) === false) {
      this.#gate?.hold("rate");
      this.#reads.wait(this.#readOn);
    }
    if (this.#hears()) super.dataReceived(data);
  }

  override readConnectionLost(): void {
    if (this.#hears()) super.readConnectionLost();
  }

  override connectionLost(reason: ConnectionClosed): void {
    this.#reads?.forget(this.#readOn);
    if (this.#gate instanceof ThrottledOutlet) this.#gate.discard();
    super.connectionLost(reason);
  }

  protected override wrapTransport(transport: Transport): Transport {
    return this.#gate = this.#writes === null
      ? new GatedTransport(transport)
      : new ThrottledOutlet(transport, this.#writes);
  }

  /** While the outlet's queue is flushed before a close, the transport is still open, but not to `inner`. */
  #hears(): boolean {
    return this.#gate?.state === "open";
  }

  readonly #readOn = (): void => this.#gate?.release("rate");
}
