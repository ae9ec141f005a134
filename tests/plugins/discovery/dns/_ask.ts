import { Responder } from "../../../../plugins/discovery/dns/responder.ts";
import { Zone } from "../../../../plugins/discovery/dns/zone/zone.ts";
import { parseIpAddress } from "../../../../services/endpoint/ip_address.ts";
import { decode, encode, type Packet, type ResourceRecord } from "../../../../services/dns/dns_packet.ts";
import { EmbeddedRegistry } from "../../../../services/registry/embedded_registry.ts";
import type { RegistrationOptions } from "../../../../services/registry/registry.ts";
import { Clock } from "../../../../services/testing/mod.ts";

/** A query as `dig` sends one: recursion desired, EDNS0 unless `plain`. */
export function query(name: string, type: string, { plain = false, id = 1, size = 1232 } = {}): Uint8Array {
  return encode({
    type: "query",
    id,
    flags: 0x0100,
    questions: [{ name, type }],
    additionals: plain ? [] : [{ name: ".", type: "OPT", udpPayloadSize: size, flags: 0 }],
  });
}

/** A zone, asked without sockets. */
export class Asked {
  readonly registry = new EmbeddedRegistry({ time: new Clock() });
  readonly responder: Responder;

  constructor({ forwards = false } = {}) {
    const zone = new Zone(this.registry, {
      name: "heddle.test",
      ttl: 5,
      server: parseIpAddress("127.0.0.1"),
    });
    this.responder = new Responder(zone, forwards);
  }

  async register(...all: RegistrationOptions[]): Promise<void> {
    for (const options of all) await this.registry.register(options);
  }

  /** The bytes of the reply; null when there is none. */
  raw(message: Uint8Array, carrier: "udp" | "tcp" = "udp"): Uint8Array | null {
    const verdict = this.responder.judge(message, carrier);
    return verdict.kind === "reply" ? verdict.reply : null;
  }

  ask(
    name: string,
    type: string,
    options: Parameters<typeof query>[2] & { tcp?: boolean } = {},
  ): Required<Packet> {
    return decode(this.raw(query(name, type, options), options.tcp ? "tcp" : "udp")!);
  }

  /** The answers' data, as text. */
  answers(name: string, type: string): string[] {
    return this.ask(name, type).answers.map(shown);
  }
}

/** `SRV 1 8080 10-0-0-5.ip4.heddle.test`: a record's type and data. */
export function shown({ type, data }: ResourceRecord): string {
  if (type === "SRV") {
    const { weight, port, target } = data as { weight: number; port: number; target: string };
    return `SRV ${weight} ${port} ${target}`;
  }
  if (type === "TXT") {
    return `TXT ${(data as Uint8Array[]).map((part) => new TextDecoder().decode(part)).join(" ")}`;
  }
  return `${type} ${typeof data === "string" ? data : JSON.stringify(data)}`;
}
