import { isAbsolute, resolve } from "node:path";
import type {
  ConnectTls,
  ServerEndpoint,
  ServeTls,
  SocketEndpoint,
  UdpEndpoint,
} from "../../../services/endpoint/endpoint.ts";
import type { PermissionRequest } from "../../../services/plugin/plugin.ts";
import { type PermissionKind, PERMISSIONS, type ProcessGrant } from "../../../services/process_spec.ts";
import { placeOf } from "../../../services/reactor/place.ts";

/** Nothing at all. */
export const NO_GRANT: ProcessGrant = {
  net: false,
  read: false,
  write: false,
  env: false,
  run: false,
  sys: false,
  ffi: false,
  import: false,
};

const PATHS: ReadonlySet<PermissionKind> = new Set(["read", "write", "ffi"]);

/** All that any of `requests` asks for; paths are made absolute from the folder `cwd`. */
export function grantOf(requests: readonly PermissionRequest[], cwd: string): ProcessGrant {
  const grant: Record<PermissionKind, boolean | string[]> = { ...NO_GRANT } as Record<
    PermissionKind,
    boolean | string[]
  >;
  for (const kind of PERMISSIONS) {
    const asked = requests.map((request) => request[kind] ?? false);
    if (asked.includes(true)) grant[kind] = true;
    else {
      const listed = asked.flatMap((one) => Array.isArray(one) ? one as string[] : []);
      const resolved = PATHS.has(kind)
        ? listed.map((path) => isAbsolute(path) ? path : resolve(cwd, path))
        : listed;
      if (resolved.length > 0) grant[kind] = [...new Set(resolved)].sort();
    }
  }
  return grant;
}

/** The endpoints in a plugin's valid options, wherever they stand. */
export interface OptionEndpoints {
  readonly servers: readonly ServerEndpoint[];
  readonly datagrams: readonly UdpEndpoint[];
  readonly clients: readonly SocketEndpoint[];
}

type AnyEndpoint = ServerEndpoint | UdpEndpoint | SocketEndpoint;

/** Find the endpoints in `options`: what the parsers of endpoints return is known by its shape. */
export function endpointsIn(options: unknown): OptionEndpoints {
  const found = {
    servers: [] as ServerEndpoint[],
    datagrams: [] as UdpEndpoint[],
    clients: [] as SocketEndpoint[],
  };
  const seen = new Set<object>();
  const visit = (value: unknown): void => {
    if (typeof value !== "object" || value === null || seen.has(value)) return;
    seen.add(value);
    const role = roleOf(value as Record<string, unknown>);
    if (role !== null) return void found[role].push(value as AnyEndpoint & never);
    for (const inner of Object.values(value)) visit(inner);
  };
  visit(options);
  return found;
}

function roleOf(value: Record<string, unknown>): keyof OptionEndpoints | null {
  switch (value.kind) {
    case "tcp":
    case "tls":
      if (typeof value.port !== "number") return null;
      if (typeof value.interface === "string") return "servers";
      return typeof value.hostname === "string" ? "clients" : null;
    case "udp":
      return typeof value.port === "number" && typeof value.interface === "string" ? "datagrams" : null;
    case "unix":
      if (typeof value.path !== "string") return null;
      return typeof value.mode === "number" ? "servers" : "clients";
    case "fd":
      return typeof value.fd === "number" ? "servers" : null;
    case "systemd":
      return "socket" in value ? "servers" : null;
    case "stdio":
      return Object.keys(value).length === 1 ? "servers" : null;
    case "haproxy":
      return typeof value.inner === "object" ? "servers" : null;
    default:
      return null;
  }
}

/** What it takes to use these endpoints. Nothing for a stream socket that listens: the runner opens that. */
export function permissionsFor(endpoints: OptionEndpoints): PermissionRequest {
  const net: string[] = [];
  const read: string[] = [];
  const write: string[] = [];
  for (const server of endpoints.servers) {
    const inner = server.kind === "haproxy" ? server.inner : server;
    if (inner.kind === "tls") read.push(...filesOf(inner.tls));
  }
  for (const { interface: hostname, port } of endpoints.datagrams) net.push(hostAndPort(hostname, port));
  for (const client of endpoints.clients) {
    if (client.kind === "unix") {
      net.push(`unix:${client.path}`);
      read.push(client.path);
      write.push(client.path);
    } else {
      net.push(hostAndPort(client.hostname, client.port));
      if (client.kind === "tls") read.push(...filesOf(client.tls));
    }
  }
  return { net, read, write };
}

/** The places where it may listen: see `placeOf`. */
export function placesOf({ servers }: OptionEndpoints): string[] {
  return [...new Set(servers.map((server) => placeOf(server).place))];
}

function filesOf(tls: ServeTls | ConnectTls): string[] {
  const pairs = [tls, ...("others" in tls ? tls.others ?? [] : [])];
  const authorities = "clientAuthorities" in tls ? tls.clientAuthorities : (tls as ConnectTls).authorities;
  return [...pairs.flatMap(({ certificate, privateKey }) => [certificate, privateKey]), authorities]
    .filter((file) => file !== undefined);
}

function hostAndPort(hostname: string, port: number): string {
  return `${hostname.includes(":") ? `[${hostname}]` : hostname}:${port}`;
}

/** The flags of `deno run` that grant this and nothing more. */
export function flagsOf(grant: ProcessGrant): string[] {
  return [
    "--no-prompt",
    ...PERMISSIONS.flatMap((kind) => {
      const granted = grant[kind];
      if (granted === false) return [];
      if (granted === true) return [`--allow-${kind}`];
      // A comma within a value is written twice.
      return [
        `--allow-${kind}=${(granted as readonly string[]).map((one) => one.replaceAll(",", ",,")).join()}`,
      ];
    }),
  ];
}

/** `net "example.com:443", read everything`; `nothing`. */
export function describeGrant(grant: ProcessGrant): string {
  const parts = PERMISSIONS.flatMap((kind) => {
    const granted = grant[kind];
    if (granted === false) return [];
    return [
      `${kind} ${
        granted === true ? "everything" : (granted as readonly string[]).map((one) => `"${one}"`).join(" ")
      }`,
    ];
  });
  return parts.length === 0 ? "nothing" : parts.join(", ");
}
