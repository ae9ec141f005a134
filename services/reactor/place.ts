import type { ServerEndpoint, UdpEndpoint } from "../endpoint/endpoint.ts";

/** Where an endpoint binds: what only one socket can have at a time. */
export interface Place {
  readonly place: string;
  /** Port 0: the system chooses, anew for each. */
  readonly anywhere: boolean;
}

/** The place of `endpoint`, whatever is spoken there. */
export function placeOf(endpoint: ServerEndpoint | UdpEndpoint): Place {
  switch (endpoint.kind) {
    case "tcp":
    case "tls":
      return { place: `tcp:${endpoint.interface}:${endpoint.port}`, anywhere: endpoint.port === 0 };
    case "udp":
      return {
        place: `udp:${endpoint.interface}:${endpoint.port}`,
        anywhere: endpoint.port === 0 || endpoint.reuseAddress,
      };
    case "unix":
      return { place: `unix:${endpoint.path}`, anywhere: false };
    case "fd":
      return { place: `fd:${endpoint.fd}`, anywhere: false };
    case "systemd":
      return { place: `systemd:${endpoint.socket}`, anywhere: false };
    case "stdio":
      return { place: "stdio:", anywhere: false };
    case "haproxy":
      return placeOf(endpoint.inner);
  }
}
