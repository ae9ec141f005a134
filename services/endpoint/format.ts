import type { ClientEndpoint, ServerEndpoint, UdpEndpoint } from "./endpoint.ts";
import { clientSchemes, serverSchemes, udpSchemes } from "./_schemes.ts";

/**
 * The shortest string from which the parser of its kind makes the endpoint again; defaults are left out.
 *
 * @example
 * ```ts
 * import { formatEndpoint } from "@heddle/heddle";
 *
 * formatEndpoint({ kind: "tcp", port: 80, interface: "::1", backlog: 4096 }); // "tcp:[::1]:80"
 * ```
 */
export function formatEndpoint(endpoint: ServerEndpoint | ClientEndpoint | UdpEndpoint): string {
  if (endpoint.kind === "udp") return udpSchemes.byName.get("udp")!.format(endpoint);
  if (isClient(endpoint)) return clientSchemes.byName.get(endpoint.kind)!.format(endpoint);
  return serverSchemes.byName.get(endpoint.kind)!.format(endpoint);
}

function isClient(endpoint: ServerEndpoint | ClientEndpoint): endpoint is ClientEndpoint {
  if (endpoint.kind === "discover") return true;
  return "hostname" in endpoint || (endpoint.kind === "unix" && !("mode" in endpoint));
}
