import type { InetAddress } from "../reactor/address.ts";
import { quote } from "../text/quote.ts";
import { type IpAddress, parseIpAddress } from "./ip_address.ts";

/** The words of an address to be written. */
export function inetWords({ hostname }: InetAddress): IpAddress {
  const words = parseIpAddress(hostname);
  if (words === null) {
    throw new RangeError(`Cannot format PROXY header: ${quote(hostname)} is not an IP address`);
  }
  return words;
}
