import {
  formatIpAddress,
  fromWords,
  type IpAddress,
  parseIpAddress,
} from "../../../../services/endpoint/ip_address.ts";

/**
 * Names of addresses within the zone, so that SRV records have something to point at: `10-0-0-5.ip4`,
 * `fd00-0-0-0-0-0-0-1.ip6`. They can be read back without knowing any instance.
 */
export function hostLabels(address: IpAddress): string {
  if (address.length === 1) return `${formatIpAddress(address).replaceAll(".", "-")}.ip4`;
  return `${
    address.flatMap((word) => [word >>> 16, word & 0xffff]).map((group) => group.toString(16)).join("-")
  }.ip6`;
}

/** The address that such labels name; null when they are none. */
export function addressOf(labels: string): IpAddress | null {
  const [text = "", family, ...rest] = labels.split(".");
  if (rest.length > 0) return null;
  const dashed = text.split("-");
  const address = family === "ip4" && dashed.length === 4
    ? parseIpAddress(dashed.join("."))
    : family === "ip6" && dashed.length === 8
    ? parseIpAddress(dashed.join(":"))
    : null;
  // One name for each address.
  return address !== null && hostLabels(fromWords(address)) === labels ? address : null;
}
