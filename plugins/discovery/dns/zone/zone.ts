import { Buffer } from "node:buffer";
import { formatIpAddress, type IpAddress, parseIpAddress } from "../../../../services/endpoint/ip_address.ts";
import type { Registry } from "../../../../services/registry/registry.ts";
import { RCODE, TYPE } from "../wire/codes.ts";
import { encodeRecord } from "../wire/record.ts";
import type { Answer } from "../wire/reply.ts";
import { addressOf, hostLabels } from "./hosts.ts";
import { placed, type PlacedInstance } from "../../placed_instance.ts";

/** What a zone is made of. */
export interface ZoneOptions {
  /** Its name, in lower case. */
  readonly name: string;
  /** Seconds for which others may keep an answer. */
  readonly ttl: number;
  /** Where its name server is reached; null: unknown. */
  readonly server: IpAddress | null;
}

/** The records of one name and type, encoded. */
interface RecordSet {
  readonly answers: readonly Uint8Array[];
  readonly additional: readonly Uint8Array[];
  /** The answer that comes first next time. */
  turn: number;
}

/** A DNS-SD browsing domain (RFC 6763, section 11), and the enumeration of services (section 9). */
const BROWSE = /^(?:b|db|lb)\._dns-sd\._udp$/;
const ALL_TYPES = "_services._dns-sd._udp";
/** Names that exist because of what is below them. */
const EMPTY = new Set(["ip4", "ip6", "_tcp", "_udp", "_dns-sd._udp"]);
const TYPED = /^(?:([^.]+)\.)?_([^._][^.]*)\._(tcp|udp)$/;

/**
 * The zone that the registry's services make, encoded once for each revision:
 *
 * - `web`: A, AAAA, SRV, TXT of the ready instances; `_web._tcp` and `_web._udp`: SRV, by protocol
 * - `_web._tcp`: PTR to `10-0-0-5-8080._web._tcp`, which has SRV and TXT; `_services._dns-sd._udp`: PTR to all such
 *   (RFC 6763, for those who browse)
 * - `10-0-0-5.ip4`: the address
 * - the zone itself: SOA, NS; `ns`: the server's address
 */
export class Zone {
  readonly name: string;
  readonly #options: ZoneOptions;
  readonly #registry: Pick<Registry, "revision" | "list">;
  readonly #cache = new Map<string, RecordSet>();
  #revision = -1;

  constructor(registry: Pick<Registry, "revision" | "list">, options: ZoneOptions) {
    this.name = options.name;
    this.#registry = registry;
    this.#options = options;
  }

  /** What is below the zone of a name, `""` of the zone itself; null when it is of another zone. */
  within(name: string): string | null {
    if (name === this.name) return "";
    const at = name.length - this.name.length - 1;
    return at > 0 && name[at] === "." && name.endsWith(this.name) ? name.slice(0, at) : null;
  }

  /** The answer to a question about `labels` below the zone. */
  answer(labels: string, type: number): Answer {
    if (this.#revision !== this.#registry.revision) {
      this.#cache.clear();
      this.#revision = this.#registry.revision;
    }
    const key = `${type} ${labels}`;
    let set = this.#cache.get(key);
    if (set === undefined) {
      const records = this.#records(labels, type);
      if (records === null) return this.#negative(RCODE.NXDOMAIN);
      set = { answers: [], additional: [], turn: 0, ...records };
      if (set.answers.length === 0) return this.#negative(RCODE.NOERROR);
      // Only what the registry's instances make, so that no stranger can fill it.
      if (addressOf(labels) === null) this.#cache.set(key, set);
    }
    const first = set.turn;
    set.turn = (first + 1) % set.answers.length;
    return {
      rcode: RCODE.NOERROR,
      authoritative: true,
      answers: set.answers,
      first,
      additional: set.additional,
    };
  }

  /** Nothing: the name has no such records, or does not exist. The SOA record says how long to believe it. */
  #negative(rcode: number): Answer {
    return { rcode, authoritative: true, answers: [], authority: [this.#soa(this.name)] };
  }

  /** Null when there is no such name. */
  #records(labels: string, type: number): Partial<RecordSet> | null {
    if (labels === "") return this.#apex(type);
    if (labels === "ns") {
      return this.#addresses(this.#options.server === null ? [] : [this.#options.server], type);
    }
    if (EMPTY.has(labels)) return {};
    if (labels === ALL_TYPES) return type === TYPE.PTR ? { answers: this.#allTypes() } : {};
    if (BROWSE.test(labels)) return type === TYPE.PTR ? { answers: [this.#record("PTR", this.name)] } : {};
    const address = addressOf(labels);
    if (address !== null) return this.#addresses([address], type);
    const typed = TYPED.exec(labels);
    if (typed !== null) return this.#typed(typed[1], typed[2]!, typed[3] as "tcp" | "udp", type);
    return labels.includes(".") ? null : this.#service(labels, type);
  }

  #apex(type: number): Partial<RecordSet> {
    if (type === TYPE.SOA) return { answers: [this.#soa()] };
    if (type !== TYPE.NS) return {};
    const { server } = this.#options;
    const glue = server === null ? [] : [this.#addressRecord(server, `ns.${this.name}`)];
    return { answers: [this.#record("NS", `ns.${this.name}`)], additional: glue };
  }

  #service(service: string, type: number): Partial<RecordSet> | null {
    const instances = this.#registry.list(service);
    if (instances.length === 0) return null;
    const ready = placed(instances);
    if (type === TYPE.SRV) {
      const streams = ready.filter(({ protocol }) => protocol === "tcp");
      return this.#srv(streams.length > 0 ? streams : ready);
    }
    if (type === TYPE.TXT) return { answers: ready.map((one) => this.#txt(one)) };
    return this.#addresses(ready.map(({ address }) => address), type);
  }

  #typed(
    instance: string | undefined,
    service: string,
    protocol: PlacedInstance["protocol"],
    type: number,
  ): Partial<RecordSet> | null {
    const all = placed(this.#registry.list(service)).filter((one) => one.protocol === protocol);
    if (instance === undefined) {
      if (all.length === 0) return this.#registry.list(service).length === 0 ? null : {};
      if (type === TYPE.SRV) return this.#srv(all);
      if (type !== TYPE.PTR) return {};
      return { answers: all.map((one) => this.#record("PTR", this.#instanceName(one))) };
    }
    const one = all.find((one) => instanceLabel(one) === instance);
    if (one === undefined) return null;
    if (type === TYPE.SRV) return this.#srv([one]);
    return type === TYPE.TXT ? { answers: [this.#txt(one)] } : {};
  }

  #srv(instances: readonly PlacedInstance[]): Partial<RecordSet> {
    const unique = [...new Map(instances.map((one) => [instanceLabel(one), one])).values()];
    const hosts = new Map(unique.map(({ address }) => [hostLabels(address), address]));
    return {
      answers: unique.map(({ instance, address, port }) =>
        this.#record("SRV", {
          priority: 0,
          weight: instance.weight,
          port,
          target: `${hostLabels(address)}.${this.name}`,
        })
      ),
      additional: [...hosts].map(([labels, address]) =>
        this.#addressRecord(address, `${labels}.${this.name}`)
      ),
    };
  }

  /** Metadata as RFC 6763 has it: `key=value` strings, or one that is empty. Longer ones than 255 bytes are left out. */
  #txt({ instance: { metadata, tags } }: PlacedInstance): Uint8Array {
    const pairs = Object.entries(metadata).map(([key, value]) => `${key}=${value}`);
    if (tags.length > 0) pairs.push(`tags=${tags.join(",")}`);
    const strings = pairs.map((pair) => Buffer.from(pair)).filter(({ length }) => length <= 255);
    return this.#record("TXT", strings.length > 0 ? strings : [Buffer.alloc(0)]);
  }

  #addresses(addresses: readonly IpAddress[], type: number): Partial<RecordSet> {
    const words = type === TYPE.A ? 1 : type === TYPE.AAAA ? 4 : 0;
    const texts = new Set(addresses.filter(({ length }) => length === words).map(formatIpAddress));
    return { answers: [...texts].map((text) => this.#record(words === 1 ? "A" : "AAAA", text)) };
  }

  #allTypes(): Uint8Array[] {
    const types = new Set(
      placed(this.#registry.list()).map(({ instance, protocol }) => `_${instance.service}._${protocol}`),
    );
    return [...types].map((type) => this.#record("PTR", `${type}.${this.name}`));
  }

  #instanceName(one: PlacedInstance): string {
    return `${instanceLabel(one)}._${one.instance.service}._${one.protocol}.${this.name}`;
  }

  #addressRecord(address: IpAddress, name: string): Uint8Array {
    return this.#record(address.length === 1 ? "A" : "AAAA", formatIpAddress(address), name);
  }

  #soa(name?: string): Uint8Array {
    const { ttl } = this.#options;
    return this.#record("SOA", {
      mname: `ns.${this.name}`,
      rname: `hostmaster.${this.name}`,
      serial: this.#registry.revision >>> 0,
      refresh: 3600,
      retry: 600,
      expire: 86_400,
      minimum: ttl,
    }, name);
  }

  #record(type: Parameters<typeof encodeRecord>[0], data: unknown, name?: string): Uint8Array {
    return encodeRecord(type, this.#options.ttl, data, name);
  }
}

/** `10-0-0-5-8080`: one label for each place. */
function instanceLabel({ address, port }: PlacedInstance): string {
  return `${hostLabels(address).replace(/\.ip[46]$/, "")}-${port}`;
}

/** The address of `hostname` where it is one that others can use; null for one that stands for all. */
export function serverAddress(hostname: string): IpAddress | null {
  const address = parseIpAddress(hostname);
  return address === null || address.every((word) => word === 0) ? null : address;
}
