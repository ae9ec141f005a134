import { Link, type LinkOptions, type Sender } from "../../../../plugins/discovery/dns_sd/link/link.ts";
import type { Claim } from "../../../../plugins/discovery/dns_sd/link/claim.ts";
import { decode, type Packet, type ResourceRecord } from "../../../../services/dns/dns_packet.ts";
import { Clock } from "../../../../services/testing/mod.ts";

/** A message on the wire. */
export interface Sent {
  readonly from: string;
  readonly to: Sender | "all";
  readonly packet: Required<Packet>;
}

/** A network cable with hosts on it, on one clock. */
export class Wire {
  readonly clock = new Clock();
  readonly sent: Sent[] = [];
  readonly #hosts = new Map<string, Link>();

  /** A host at `address`; what it hears and settles is kept. */
  host(address: string, random = 0.5): { link: Link; heard: ResourceRecord[]; settled: Claim[] } {
    const heard: ResourceRecord[] = [];
    const settled: Claim[] = [];
    const options: LinkOptions = {
      time: this.clock,
      random: () => random,
      settled: (claim) => settled.push(claim),
      heard: (records) => heard.push(...records),
      send: (message, to) => this.#carry(address, message, to),
    };
    const link = new Link(options);
    this.#hosts.set(address, link);
    return { link, heard, settled };
  }

  /** What was sent since the last call. */
  take(): Sent[] {
    return this.sent.splice(0);
  }

  #carry(from: string, message: Uint8Array, to: Sender | "all"): void {
    this.sent.push({ from, to, packet: decode(message) });
    for (const [address, link] of this.#hosts) {
      if (address === from || (to !== "all" && to.hostname !== address)) continue;
      // As a network does: later, and as bytes of its own.
      this.clock.callLater(0, () => link.receive(message.slice(), { hostname: from, port: 5353 }));
    }
  }
}

/** `SRV web._http._tcp.local 120`. */
export function told({ type, name, ttl }: ResourceRecord): string {
  return `${type} ${name} ${ttl}`;
}
