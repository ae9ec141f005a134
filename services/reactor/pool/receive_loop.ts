import type { InetAddress } from "../address.ts";
import type { RawDatagram } from "../raw.ts";
import type { PooledSocket } from "./pooled_socket.ts";

/** The longest payload of a UDP datagram over IPv4, and room to see that a longer one was cut. */
const BUFFER = 65_536;

/** Takes the datagrams of a port. */
export interface Receiver {
  /** Cannot take another datagram yet: `resume` follows. */
  readonly busy: boolean;
  /** `data` is lent: it is overwritten once the call has returned and the receiver is not busy. */
  receive(data: Uint8Array, from: InetAddress): void;
}

/** A datagram socket with its one pending `receive` and one buffer. */
export class ReceiveLoop implements PooledSocket<Receiver> {
  readonly raw: RawDatagram;
  readonly #buffer = new Uint8Array(BUFFER);
  readonly #failed: (host: InetAddress, error: unknown) => void;
  #receiver: Receiver | null = null;
  #pending = false;
  #closed = false;
  /** Called when the last `receive` of the closed socket has come back. */
  #gone: () => void = () => {};
  /** Came in after the last receiver had gone; what comes then waits in the system's buffer. */
  #held: { readonly data: Uint8Array; readonly from: InetAddress } | null = null;

  constructor(raw: RawDatagram, failed: (host: InetAddress, error: unknown) => void) {
    this.raw = raw;
    this.#failed = failed;
  }

  get host(): InetAddress {
    return this.raw.host;
  }

  attach(receiver: Receiver): void {
    this.#receiver = receiver;
    this.resume();
  }

  detach(): void {
    this.#receiver = null;
  }

  resume(): void {
    const held = this.#held;
    if (held !== null && this.#receiver !== null) {
      this.#held = null;
      this.#receiver.receive(held.data, held.from);
    }
    this.#receive();
  }

  takeQueued(): Promise<void> {
    return Promise.resolve();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.raw.close();
    if (this.#pending) await new Promise<void>((resolve) => this.#gone = resolve);
  }

  #receive(): void {
    if (this.#pending || this.#closed || this.#receiver === null || this.#receiver.busy) return;
    this.#pending = true;
    this.raw.receive(this.#buffer).then(this.#onReceived, this.#onError);
  }

  readonly #onReceived = (received: readonly [number, InetAddress]): void => {
    this.#pending = false;
    if (this.#closed) return this.#gone();
    const [size, from] = received;
    const data = this.#buffer.subarray(0, size);
    if (this.#receiver === null) this.#held = { data: data.slice(), from };
    else this.#receiver.receive(data, from);
    this.#receive();
  };

  /** An ICMP error for something sent earlier surfaces here; the port lives on. */
  readonly #onError = (error: unknown): void => {
    this.#pending = false;
    if (this.#closed) return this.#gone();
    this.#failed(this.host, error);
    this.#receive();
  };
}
