import { resolve } from "node:path";
import { parseIpAddress } from "../../../services/endpoint/ip_address.ts";
import { isBridge, type SystemAddress } from "../system_addresses.ts";
import { type Address, formatAddress, type InetAddress } from "../../../services/reactor/address.ts";

/** Addresses at which other machines reach this one. */
export function realAddresses(interfaces: readonly Pick<SystemAddress, "name" | "address">[]): string[] {
  const real = interfaces.filter(({ name, address }) => !isBridge(name) && isReachable(address));
  return [...new Set(real.map(({ address }) => address))];
}

/**
 * What others connect to when something listens at `address`: an address that stands for all of them becomes
 * each of `addresses`, or loopback where there are none.
 */
export function announcedEndpoints(address: Address, addresses: readonly string[], tls: boolean): string[] {
  if (address.transport === "stdio") return [];
  if (address.transport === "unix") return [`unix:${resolve(address.path).replace(/[\\:]/g, "\\$&")}`];
  return hostsOf(address, addresses).map((hostname) => {
    const endpoint = formatAddress({ ...address, hostname });
    return tls ? endpoint.replace(/^tcp:/, "tls:") : endpoint;
  });
}

function hostsOf({ hostname }: InetAddress, addresses: readonly string[]): readonly string[] {
  if (hostname !== "0.0.0.0" && hostname !== "::") return [hostname];
  // A socket on [::] takes IPv4 as well.
  const fit = hostname === "::" ? addresses : addresses.filter((address) => !address.includes(":"));
  return fit.length > 0 ? fit : [hostname === "::" ? "::1" : "127.0.0.1"];
}

/** Neither loopback nor of one link alone (RFC 3927, RFC 4291 2.5.6). */
function isReachable(address: string): boolean {
  const words = parseIpAddress(address);
  if (words === null) return false;
  const [first = 0] = words;
  if (words.length === 1) return first >>> 24 !== 127 && first >>> 16 !== 0xa9fe && first !== 0;
  return first >>> 22 !== 0xfe80 >>> 6 && !words.slice(0, 3).every((word) => word === 0);
}
