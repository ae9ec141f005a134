import type { UdpEndpoint } from "../../endpoint/endpoint.ts";
import type { InetAddress } from "../address.ts";
import type { RawDatagram } from "../raw.ts";
import { fromDenoAddr } from "./_address.ts";

type Membership = Deno.MulticastV4Membership | Deno.MulticastV6Membership;

/** Whether this runtime was started with the flag that `Deno.listenDatagram` needs. */
export function hasListenDatagram(): boolean {
  return typeof Deno.listenDatagram === "function";
}

/** Bind by `Deno.listenDatagram`; throws the system's error. */
export function bindDenoDatagram(endpoint: UdpEndpoint): RawDatagram {
  const { port, interface: hostname, reuseAddress, loopback } = endpoint;
  return new DenoDatagram(
    Deno.listenDatagram({ transport: "udp", port, hostname, reuseAddress, loopback }),
    loopback,
  );
}

/** A `Deno.DatagramConn` as a {@linkcode RawDatagram}. */
class DenoDatagram implements RawDatagram {
  readonly host: InetAddress;
  readonly #conn: Deno.DatagramConn;
  readonly #loopback: boolean;
  readonly #memberships = new Map<string, Membership>();
  #hops: number | null = null;
  #closed = false;

  constructor(conn: Deno.DatagramConn, loopback: boolean) {
    this.#conn = conn;
    this.#loopback = loopback;
    this.host = fromDenoAddr(conn.addr) as InetAddress;
  }

  receive(buffer: Uint8Array): Promise<readonly [number, InetAddress]> {
    return this.#conn.receive(buffer).then(sizeAndSender);
  }

  send(data: Uint8Array, to: { readonly hostname: string; readonly port: number }): Promise<number> {
    return this.#conn.send(data, { transport: "udp", hostname: to.hostname, port: to.port });
  }

  async joinGroup(group: string, interfaceAddress = "0.0.0.0"): Promise<void> {
    const key = `${group} ${interfaceAddress}`;
    if (group.includes(":")) {
      const membership = await this.#conn.joinMulticastV6(group, 0);
      this.#memberships.set(key, membership);
      await membership.setLoopback(this.#loopback);
    } else {
      const membership = await this.#conn.joinMulticastV4(group, interfaceAddress);
      this.#memberships.set(key, membership);
      await membership.setLoopback(this.#loopback);
      if (this.#hops !== null) await membership.setTTL(this.#hops);
    }
  }

  async leaveGroup(group: string, interfaceAddress = "0.0.0.0"): Promise<void> {
    const key = `${group} ${interfaceAddress}`;
    const membership = this.#memberships.get(key);
    this.#memberships.delete(key);
    await membership?.leave();
  }

  async setMulticastTTL(hops: number): Promise<void> {
    this.#hops = hops;
    for (const membership of this.#memberships.values()) {
      // The runtime has no such setting for IPv6.
      if (isV4(membership)) await membership.setTTL(hops);
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#conn.close();
  }
}

function sizeAndSender([data, from]: [Uint8Array, Deno.Addr]): readonly [number, InetAddress] {
  // Deno's own object has all that ours has.
  return [data.length, from as InetAddress];
}

function isV4(membership: Membership): membership is Deno.MulticastV4Membership {
  return "setTTL" in membership;
}
