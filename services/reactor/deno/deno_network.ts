import { setImmediate } from "node:timers";
import type { ReactorTime } from "../../async/time.ts";
import type {
  ConnectTls,
  HaproxyEndpoint,
  ServerEndpoint,
  ServeTls,
  SocketEndpoint,
  UdpEndpoint,
} from "../../endpoint/endpoint.ts";
import type { Logger } from "../../log.ts";
import type { DialOptions, Network, TlsRole } from "../network.ts";
import type { RawConn, RawDatagram, RawListener } from "../raw.ts";

/**
 * The machine's network. TLS and what else not every application uses is loaded when it is first asked for:
 * `node:tls` alone would double the time of a start.
 */
export class DenoNetwork implements Network {
  readonly #time: ReactorTime;
  readonly #log: Logger;

  /** `log` is told what concerns no single service: certificate files that have changed. */
  constructor(time: ReactorTime, log: Logger) {
    this.#time = time;
    this.#log = log;
  }

  async listen(endpoint: ServerEndpoint): Promise<RawListener> {
    switch (endpoint.kind) {
      case "tcp":
        return (await import("../raw/deno_listener.ts")).listenTcp(endpoint, this.#time);
      case "unix":
        return await (await import("../raw/unix_listener.ts")).listenUnix(endpoint, this.#time);
      case "tls":
        return await (await import("../raw/tls_listener.ts")).listenTls(endpoint, this.#handshakeOptions);
      case "haproxy":
        return await this.#listenBehindProxy(endpoint);
      case "fd":
        return await (await import("../raw/fd_listener.ts")).listenFd(endpoint);
      case "systemd":
        return await (await import("../raw/systemd.ts")).listenSystemd(endpoint);
      case "stdio":
        return (await import("../raw/stdio_conn.ts")).listenStdio();
    }
  }

  async connect(endpoint: SocketEndpoint, options: DialOptions): Promise<RawConn> {
    return await (await import("../raw/connect.ts")).connectRaw(endpoint, options);
  }

  async bindDatagram(endpoint: UdpEndpoint): Promise<RawDatagram> {
    return await (await import("../raw/datagram.ts")).bindDatagram(endpoint);
  }

  async startTLS(raw: RawConn, role: TlsRole, tls: ServeTls | ConnectTls): Promise<RawConn> {
    const { secureClient, secureServer } = await import("../raw/start_tls.ts");
    const options = this.#handshakeOptions;
    if (role.side === "client") return await secureClient(raw, role.hostname, tls as ConnectTls, options);
    return await secureServer(raw, tls as ServeTls, options);
  }

  /** Immediates can follow each other sixty times before sockets are polled again; a timer waits for that. */
  afterPoll(fn: () => void): void {
    setTimeout(fn, 0);
  }

  /** An immediate runs when the sockets that were ready have been served. */
  afterTurn(fn: () => void): void {
    setImmediate(fn);
  }

  get #handshakeOptions(): { readonly time: ReactorTime; readonly log: Logger } {
    return { time: this.#time, log: this.#log };
  }

  async #listenBehindProxy({ inner, trusted }: HaproxyEndpoint): Promise<RawListener> {
    const { ProxyListener } = await import("../raw/proxy_listener.ts");
    const time = this.#time;
    if (inner.kind !== "tls") return new ProxyListener(await this.listen(inner), { trusted, time });
    // The header comes before the handshake.
    const { tls, ...rest } = inner;
    const { handshakesFor } = await import("../raw/_shared_handshakes.ts");
    await handshakesFor(tls);
    return new ProxyListener(await this.listen({ ...rest, kind: "tcp" }), {
      trusted,
      time,
      upgrade: (conn) => this.startTLS(conn, { side: "server" }, tls),
    });
  }
}
