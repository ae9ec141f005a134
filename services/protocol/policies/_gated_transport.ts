import { TransportWrapper } from "../transport_wrapper.ts";

/** Who may hold up reading: the protocol, a rate, a write queue that is full, a change to TLS. */
export type Holder = "protocol" | "rate" | "writes" | "tls";

/** A transport that reads only while none of several parties holds it up. */
export class GatedTransport extends TransportWrapper {
  readonly #holders = new Set<Holder>();

  override pauseProducing(): void {
    this.hold("protocol");
  }

  override resumeProducing(): void {
    this.release("protocol");
  }

  hold(holder: Holder): void {
    if (this.#holders.size === 0) this.beneath.pauseProducing();
    this.#holders.add(holder);
  }

  release(holder: Holder): void {
    if (this.#holders.delete(holder) && this.#holders.size === 0) this.beneath.resumeProducing();
  }
}
