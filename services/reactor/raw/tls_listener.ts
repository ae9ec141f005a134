import { createServer, type Server, type Socket } from "node:net";
import type { TlsEndpoint } from "../../endpoint/endpoint.ts";
import type { InetAddress } from "../address.ts";
import { formatAddress } from "../address.ts";
import type { RawConn, RawListener } from "../raw.ts";
import { type HandshakeOptions, ServerHandshakes } from "./_server_handshakes.ts";
import { cannotListen, describeBindError } from "./_listen_error.ts";
import { AcceptQueue } from "./_accept_queue.ts";
import { CertificateFileError } from "./_certificate_files.ts";

/** Handshakes under way at once. When there are more, the oldest gives way: an honest one takes milliseconds. */
const MAX_HANDSHAKES = 512;

/** Secured connections that wait for `accept`. While there are more, new ones wait with their handshake. */
const MAX_READY = 128;

/**
 * Listen on TCP and take each connection through a TLS handshake before it is accepted.
 *
 * A failed handshake concerns nobody but the client. An end of the peer's data without close_notify cannot be
 * told from one with it on these sockets: protocols over TLS must mark the end of their messages themselves.
 *
 * @throws {CannotListenError} naming the endpoint or the certificate file, the cause and what to do
 */
export async function listenTls(endpoint: TlsEndpoint, options: HandshakeOptions): Promise<TlsRawListener> {
  const { interface: hostname, port, backlog } = endpoint;
  const refuse = (reason: string, cause: unknown) =>
    cannotListen(`tls:${formatAddress({ transport: "tcp", hostname, port }).slice(4)}`, reason, cause);
  let handshakes: ServerHandshakes;
  try {
    handshakes = await ServerHandshakes.load(endpoint.tls);
  } catch (error) {
    throw error instanceof CertificateFileError ? refuse(error.message, error) : error;
  }
  const server = createServer({ pauseOnConnect: true, noDelay: true });
  try {
    await bind(server, { host: hostname, port, backlog });
  } catch (error) {
    throw refuse(describeBindError(error, hostname, port), error);
  }
  return new TlsRawListener(server, handshakes, { ...options, backlog });
}

/** See {@linkcode listenTls}. */
export class TlsRawListener implements RawListener {
  readonly host: InetAddress;
  #server: Server;
  #handshakes: ServerHandshakes;
  #options: HandshakeOptions & { readonly backlog: number };
  #accepted: AcceptQueue<RawConn> = new AcceptQueue((conn) => conn.close());
  #underWay = new Set<Socket>();
  #waiting = new Set<Socket>();
  #failed = 0;
  #closed = false;

  constructor(
    server: Server,
    handshakes: ServerHandshakes,
    options: HandshakeOptions & { readonly backlog: number },
  ) {
    const { address, port } = server.address() as { address: string; port: number };
    this.host = { transport: "tcp", hostname: address, port };
    this.#server = server;
    this.#handshakes = handshakes;
    this.#options = options;
    server.on("connection", (socket) => this.#arrived(socket));
    server.on("error", () => {}); // One connection that could not be accepted; the listener is well.
  }

  /** Handshakes that failed, or were not complete in time. */
  get failedHandshakes(): number {
    return this.#failed;
  }

  /** Handshakes under way. */
  get pendingHandshakes(): number {
    return this.#underWay.size;
  }

  accept(): Promise<RawConn> {
    const conn = this.#accepted.take();
    this.#startWaiting();
    return conn;
  }

  /**
   * Read the certificate files again. Connections of now go on with the old ones.
   * @throws {Error} naming the file; the old ones stay in use
   */
  async reloadCertificate(): Promise<void> {
    try {
      await this.#handshakes.reload();
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new Error(`Cannot reload certificate of "${formatAddress(this.host)}": ${reason}`, { cause });
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#server.close();
    for (const socket of [...this.#waiting, ...this.#underWay]) socket.destroy();
    this.#accepted.close();
  }

  #arrived(socket: Socket): void {
    socket.on("error", () => {}); // It comes with "close".
    if (this.#closed || this.#waiting.size >= this.#options.backlog) {
      socket.destroy();
    } else if (this.#accepted.size >= MAX_READY) {
      this.#waiting.add(socket);
      socket.once("close", () => this.#waiting.delete(socket));
    } else {
      this.#handshake(socket);
    }
  }

  #startWaiting(): void {
    for (const socket of this.#waiting) {
      if (this.#accepted.size >= MAX_READY) return;
      this.#waiting.delete(socket);
      this.#handshake(socket);
    }
  }

  #handshake(socket: Socket): void {
    if (this.#underWay.size >= MAX_HANDSHAKES) {
      for (const oldest of this.#underWay) {
        oldest.destroy();
        this.#underWay.delete(oldest);
        break;
      }
    }
    this.#underWay.add(socket);
    this.#handshakes.run(socket, this.#options).then(
      (conn) => {
        this.#underWay.delete(socket);
        this.#accepted.put(conn);
      },
      () => {
        this.#underWay.delete(socket);
        this.#failed++;
      },
    );
  }
}

function bind(server: Server, where: { host: string; port: number; backlog: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(where, () => {
      server.off("error", reject);
      resolve();
    });
  });
}
