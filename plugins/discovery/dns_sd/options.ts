import { z } from "zod";

const SERVICE_TYPE = /^_[a-z0-9](?:[a-z0-9-]{0,13}[a-z0-9])?\._(?:tcp|udp)$/i;

const serviceType = z.string().regex(
  SERVICE_TYPE,
  'must be a service type as RFC 6763 has them: "_http._tcp"',
);

const published = z.strictObject({
  type: serviceType.describe("What it is, as others look for it: _http._tcp"),
  name: z.string().refine((name) => !name.includes(".") && byteLength(name) > 0 && byteLength(name) <= 59, {
    error: "must have 1 to 59 bytes and no dot",
  }).optional().describe("How people see it; default: its name and the machine's"),
  txt: z.record(
    z.string().regex(/^[ -<>-~]{1,32}$/, "must be 1 to 32 ASCII characters without ="),
    z.string(),
  )
    .default({}).describe("What more is said of it (RFC 6763, section 6)"),
});

/** DNS-SD over multicast, as part of the plugin's options. */
export const dnsSdOptions = z.strictObject({
  publish: z.record(z.string().min(1), z.union([serviceType, published])).default({}).describe(
    "By published name, which services the local network sees, and as what: web: _http._tcp",
  ),
  browse: z.record(z.string().min(1), serviceType).default({}).describe(
    "What is looked for on the local network, by the name under which it is registered here: printer: _ipp._tcp",
  ),
  interfaces: z.array(z.string().min(1)).min(1).optional().describe(
    "Names of the interfaces that are used; default: all with an IPv4 address, but loopback and bridges of containers",
  ),
}).describe("DNS-SD over multicast (Bonjour, Avahi)");

/** What DNS-SD is told. */
export type DnsSdOptions = z.output<typeof dnsSdOptions>;

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}
