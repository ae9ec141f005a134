import type {
  CertificateFiles,
  ClientEndpoint,
  ConnectTls,
  DiscoverEndpoint,
  FdEndpoint,
  HaproxyEndpoint,
  ServerEndpoint,
  ServeTls,
  SocketEndpoint,
  StdioEndpoint,
  SystemdEndpoint,
  TcpClientEndpoint,
  TcpEndpoint,
  TlsClientEndpoint,
  TlsEndpoint,
  UdpEndpoint,
  UnixClientEndpoint,
  UnixEndpoint,
} from "./endpoint.ts";
import { Fault } from "./_fault.ts";
import { haproxyScheme } from "./_haproxy_scheme.ts";
import { maybe, optional, required } from "./_part.ts";
import * as parts from "./_parts.ts";
import { type Schemes, schemes } from "./_read.ts";
import { type Scheme, scheme } from "./_scheme.ts";

/** Where a server listens when it does not say where: everywhere. */
const ANY_INTERFACE = "0.0.0.0";
/** The system's usual 511 makes thousands of clients that arrive at once wait for each other. */
const BACKLOG = 4096;
/** Owner and group. */
const SOCKET_MODE = 0o660;

const binding = {
  port: required(parts.serverPort),
  interface: optional(parts.interfaceAddress, ANY_INTERFACE),
};
const bindingForms = [["port"], ["interface", "port"]] as const;

const serverTls = {
  certificate: maybe(parts.path),
  privateKey: maybe(parts.path),
  certificates: maybe(parts.certificates),
  clientAuthorities: maybe(parts.path),
  alpn: maybe(parts.alpn),
};

const tcp: Scheme<TcpEndpoint> = scheme({
  name: "tcp",
  example: "tcp:8080",
  positionals: bindingForms,
  slots: { ...binding, backlog: optional(parts.backlog, BACKLOG) },
  build: (values): TcpEndpoint => ({ kind: "tcp", ...values }),
  values: (endpoint) => endpoint,
});

const TLS_EXAMPLE = "tls:8443:certificate=cert.pem:privateKey=key.pem";

const tlsWithFiles: Scheme<TlsEndpoint> = scheme({
  name: "tls",
  example: TLS_EXAMPLE,
  positionals: bindingForms,
  slots: { ...binding, ...serverTls, backlog: optional(parts.backlog, BACKLOG) },
  build: ({ port, interface: address, backlog, certificate, privateKey, certificates, ...rest }) => ({
    kind: "tls",
    port,
    interface: address,
    backlog,
    tls: present<ServeTls>({ ...serverIdentities(certificate, privateKey, certificates), ...rest }),
  }),
  values: ({ port, interface: address, backlog, tls: { certificate, privateKey, others, ...rest } }) => ({
    port,
    interface: address,
    backlog,
    ...(others === undefined ? { certificate, privateKey, certificates: undefined } : {
      certificate: undefined,
      privateKey: undefined,
      certificates: [{ certificate, privateKey }, ...others],
    }),
    clientAuthorities: rest.clientAuthorities,
    alpn: rest.alpn,
  }),
});

/** No single keyword is required: one of two sets is. */
const tls: Scheme<TlsEndpoint> = {
  ...tlsWithFiles,
  schema: {
    ...tlsWithFiles.schema,
    anyOf: [{ required: ["certificate", "privateKey"] }, { required: ["certificates"] }],
  },
};

/** The default certificate, and the others. */
function serverIdentities(
  certificate: string | undefined,
  privateKey: string | undefined,
  certificates: readonly CertificateFiles[] | undefined,
): Pick<ServeTls, "certificate" | "privateKey"> & { readonly others: ServeTls["others"] | undefined } {
  if (certificates !== undefined) {
    if (certificate !== undefined || privateKey !== undefined) {
      throw new Fault("give certificate and privateKey, or certificates, not both");
    }
    const [first, ...others] = certificates;
    return { ...first!, others: others.length === 0 ? undefined : others };
  }
  const missing = certificate === undefined ? "certificate" : "privateKey";
  if (certificate === undefined || privateKey === undefined) {
    throw new Fault(`${missing} is missing, as in "${TLS_EXAMPLE}"`);
  }
  return { certificate, privateKey, others: undefined };
}

const unix: Scheme<UnixEndpoint> = scheme({
  name: "unix",
  example: "unix:/run/app.sock",
  positionals: [["path"]],
  slots: { path: required(parts.socketPath), mode: optional(parts.mode, SOCKET_MODE) },
  build: (values): UnixEndpoint => ({ kind: "unix", ...values }),
  values: (endpoint) => endpoint,
});

const fd: Scheme<FdEndpoint> = scheme({
  name: "fd",
  example: "fd:3",
  positionals: [["fd"]],
  slots: { fd: required(parts.descriptor) },
  build: (values): FdEndpoint => ({ kind: "fd", ...values }),
  values: (endpoint) => endpoint,
});

const systemd: Scheme<SystemdEndpoint> = scheme({
  name: "systemd",
  example: "systemd:name=web",
  positionals: [[], ["name"]],
  slots: { name: maybe(parts.descriptorName), index: maybe(parts.descriptorIndex) },
  build: ({ name, index }): SystemdEndpoint => {
    if (name !== undefined && index !== undefined) throw new Fault("give a name or an index, not both");
    const socket = name ?? index;
    if (socket === undefined) throw new Fault(`name is missing, as in "systemd:name=web"`);
    return { kind: "systemd", socket };
  },
  values: ({ socket }) =>
    typeof socket === "string" ? { name: socket, index: undefined } : { name: undefined, index: socket },
});

const stdio: Scheme<StdioEndpoint> = scheme({
  name: "stdio",
  example: "stdio:",
  positionals: [[]],
  slots: {},
  build: (): StdioEndpoint => ({ kind: "stdio" }),
  values: () => ({}),
});

const udp: Scheme<UdpEndpoint> = scheme({
  name: "udp",
  example: "udp:5353",
  positionals: bindingForms,
  slots: {
    ...binding,
    reuseAddress: optional(parts.flag, false),
    loopback: optional(parts.flag, false),
  },
  build: (values): UdpEndpoint => ({ kind: "udp", ...values }),
  values: (endpoint) => endpoint,
});

const target = { hostname: required(parts.hostname), port: required(parts.clientPort) };
const targetForms = [["hostname", "port"]] as const;

const tcpClient: Scheme<TcpClientEndpoint> = scheme({
  name: "tcp",
  example: "tcp:example.org:80",
  positionals: targetForms,
  slots: target,
  build: (values): TcpClientEndpoint => ({ kind: "tcp", ...values }),
  values: (endpoint) => endpoint,
});

const tlsClient: Scheme<TlsClientEndpoint> = scheme({
  name: "tls",
  example: "tls:example.org:443",
  positionals: targetForms,
  slots: {
    ...target,
    serverName: maybe(parts.hostname),
    authorities: maybe(parts.path),
    certificate: maybe(parts.path),
    privateKey: maybe(parts.path),
    alpn: maybe(parts.alpn),
  },
  build: ({ hostname, port, ...rest }): TlsClientEndpoint => {
    if ((rest.certificate === undefined) !== (rest.privateKey === undefined)) {
      throw new Fault("certificate and privateKey go together, give both or neither");
    }
    return { kind: "tls", hostname, port, tls: present<Omit<ConnectTls, "unverified">>(rest) };
  },
  values: ({ hostname, port, tls }) => ({
    hostname,
    port,
    serverName: tls.serverName,
    authorities: tls.authorities,
    certificate: tls.certificate,
    privateKey: tls.privateKey,
    alpn: tls.alpn,
  }),
});

const unixClient: Scheme<UnixClientEndpoint> = scheme({
  name: "unix",
  example: "unix:/run/app.sock",
  positionals: [["path"]],
  slots: { path: required(parts.socketPath) },
  build: (values): UnixClientEndpoint => ({ kind: "unix", ...values }),
  values: (endpoint) => endpoint,
});

const discover: Scheme<DiscoverEndpoint> = scheme({
  name: "discover",
  example: "discover:mail",
  positionals: [["service"]],
  slots: { service: required(parts.serviceName) },
  build: (values): DiscoverEndpoint => ({ kind: "discover", ...values }),
  values: (endpoint) => endpoint,
});

const NOT_A_STREAM = "carries datagrams";
const LISTENS_ONLY = "only listens";
const SSL = `is called "tls" here`;

const proxied = [tcp, tls, unix, fd, systemd];
const haproxy = haproxyScheme(schemes<HaproxyEndpoint["inner"]>(proxied, {
  stdio: "has no proxy before it",
  haproxy: "does not nest",
  udp: NOT_A_STREAM,
  ssl: SSL,
}));

/** What a stream server's endpoint may begin with. */
export const serverSchemes: Schemes<ServerEndpoint> = schemes<ServerEndpoint>(
  [...proxied, stdio, haproxy],
  { udp: NOT_A_STREAM, ssl: SSL },
);

const NO_CLIENT = {
  udp: NOT_A_STREAM,
  fd: LISTENS_ONLY,
  systemd: LISTENS_ONLY,
  haproxy: LISTENS_ONLY,
  stdio: LISTENS_ONLY,
  ssl: SSL,
};
const sockets = [tcpClient, tlsClient, unixClient];

/** What a stream client's endpoint may begin with. */
export const clientSchemes: Schemes<ClientEndpoint> = schemes<ClientEndpoint>(
  [...sockets, discover],
  NO_CLIENT,
);

/** What the endpoint of a socket that a client connects to may begin with. */
export const socketSchemes: Schemes<SocketEndpoint> = schemes<SocketEndpoint>(sockets, {
  ...NO_CLIENT,
  discover: "names a service, and no socket",
});

/** What a datagram port's endpoint may begin with. */
export const udpSchemes: Schemes<UdpEndpoint> = schemes([udp], {
  tcp: "carries streams",
  tls: "carries streams",
  unix: "carries streams",
});

/** Drops the values that were not given. */
function present<T extends object>(values: { readonly [K in keyof T]-?: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as T;
}
