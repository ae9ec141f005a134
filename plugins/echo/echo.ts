import { DatagramProtocol } from "../../services/protocol/datagram_protocol.ts";
import { Protocol } from "../../services/protocol/protocol.ts";
import type { InetAddress } from "../../services/reactor/address.ts";

/** Sends every byte back. */
export class Echo extends Protocol {
  override readonly borrowsData = true;

  override dataReceived(data: Uint8Array): void {
    this.transport.write(data);
  }
}

/** Sends every datagram back to where it came from. */
export class EchoDatagrams extends DatagramProtocol {
  override datagramReceived(data: Uint8Array, from: InetAddress): void {
    this.transport.write(data, from);
  }
}
