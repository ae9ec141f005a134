/** An internet address, IPv4 or IPv6 without brackets. */
export interface InetAddress {
  readonly transport: "tcp" | "udp";
  readonly hostname: string;
  readonly port: number;
}

/** The path of a UNIX domain socket; `""` for the unnamed end of a client. */
export interface UnixAddress {
  readonly transport: "unix";
  readonly path: string;
}

/** The process's own standard input and output. */
export interface StdioAddress {
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
