import type { ReactorTime } from "../async/time.ts";
import type {
  ConnectTls,
  ServerEndpoint,
  ServeTls,
  SocketEndpoint,
  UdpEndpoint,
} from "../endpoint/endpoint.ts";
import type { RawConn, RawDatagram, RawListener } from "./raw.ts";

/** How long an attempt to connect may take, and who may give it up. */
export interface DialOptions {
  /** Milliseconds. */
  readonly timeout: number;
  readonly signal?: AbortSignal;
  readonly time: ReactorTime;
}

/** Which side of a handshake a connection takes: who accepted it serves. */
export type TlsRole =
  | { readonly side: "server" }
  /** `hostname` is what was connected to: the default for SNI and for the check of the certificate. */
  | { readonly side: "client"; readonly hostname: string };

/** What a reactor needs of the world: the machine's sockets, or an imitation in memory. */
export interface Network {
  /** @throws {CannotListenError} */
  listen(endpoint: ServerEndpoint): Promise<RawListener>;
  /** @throws {ConnectError} */
  connect(endpoint: SocketEndpoint, options: DialOptions): Promise<RawConn>;
  /** @throws {CannotListenError} */
  bindDatagram(endpoint: UdpEndpoint): Promise<RawDatagram>;
  /** Take `raw` through a handshake, on the side that `role` says. */
  startTLS(raw: RawConn, role: TlsRole, tls: ServeTls | ConnectTls): Promise<RawConn>;
  /** Run `fn` when the sockets that are ready now have been served. */
  afterTurn(fn: () => void): void;
  /** Run `fn` when the system was asked anew which sockets are ready, and those have been served. Takes longer. */
  afterPoll(fn: () => void): void;
}
