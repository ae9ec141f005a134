import { isIP } from "node:net";
import { connect, type TLSSocket } from "node:tls";
import { TimeoutError } from "../../async/errors.ts";
import type { ConnectTls, ServeTls } from "../../endpoint/endpoint.ts";
import { ConnectionLost } from "../errors.ts";
import type { RawConn } from "../raw.ts";
import { readClientCredentials } from "./_certificate_files.ts";
import { RawDuplex } from "./_raw_duplex.ts";
import { HANDSHAKE_TIMEOUT, type HandshakeOptions } from "./_server_handshakes.ts";
import { handshakesFor } from "./_shared_handshakes.ts";
import { tlsInfo } from "./_tls_info.ts";
import { NodeRawConn } from "./node_conn.ts";

/** {@linkcode HandshakeOptions} of one who may lose interest. */
export interface ClientHandshakeOptions extends HandshakeOptions {
  /** Ends the handshake with its reason. */
  readonly signal?: AbortSignal;
}

/**
 * Read what the server presents in {@linkcode secureServer}, before anybody asks for it.
 * @throws {CertificateFileError} naming the file
 */
export async function prepareServer(tls: ServeTls): Promise<void> {
  await handshakesFor(tls);
}

/**
 * Take `raw` through a TLS handshake as the server. On failure `raw` is closed.
 *
 * An end of the peer's data without close_notify makes `read` reject: an attacker who cuts the connection
 * must not pass for a peer that was done (RFC 8446, section 6.1).
 *
 * @throws {CertificateFileError} naming the file
 * @throws {TimeoutError} when the handshake takes too long; the TLS error otherwise
 */
export async function secureServer(raw: RawConn, tls: ServeTls, options: HandshakeOptions): Promise<RawConn> {
  try {
    const handshakes = await handshakesFor(tls, options.log);
    return await handshakes.run(raw, options);
  } catch (error) {
    raw.close();
    throw error;
  }
}

/**
 * Take `raw` through a TLS handshake as the client of `hostname`. On failure `raw` is closed. As with
 * {@linkcode secureServer}, a cut connection is an error.
 *
 * @throws {CertificateFileError} naming the file
 * @throws {TimeoutError} when the handshake takes too long; the TLS error otherwise
 */
export async function secureClient(
  raw: RawConn,
  hostname: string,
  tls: ConnectTls,
  options: ClientHandshakeOptions,
): Promise<RawConn> {
  const stream = new RawDuplex(raw);
  try {
    const name = tls.serverName ?? hostname;
    const { ca, ...identity } = await readClientCredentials(tls);
    const socket = connect({
      socket: stream,
      host: name,
      // No SNI for an address (RFC 6066, section 3); the certificate is compared with `host` then.
      ...(isIP(name) === 0 && { servername: name }),
      ...identity,
      ...(ca !== undefined && { ca: [...ca] }),
      ...(tls.alpn !== undefined && { ALPNProtocols: [...tls.alpn] }),
      ...(tls.unverified === true && { rejectUnauthorized: false }),
      minVersion: "TLSv1.2",
    });
    await secured(socket, options);
    return new NodeRawConn(socket, { ...stream.carry(socket), tls: tlsInfo(socket, true) });
  } catch (error) {
    stream.destroy();
    throw error;
  }
}

function secured(socket: TLSSocket, options: ClientHandshakeOptions): Promise<void> {
  const { time, timeout = HANDSHAKE_TIMEOUT, signal } = options;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const deadline = time.callLater(timeout, () => {
    reject(new TimeoutError(`TLS handshake was not complete within ${timeout} ms`));
  });
  const abort = () => reject(signal?.reason);
  if (signal?.aborted) abort();
  signal?.addEventListener("abort", abort);
  socket.once("secureConnect", resolve);
  socket.on("error", reject);
  socket.once("close", () => reject(new ConnectionLost("Connection was lost during the TLS handshake")));
  return promise.finally(() => {
    deadline.cancel();
    signal?.removeEventListener("abort", abort);
  });
}
