import { Buffer } from "node:buffer";
import type { ResourceRecord } from "../../../services/dns/dns_packet.ts";
import { parseIpAddress } from "../../../services/endpoint/ip_address.ts";
import type { ClaimSpec } from "./link/claim.ts";
import type { OwnRecord } from "./link/record.ts";

/** A service that a link is told of. */
export interface OwnService {
  /** How people see it. */
  readonly label: string;
  /** `_http._tcp`. */
  readonly type: string;
  readonly port: number;
  readonly txt: Readonly<Record<string, string>>;
}

/**
 * Seconds for which others may keep what we say. Shorter than RFC 6762 (section 10) has it for PTR: a runner that was
 * killed cannot say goodbye.
 */
const TTL = 120;
const ALL_TYPES = "_services._dns-sd._udp.local";

/** The name of this machine, with its addresses on the link. */
export function hostClaim(label: string, addresses: readonly string[]): ClaimSpec {
  return {
    label,
    domain: "local",
    alternative: (label, attempt) => `${label}-${attempt}`,
    records: (name) =>
      addresses.map((data) => unique(name, parseIpAddress(data)?.length === 1 ? "A" : "AAAA", data)),
  };
}

/** The name of a service of ours; `host` is the machine's name as it stands. */
export function serviceClaim({ label, type, port, txt }: OwnService, host: () => string): ClaimSpec {
  const domain = `${type}.local`;
  return {
    label,
    domain,
    alternative: (label, attempt) => `${label} #${attempt}`,
    records: (name) => [
      unique(name, "SRV", { priority: 0, weight: 0, port, target: host() }),
      unique(name, "TXT", encodeTxt(txt)),
      shared(domain, name),
      shared(ALL_TYPES, domain),
    ],
  };
}

function unique(name: string, type: string, data: unknown): OwnRecord {
  return { record: { name, type, class: "IN", ttl: TTL, flush: true, data }, shared: false };
}

function shared(name: string, data: string): OwnRecord {
  const record: ResourceRecord = { name, type: "PTR", class: "IN", ttl: TTL, flush: false, data };
  return { record, shared: true };
}

/** RFC 6763, section 6: a string for each key; one that is too long is left out, and none at all is one that is empty. */
function encodeTxt(txt: Readonly<Record<string, string>>): Uint8Array[] {
  const strings = Object.entries(txt).map(([key, value]) => Buffer.from(`${key}=${value}`))
    .filter(({ length }) => length <= 255);
  return strings.length > 0 ? strings : [Buffer.alloc(0)];
}
