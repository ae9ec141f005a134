import type { Address } from "../address.ts";

/** `::ffff:192.0.2.1`, as a dual-stack socket names an IPv4 peer, is `192.0.2.1` to whoever compares addresses. */
export function plainHostname(hostname: string): string {
  return hostname.startsWith("::ffff:") && hostname.includes(".") ? hostname.slice(7) : hostname;
}

/** Deno's form of an address in ours. */
export function fromDenoAddr(addr: Deno.Addr): Address {
  switch (addr.transport) {
    case "tcp":
    case "udp":
      return { transport: addr.transport, hostname: plainHostname(addr.hostname), port: addr.port };
    case "unix":
    case "unixpacket":
      // The unnamed end of a client has no path, whatever the type says.
      return { transport: "unix", path: addr.path ?? "" };
    default:
      throw new TypeError(`Cannot name a "${addr.transport}" address`);
  }
}
