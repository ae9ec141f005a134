import type { InetAddress } from "../reactor/address.ts";

/** What a datagram protocol sends through. */
export interface DatagramTransport {
  /** The bound address. */
  readonly host: InetAddress;
  /**
   * Send one datagram, without waiting; `data` belongs to the transport until it is sent. When the
   * system's buffer is full for too long the datagram is dropped and counted, as a network would.
   * @throws {RangeError} when `data` is longer than 65,507 bytes
   */
  write(data: Uint8Array, address: Omit<InetAddress, "transport">): void;
  /** Join a multicast group on the interface that has `interfaceAddress` (IPv4), default any. */
  joinGroup(group: string, interfaceAddress?: string): Promise<void>;
  /** Leave what was joined. */
  leaveGroup(group: string, interfaceAddress?: string): Promise<void>;
  /** Hops that multicast may travel (IPv4), 1 to 255. */
  setMulticastTTL(hops: number): Promise<void>;
  /** Close the port; `stopProtocol` follows. */
  stopListening(): Promise<void>;
}

/** The conversation on one datagram port. An exception in `datagramReceived` is logged; the port lives on. */
export class DatagramProtocol {
  /** Set before `startProtocol`. */
  declare transport: DatagramTransport;

  /** As with `Protocol.borrowsData`: the chunk is of no more use after `datagramReceived`, but for `write`. */
  readonly borrowsData: boolean = false;

  /** Called by the reactor, before the first datagram is received. */
  makeConnection(transport: DatagramTransport): void {
    this.transport = transport;
    this.startProtocol();
  }

  /** The port is bound: send what is to be sent first. */
  startProtocol(): void {}
  /** One datagram, whole. */
  datagramReceived(_data: Uint8Array, _from: InetAddress): void {}
  /** The port is closed; `transport` is of no more use. */
  stopProtocol(): void {}
}
