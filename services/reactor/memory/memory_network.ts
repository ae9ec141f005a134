import type {
  ConnectTls,
  ServerEndpoint,
  ServeTls,
  SocketEndpoint,
  UdpEndpoint,
} from "../../endpoint/endpoint.ts";
import { formatEndpoint } from "../../endpoint/format.ts";
import { type Address, formatAddress, type InetAddress } from "../address.ts";
import { CannotListenError, ConnectError } from "../errors.ts";
import type { DialOptions, Network, TlsRole } from "../network.ts";
import type { RawConn, RawDatagram, RawListener } from "../raw.ts";
import type { TlsInfo } from "../transport.ts";
import { memoryPair } from "./memory_conn.ts";
import { MemoryDatagram } from "./memory_datagram.ts";
import { MemoryListener } from "./memory_listener.ts";

const FIRST_EPHEMERAL = 49_152;
const JOBS_PER_TURN = 32;
const ANY = new Set(["0.0.0.0", "::"]);

/**
 * A network of one machine, in memory: names resolve to loopback, TLS is only pretended (no handshake, no
 * certificate is read), nothing is lost and nothing takes time.
 */
export class MemoryNetwork implements Network {
  readonly #listeners = new Map<string, MemoryListener>();
  readonly #datagrams = new Map<string, MemoryDatagram>();
  #ephemeral = FIRST_EPHEMERAL;

  listen(endpoint: ServerEndpoint): Promise<RawListener> {
    const host = this.#bindAddress(endpoint);
    const key = formatAddress(host);
    if (this.#listeners.has(key)) {
      throw new CannotListenError(`Cannot listen on "${key}": address already in use`);
    }
    const listener = new MemoryListener(host, () => this.#listeners.delete(key));
    this.#listeners.set(key, listener);
    return Promise.resolve(listener);
  }

  connect(endpoint: SocketEndpoint, options: DialOptions): Promise<RawConn> {
    options.signal?.throwIfAborted();
    const listener = this.#find(endpoint);
    if (listener === undefined) {
      throw new ConnectError(`Cannot connect to "${formatEndpoint(endpoint)}": connection refused`);
    }
    const tls = endpoint.kind === "tls" ? pretendedTls(endpoint.tls, endpoint.hostname) : null;
    const [client, server] = memoryPair(this.#clientAddress(endpoint), listener.host, tls);
    listener.arrive(server);
    return Promise.resolve(client);
  }

  bindDatagram(endpoint: UdpEndpoint): Promise<RawDatagram> {
    const port = endpoint.port === 0 ? this.#ephemeral++ : endpoint.port;
    const host: InetAddress = { transport: "udp", hostname: endpoint.interface, port };
    const key = formatAddress(host);
    if (this.#datagrams.has(key)) {
      throw new CannotListenError(`Cannot listen on "${key}": address already in use`);
    }
    const socket = new MemoryDatagram(host, this.#route, () => this.#datagrams.delete(key));
    this.#datagrams.set(key, socket);
    return Promise.resolve(socket);
  }

  startTLS(raw: RawConn, role: TlsRole, tls: ServeTls | ConnectTls): Promise<RawConn> {
    const hostname = role.side === "client" ? role.hostname : null;
    return Promise.resolve(new MemoryTlsConn(raw, pretendedTls(tls, hostname)));
  }

  /** In memory everything is a promise job: a turn is as many of them as a delivery can need, and more. */
  afterTurn(fn: () => void): void {
    let left = JOBS_PER_TURN;
    const job = (): void => left-- > 0 ? queueMicrotask(job) : fn();
    job();
  }

  afterPoll(fn: () => void): void {
    this.afterTurn(fn);
  }

  readonly #route = (data: Uint8Array, from: InetAddress, to: { hostname: string; port: number }): void => {
    for (const socket of this.#datagrams.values()) {
      const { hostname, port } = socket.host;
      const reached = hostname === to.hostname || ANY.has(hostname) || socket.groups.has(to.hostname);
      if (port === to.port && reached) {
        socket.arrive(data, ANY.has(from.hostname) ? { ...from, hostname: "127.0.0.1" } : from);
      }
    }
  };

  #find(endpoint: SocketEndpoint): MemoryListener | undefined {
    if (endpoint.kind === "unix") return this.#listeners.get(`unix:${endpoint.path}`);
    const hostname = endpoint.hostname === "localhost" ? "127.0.0.1" : endpoint.hostname;
    return [hostname, ...ANY]
      .map((name) =>
        this.#listeners.get(formatAddress({ transport: "tcp", hostname: name, port: endpoint.port }))
      )
      .find((listener) => listener !== undefined);
  }

  #bindAddress(endpoint: ServerEndpoint): Address {
    switch (endpoint.kind) {
      case "tcp":
      case "tls":
        return {
          transport: "tcp",
          hostname: endpoint.interface,
          port: endpoint.port === 0 ? this.#ephemeral++ : endpoint.port,
        };
      case "unix":
        return { transport: "unix", path: endpoint.path };
      case "haproxy":
        return this.#bindAddress(endpoint.inner);
      default:
        throw new CannotListenError(
          `Cannot listen on "${formatEndpoint(endpoint)}": there is none in memory`,
        );
    }
  }

  #clientAddress(endpoint: SocketEndpoint): Address {
    if (endpoint.kind === "unix") return { transport: "unix", path: "" };
    return { transport: "tcp", hostname: "127.0.0.1", port: this.#ephemeral++ };
  }
}

/** A connection that says it is encrypted. */
class MemoryTlsConn implements RawConn {
  constructor(readonly raw: RawConn, readonly tls: TlsInfo) {}

  get host(): Address {
    return this.raw.host;
  }

  get peer(): Address {
    return this.raw.peer;
  }

  read(buffer: Uint8Array): Promise<number | null> {
    return this.raw.read(buffer);
  }

  write(data: Uint8Array): Promise<number> {
    return this.raw.write(data);
  }

  closeWrite(): Promise<void> {
    return this.raw.closeWrite();
  }

  close(): void {
    this.raw.close();
  }

  setNoDelay(): void {}
}

function pretendedTls(tls: ServeTls | ConnectTls, hostname: string | null): TlsInfo {
  const serverName = "serverName" in tls ? tls.serverName ?? hostname : hostname;
  return { version: "TLSv1.3", alpn: tls.alpn?.[0] ?? null, serverName, authorized: false, peerName: null };
}
