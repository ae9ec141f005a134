import { type CidrBlock, matchesAny } from "../../../services/endpoint/cidr.ts";
import { DatagramProtocol } from "../../../services/protocol/datagram_protocol.ts";
import type { InetAddress } from "../../../services/reactor/address.ts";
import type { DnsDesk } from "./dns_desk.ts";

/** DNS over UDP. Strangers get no answer at all, so that nobody can be flooded with ours in their name. */
export class DnsDatagrams extends DatagramProtocol {
  readonly #desk: DnsDesk;
  readonly #allow: readonly CidrBlock[];

  constructor(desk: DnsDesk, allow: readonly CidrBlock[]) {
    super();
    this.#desk = desk;
    this.#allow = allow;
  }

  override datagramReceived(data: Uint8Array, from: InetAddress): void {
    if (!matchesAny(from.hostname, this.#allow)) return;
    this.#desk.handle(data, "udp", (reply) => this.transport.write(reply, from));
  }
}
