import { z } from "zod";
import { CidrError, parseCidr } from "../../../services/endpoint/cidr.ts";
import { isIpAddress } from "../../../services/endpoint/ip_address.ts";
import { duration, parsed } from "../../../services/plugin/zod.ts";
import { isDomainName } from "./wire/domain_name.ts";

/** Loopback, private networks (RFC 1918, RFC 4193) and the link (RFC 3927, RFC 4291 2.5.6). */
const NEIGHBOURS = [
  "127.0.0.0/8",
  "::1",
  "10.0.0.0/8",
  "172.16.0.0/12",
  "192.168.0.0/16",
  "169.254.0.0/16",
  "fc00::/7",
  "fe80::/10",
];

const block = parsed(parseCidr, CidrError);

/** The DNS server, as part of the plugin's options. */
export const dnsOptions = z.strictObject({
  listen: z.string().refine(isAddressAndPort, {
    error: 'must be an address and a port, as in "127.0.0.1:5354"',
  })
    .default("127.0.0.1:5354").describe("Where it answers, on UDP and TCP: address and port"),
  zone: z.string().toLowerCase().refine(isDomainName, { error: "must be a domain name" }).default(
    "heddle.test",
  )
    .describe("The zone whose names are services: web.heddle.test"),
  ttl: duration().prefault("5s").describe("How long others may keep an answer; whole seconds"),
  allow: z.array(block).prefault(NEIGHBOURS).describe(
    "Addresses or blocks that are answered at all; default: loopback, private networks and the link",
  ),
  forward: z.array(z.string().refine(isAddressAndPort, { error: 'must be as in "192.0.2.1:53"' })).refine(
    (all) => new Set(all.map((one) => one.startsWith("["))).size < 2,
    {
      error: "must be IPv4 addresses all, or IPv6 addresses all",
    },
  ).default([])
    .describe("Resolvers that are asked for other zones, in this order; default: such questions are refused"),
}).describe("DNS server for a zone of its own");

/** What the DNS server is told. */
export type DnsOptions = z.output<typeof dnsOptions>;

/** An address and a port, taken apart; `[::1]:53` for IPv6. */
export function splitAddress(text: string): { readonly hostname: string; readonly port: number } {
  const colon = text.lastIndexOf(":");
  return { hostname: text.slice(0, colon).replace(/^\[(.*)\]$/, "$1"), port: Number(text.slice(colon + 1)) };
}

function isAddressAndPort(text: string): boolean {
  const match = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text);
  if (match === null) return false;
  return isIpAddress((match[1] ?? match[2])!) && Number(match[3]) <= 65_535;
}
