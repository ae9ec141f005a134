/**
 * Where to listen and where to connect, as plain data. Strings and YAML mappings become these through
 * `parseEndpoint` and `parseClientEndpoint`; every reactor method takes either form.
 */

/** A certificate and its key. Paths are relative to the working directory. */
export interface CertificateFiles {
  /** PEM file with the certificate and its chain. */
  readonly certificate: string;
  /** PEM file with the private key. */
  readonly privateKey: string;
}

/** What a TLS server presents: its one certificate, or the one for clients that ask for no name that it has. */
export interface ServeTls extends CertificateFiles {
  /** Further certificates, each for the clients that ask (by SNI) for a name which is in it. */
  readonly others?: readonly CertificateFiles[];
  /** PEM file with the authorities whose client certificates are demanded; absent: none is asked for. */
  readonly clientAuthorities?: string;
  /** ALPN protocols offered, in order of preference. */
  readonly alpn?: readonly string[];
}

/** What a TLS client checks and presents. */
export interface ConnectTls {
  /** Name for SNI and for the check of the certificate; default: the host that was connected to. */
  readonly serverName?: string;
  /** PEM file with the authorities to trust instead of the system's. */
  readonly authorities?: string;
  /** PEM file with our own certificate, for servers that demand one. */
  readonly certificate?: string;
  /** PEM file with our own private key. */
  readonly privateKey?: string;
  /** ALPN protocols offered, in order of preference. */
  readonly alpn?: readonly string[];
  /**
   * Take any certificate: for opportunistic encryption (RFC 7435), where the choice is between that and none.
   * It keeps out who listens, not who pretends.
   */
  readonly unverified?: true;
}

/** `tcp:8080`, `tcp:127.0.0.1:8080`, `tcp:8080:interface=::1`; port 0 lets the system choose. */
export interface TcpEndpoint {
  /** Tells it from the other endpoints. */
  readonly kind: "tcp";
  /** 0 to 65535; 0 where the system is to choose. */
  readonly port: number;
  /** Address to bind, default `0.0.0.0`. */
  readonly interface: string;
  /** Connections that the kernel queues, default 4096. */
  readonly backlog: number;
}

/** `tls:8443:certificate=c.pem:privateKey=k.pem`, `tls:8443:certificates=a.pem,a.key,b.pem,b.key`. */
export interface TlsEndpoint {
  /** Tells it from the other endpoints. */
  readonly kind: "tls";
  /** 0 to 65535; 0 where the system is to choose. */
  readonly port: number;
  /** Address to bind, default `0.0.0.0`. */
  readonly interface: string;
  /** Connections that the kernel queues, default 4096. */
  readonly backlog: number;
  /** What TLS needs to know. */
  readonly tls: ServeTls;
}

/** `unix:/run/x.sock:mode=660`. */
export interface UnixEndpoint {
  /** Tells it from the other endpoints. */
  readonly kind: "unix";
  /** Of the socket file. */
  readonly path: string;
  /** Permission bits of the socket file, default 0o660. */
  readonly mode: number;
}

/** `fd:3`: a listening stream socket that the parent process left open. */
export interface FdEndpoint {
  /** Tells it from the other endpoints. */
  readonly kind: "fd";
  /** Number of the descriptor. */
  readonly fd: number;
}

/** `systemd:name=web` (LISTEN_FDNAMES) or `systemd:index=0`: socket activation, sd_listen_fds(3). */
export interface SystemdEndpoint {
  /** Tells it from the other endpoints. */
  readonly kind: "systemd";
  /** The name given by `FileDescriptorName=`, or the position in LISTEN_FDS from 0. */
  readonly socket: string | number;
}

/** `stdio:`: one connection, made of standard input and output. */
export interface StdioEndpoint {
  /** Tells it from the other endpoints. */
  readonly kind: "stdio";
}

/**
 * `haproxy:tcp:8080:trusted=10.0.0.0/8,127.0.0.1`: connections start with a PROXY protocol header (v1 or
 * v2), which names the real peer. A peer outside `trusted` is closed.
 */
export interface HaproxyEndpoint {
  /** Tells it from the other endpoints. */
  readonly kind: "haproxy";
  /** Where the proxy connects to. */
  readonly inner: TcpEndpoint | TlsEndpoint | UnixEndpoint | FdEndpoint | SystemdEndpoint;
  /** Addresses or CIDR blocks that may send the header; default loopback. */
  readonly trusted: readonly string[];
}

/** Where a stream server listens. */
export type ServerEndpoint =
  | TcpEndpoint
  | TlsEndpoint
  | UnixEndpoint
  | FdEndpoint
  | SystemdEndpoint
  | StdioEndpoint
  | HaproxyEndpoint;

/** `udp:5353`, `udp:127.0.0.1:5353`, `udp:5353:interface=::1`. */
export interface UdpEndpoint {
  /** Tells it from the other endpoints. */
  readonly kind: "udp";
  /** 0 to 65535; 0 where the system is to choose. */
  readonly port: number;
  /** Address to bind, default `0.0.0.0`. */
  readonly interface: string;
  /** Share the port with other sockets of this machine (SO_REUSEADDR), for multicast. */
  readonly reuseAddress: boolean;
  /** Hear one's own multicast. */
  readonly loopback: boolean;
}

/** `tcp:example.org:80`, `tcp:[::1]:80`. */
export interface TcpClientEndpoint {
  /** Tells it from the other endpoints. */
  readonly kind: "tcp";
  /** Name or address; an IPv6 address without brackets. */
  readonly hostname: string;
  /** 0 to 65535; 0 where the system is to choose. */
  readonly port: number;
}

/** `tls:example.org:443`. */
export interface TlsClientEndpoint {
  /** Tells it from the other endpoints. */
  readonly kind: "tls";
  /** Name or address; an IPv6 address without brackets. */
  readonly hostname: string;
  /** 0 to 65535; 0 where the system is to choose. */
  readonly port: number;
  /** What TLS needs to know. */
  readonly tls: ConnectTls;
}

/** `unix:/run/x.sock`. */
export interface UnixClientEndpoint {
  /** Tells it from the other endpoints. */
  readonly kind: "unix";
  /** Of the socket file. */
  readonly path: string;
}

/** Where a stream client connects by itself: a socket somewhere. */
export type SocketEndpoint = TcpClientEndpoint | TlsClientEndpoint | UnixClientEndpoint;

/** `discover:mail`: whichever instance of a service the registry chooses. */
export interface DiscoverEndpoint {
  /** Tells it from the other endpoints. */
  readonly kind: "discover";
  /** The name by which the service is found. */
  readonly service: string;
}

/** Where a stream client connects. */
export type ClientEndpoint = SocketEndpoint | DiscoverEndpoint;
