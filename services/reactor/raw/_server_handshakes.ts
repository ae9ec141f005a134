import { createSecureContext, createServer, type SecureContext, type Server, type TLSSocket } from "node:tls";
import type { ReactorTime } from "../../async/time.ts";
import { TimeoutError } from "../../async/errors.ts";
import type { ServeTls } from "../../endpoint/endpoint.ts";
import type { Logger } from "../../log.ts";
import { ConnectionLost } from "../errors.ts";
import type { RawConn } from "../raw.ts";
import { readServerCredentials, type ServerCredentials } from "./_certificate_files.ts";
import { RawDuplex } from "./_raw_duplex.ts";
import { ServerNames } from "./_server_names.ts";
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
  /** Where it is told what became of certificate files that have changed; default nowhere. */
  readonly log?: Logger;
}

/**
 * The server's side of TLS handshakes over any connection, with one set of certificate files. Of several
 * certificates the client's server name (SNI, RFC 6066, section 3) chooses.
 *
 * It is `tls.Server` that checks client certificates (a bare server-side `TLSSocket` does not), but its events
 * do not tell which connection they are about. So each handshake has a server of its own, which never listens; the
 * servers are used again, because making one parses the certificates (0.2 ms).
 */
export class ServerHandshakes {
  #tls: ServeTls;
  #credentials: ServerCredentials;
  #contexts: ServerNames<SecureContext>;
  #idle: Server[] = [];

  private constructor(tls: ServeTls, credentials: ServerCredentials) {
    this.#tls = tls;
    this.#credentials = credentials;
    this.#contexts = contextsOf(credentials);
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
    const credentials = await readServerCredentials(this.#tls);
    this.#contexts = contextsOf(credentials);
    this.#credentials = credentials;
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

  #makeServer({ cert, key, ca, others }: ServerCredentials): Server {
    const asksForCertificate = ca !== undefined;
    const contexts = this.#contexts;
    return createServer({
      cert,
      key,
      ...(ca !== undefined && { ca: [...ca] }),
      ...(others.length > 0 && {
        SNICallback: (name: string, choose: ChooseContext) => choose(null, contexts.find(name)),
      }),
      requestCert: asksForCertificate,
      rejectUnauthorized: asksForCertificate,
      ...(this.#tls.alpn !== undefined && { ALPNProtocols: [...this.#tls.alpn] }),
      minVersion: "TLSv1.2",
    });
  }
}

/** Without a context, the server's own certificate serves. */
type ChooseContext = (error: Error | null, context?: SecureContext) => void;

function contextsOf({ others, ca }: ServerCredentials): ServerNames<SecureContext> {
  const contexts = new ServerNames<SecureContext>();
  for (const { cert, key, names } of others) {
    const context = createSecureContext({ cert, key, ...(ca !== undefined && { ca: [...ca] }) });
    for (const name of names) contexts.add(name, context);
  }
  return contexts;
}
