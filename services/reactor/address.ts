/** An internet address, IPv4 or IPv6 without brackets. */
export interface InetAddress {
  /** The protocol that the port belongs to. */
  readonly transport: "tcp" | "udp";
  /** `127.0.0.1`, `::1`. */
  readonly hostname: string;
  /** 0 to 65535. */
  readonly port: number;
}

/** The path of a UNIX domain socket; `""` for the unnamed end of a client. */
export interface UnixAddress {
  /** A stream socket in the file system. */
  readonly transport: "unix";
  /** As it was bound, so possibly relative. */
  readonly path: string;
}

/** The process's own standard input and output. */
export interface StdioAddress {
  /** Not a socket. */
  readonly transport: "stdio";
}

/** One end of a connection or datagram port. */
export type Address = InetAddress | UnixAddress | StdioAddress;

/** `"tcp:127.0.0.1:80"`, `"udp:[::1]:53"`, `"unix:/run/x.sock"`, `"stdio:"`: the form of endpoint strings. */
export function formatAddress(address: Address): string {
  switch (address.transport) {
    case "tcp":
    case "udp": {
      const host = address.hostname.includes(":") ? `[${address.hostname}]` : address.hostname;
      return `${address.transport}:${host}:${address.port}`;
    }
    case "unix":
      return `unix:${address.path}`;
    case "stdio":
      return "stdio:";
  }
}
