import { type IpAddress, parseIpAddress } from "../../services/endpoint/ip_address.ts";
import { parseClientEndpoint, parseUdpEndpoint } from "../../services/endpoint/parse.ts";
import type { RegistryInstance } from "../../services/registry/registry.ts";

/** A ready instance with what DNS can say of where it is. */
export interface PlacedInstance {
  readonly instance: RegistryInstance;
  readonly protocol: "tcp" | "udp";
  readonly address: IpAddress;
  readonly port: number;
}

/** Of the instances of a service those that can take work and have an address. */
export function placed(instances: readonly RegistryInstance[]): PlacedInstance[] {
  return instances.flatMap((instance) => {
    if (instance.state !== "ready" || instance.weight === 0) return [];
    const protocol = instance.endpoint.startsWith("udp:") ? "udp" : "tcp";
    const at = placeOf(instance.endpoint, protocol);
    return at === null ? [] : [{ instance, protocol, ...at }];
  });
}

function placeOf(
  endpoint: string,
  protocol: PlacedInstance["protocol"],
): { readonly address: IpAddress; readonly port: number } | null {
  let hostname: string;
  let port: number;
  try {
    if (protocol === "udp") ({ interface: hostname, port } = parseUdpEndpoint(endpoint));
    else {
      const parsed = parseClientEndpoint(endpoint);
      if (!("hostname" in parsed) || !("port" in parsed)) return null;
      ({ hostname, port } = parsed);
    }
  } catch {
    // Somebody registered what is no endpoint of ours: DNS has nothing to say of it.
    return null;
  }
  const address = parseIpAddress(hostname);
  return address === null ? null : { address, port };
}
