import { createServer, type Server, type TLSSocket } from "node:tls";
import type { ReactorTime } from "../../async/time.ts";
import { TimeoutError } from "../../async/errors.ts";
import type { ServeTls } from "../../endpoint/endpoint.ts";
import { ConnectionLost } from "../errors.ts";
import type { RawConn } from "../raw.ts";
import { type Credentials, readServerCredentials } from "./_certificate_files.ts";
import { RawDuplex } from "./_raw_duplex.ts";
import { tlsInfo } from "./_tls_info.ts";
import { NodeRawConn } from "./node_conn.ts";

/** Servers kept for the next handshakes. */
const MAX_IDLE = 32;

/** Milliseconds that a handshake may take. */
export const HANDSHAKE_TIMEOUT = 10_000;

/** How long a handshake may take, by which clock. */
export interface HandshakeOptions {
  readonly time: ReactorTime;
  /** Milliseconds, default 10,000. */
  readonly timeout?: number;
}

/**
 * The server's side of TLS handshakes over any connection, with one set of certificate files.
 *
 * It is `tls.Server` that checks client certificates (a bare server-side `TLSSocket` does not), but its events
 * do not tell which connection they are about. So each handshake has a server of its own, which never listens; the
 * servers are used again, because making one parses the certificates (0.2 ms).
 */
export class ServerHandshakes {
  #tls: ServeTls;
  #credentials: Credentials;
  #idle: Server[] = [];

  private constructor(tls: ServeTls, credentials: Credentials) {
    this.#tls = tls;
    this.#credentials = credentials;
  }

  /** @throws {CertificateFileError} */
  static async load(tls: ServeTls): Promise<ServerHandshakes> {
    return new ServerHandshakes(tls, await readServerCredentials(tls));
  }

  /**
   * Read the files again, for the handshakes to come.
   * @throws {CertificateFileError} and goes on with what was read before
   */
  async reload(): Promise<void> {
    this.#credentials = await readServerCredentials(this.#tls);
    this.#idle = [];
  }

  /** Resolves with the secured connection. On failure it rejects and closes `raw`. */
  run(raw: RawConn, options: HandshakeOptions): Promise<RawConn> {
    const { time, timeout = HANDSHAKE_TIMEOUT } = options;
    const stream = new RawDuplex(raw);
    const { promise, resolve, reject } = Promise.withResolvers<RawConn>();
    const credentials = this.#credentials;
    const server = this.#idle.pop() ?? this.#makeServer(credentials);

    const fail = (reason: unknown) => {
      deadline.cancel();
      reject(reason);
      stream.destroy();
    };
    const lost = () => fail(new ConnectionLost("Connection was lost during the TLS handshake"));
    const deadline = time.callLater(timeout, () => {
      fail(new TimeoutError(`TLS handshake was not complete within ${timeout} ms`));
    });
    // The server is free again with its one event about this connection, which may come after the promise settled.
    const release = () => {
      server.removeAllListeners("secureConnection").removeAllListeners("tlsClientError");
      stream.off("close", lost);
      if (credentials === this.#credentials && this.#idle.length < MAX_IDLE) this.#idle.push(server);
    };
    server.once("secureConnection", (socket: TLSSocket) => {
      release();
      deadline.cancel();
      // Until here the client's end was the end of it all; from here its half may end before ours.
      stream.allowHalfOpen = socket.allowHalfOpen = true;
      resolve(
        new NodeRawConn(socket, {
          ...stream.carry(socket),
          tls: tlsInfo(socket, credentials.ca !== undefined),
        }),
      );
    });
    server.once("tlsClientError", (error: Error, socket: TLSSocket) => {
      release();
      fail(error);
      socket.destroy();
    });
    stream.allowHalfOpen = false;
    stream.once("close", lost);
    stream.on("error", () => {}); // It comes with "close".
    server.emit("connection", stream);
    return promise;
  }

  #makeServer(credentials: Credentials): Server {
    const asksForCertificate = credentials.ca !== undefined;
    return createServer({
      ...(credentials as { cert: string; key: string; ca?: string[] }),
      requestCert: asksForCertificate,
      rejectUnauthorized: asksForCertificate,
      ...(this.#tls.alpn !== undefined && { ALPNProtocols: [...this.#tls.alpn] }),
      minVersion: "TLSv1.2",
    });
  }
}
