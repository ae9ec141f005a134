import type { Logger } from "../../log.ts";
import type { DatagramProtocol, DatagramTransport } from "../../protocol/datagram_protocol.ts";
import type { Chunks } from "../_chunks.ts";
import type { InetAddress } from "../address.ts";
import { onAccountOf, type Owner } from "../attribution.ts";
import type { ReceiveLoop, Receiver } from "../pool/receive_loop.ts";
import type { Lease } from "../pool/socket_pool.ts";
import type { PastCounters } from "./connection_book.ts";

/** The longest payload of a UDP datagram over IPv4. */
const MOST_BYTES = 65_507;
/** Sends under way at once; beyond it datagrams are dropped, as a full queue of the system would. */
const MOST_SENDS = 1_024;

/** A datagram port of a scope. */
export class ScopedDatagramPort implements DatagramTransport, Receiver {
  readonly #protocol: DatagramProtocol;
  readonly #owner: Owner;
  readonly #log: Logger;
  readonly #chunks: Chunks;
  #lease: Lease<ReceiveLoop> | null = null;
  #onReleased: () => void = () => {};
  #releasing: Promise<void> | null = null;
  #sends = 0;
  bytesRead = 0;
  bytesWritten = 0;
  dropped = 0;

  constructor(protocol: DatagramProtocol, owner: Owner, log: Logger, chunks: Chunks) {
    this.#protocol = protocol;
    this.#owner = owner;
    this.#log = log;
    this.#chunks = chunks;
  }

  get host(): InetAddress {
    return this.#lease!.socket.host;
  }

  /** Of a borrower, sends under way may stand in the buffer that the next datagram is received into. */
  get busy(): boolean {
    return this.#protocol.borrowsData && this.#sends > 0;
  }

  counters(): PastCounters {
    const { bytesRead, bytesWritten } = this;
    return { connectionsTotal: 0, bytesRead, bytesWritten, protocolErrors: 0 };
  }

  /** The socket has been acquired; `onReleased` is called when it has been given up. */
  bound(lease: Lease<ReceiveLoop>, onReleased: () => void): void {
    this.#lease = lease;
    this.#onReleased = onReleased;
  }

  /** Start the protocol, before anything is received. */
  start(): void {
    onAccountOf(this.#owner, () => this.#protocol.makeConnection(this));
  }

  activate(): void {
    this.#lease?.activate();
  }

  receive(data: Uint8Array, from: InetAddress): void {
    this.bytesRead += data.length;
    try {
      onAccountOf(this.#owner, this.#received, data, from);
    } catch (error) {
      this.#log.error("Datagram protocol threw an exception", { error });
    }
  }

  readonly #received = (data: Uint8Array, from: InetAddress): void => {
    this.#protocol.datagramReceived(this.#protocol.borrowsData ? data : this.#chunks.copy(data), from);
  };

  write(data: Uint8Array, address: Omit<InetAddress, "transport">): void {
    if (data.length > MOST_BYTES) {
      throw new RangeError(`Cannot send a datagram of ${data.length} bytes: the limit is ${MOST_BYTES}`);
    }
    if (this.#releasing !== null || this.#lease === null) return;
    if (this.#sends >= MOST_SENDS) {
      this.dropped++;
      return;
    }
    this.#sends++;
    this.bytesWritten += data.length;
    this.#lease.socket.raw.send(data, address).then(this.#onSent, this.#onSendError);
  }

  readonly #onSent = (): void => {
    this.#sends--;
    if (this.#sends === 0 && this.#protocol.borrowsData) this.#lease?.socket.resume();
  };

  readonly #onSendError = (error: unknown): void => {
    this.#onSent();
    this.dropped++;
    if (this.#releasing === null) this.#log.debug("Datagram was not sent", { error });
  };

  joinGroup(group: string, interfaceAddress?: string): Promise<void> {
    return this.#lease!.socket.raw.joinGroup(group, interfaceAddress);
  }

  leaveGroup(group: string, interfaceAddress?: string): Promise<void> {
    return this.#lease!.socket.raw.leaveGroup(group, interfaceAddress);
  }

  setMulticastTTL(hops: number): Promise<void> {
    return this.#lease!.socket.raw.setMulticastTTL(hops);
  }

  stopListening(): Promise<void> {
    return this.release(0);
  }

  /** Let go of the socket, which stays open for `hold` ms for a successor. */
  release(hold: number): Promise<void> {
    return this.#releasing ??= this.#release(hold);
  }

  async #release(hold: number): Promise<void> {
    await this.#lease?.release(hold);
    try {
      onAccountOf(this.#owner, () => this.#protocol.stopProtocol());
    } catch (error) {
      this.#log.error("Datagram protocol threw an exception", { error });
    }
    this.#onReleased();
  }
}
