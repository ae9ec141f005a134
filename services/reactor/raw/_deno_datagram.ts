import type { UdpEndpoint } from "../../endpoint/endpoint.ts";
import type { InetAddress } from "../address.ts";
import type { RawDatagram } from "../raw.ts";

/** All hosts of the local network are members of this group anyway (RFC 1112, section 4). */
const ALL_HOSTS = "224.0.0.1";

type Membership = Deno.MulticastV4Membership | Deno.MulticastV6Membership;
type Received = [Uint8Array, Deno.Addr];

/** Open a UDP port with `Deno.listenDatagram`, which must exist. */
export function bindDenoDatagram(endpoint: UdpEndpoint): RawDatagram {
  return new DenoRawDatagram(Deno.listenDatagram({
    transport: "udp",
    hostname: endpoint.interface,
    port: endpoint.port,
    reuseAddress: endpoint.reuseAddress,
    loopback: endpoint.loopback,
  }));
}

class DenoRawDatagram implements RawDatagram {
  readonly host: InetAddress;
  #socket: Deno.DatagramConn;
  #memberships = new Map<string, Membership>();
  #closed = false;

  constructor(socket: Deno.DatagramConn) {
    this.#socket = socket;
    this.host = socket.addr as Deno.NetAddr & { transport: "udp" };
  }

  receive(buffer: Uint8Array): Promise<readonly [size: number, from: InetAddress]> {
    return this.#socket.receive(buffer).then(sizeAndSender);
  }

  send(data: Uint8Array, to: { readonly hostname: string; readonly port: number }): Promise<number> {
    return this.#socket.send(data, { transport: "udp", hostname: to.hostname, port: to.port });
  }

  async joinGroup(group: string, interfaceAddress?: string): Promise<void> {
    const key = membershipKey(group, interfaceAddress);
    if (this.#memberships.has(key)) return;
    const membership = group.includes(":")
      ? await this.#socket.joinMulticastV6(group, interfaceIndex(interfaceAddress))
      : await this.#socket.joinMulticastV4(group, interfaceAddress ?? "0.0.0.0");
    this.#memberships.set(key, membership);
  }

  async leaveGroup(group: string, interfaceAddress?: string): Promise<void> {
    const key = membershipKey(group, interfaceAddress);
    const membership = this.#memberships.get(key);
    this.#memberships.delete(key);
    await membership?.leave();
  }

  /** Deno sets it through a membership only, though it is the socket's. */
  async setMulticastTTL(hops: number): Promise<void> {
    const membership = await this.#socket.joinMulticastV4(ALL_HOSTS, "0.0.0.0");
    try {
      await membership.setTTL(hops);
    } finally {
      await membership.leave();
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#socket.close();
  }
}

function sizeAndSender([data, from]: Received): readonly [number, InetAddress] {
  return [data.length, from as Deno.NetAddr & { transport: "udp" }];
}

function membershipKey(group: string, interfaceAddress = ""): string {
  return `${group} ${interfaceAddress}`;
}

/** Interfaces are numbered for IPv6; 0 is any. */
function interfaceIndex(text = "0"): number {
  if (!/^\d{1,9}$/.test(text)) {
    throw new TypeError(`Cannot join on interface "${text}": IPv6 wants its index`);
  }
  return Number(text);
}
