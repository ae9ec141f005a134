import { TimeoutError } from "../../async/errors.ts";
import type { SocketEndpoint, TcpClientEndpoint, TlsClientEndpoint } from "../../endpoint/endpoint.ts";
import { formatAddress } from "../address.ts";
import { ConnectError } from "../errors.ts";
import type { DialOptions } from "../network.ts";
import type { RawConn } from "../raw.ts";
import { CertificateFileError } from "./_certificate_file_error.ts";
import { race } from "./_race.ts";
import { interleaveFamilies, type Resolve, resolveBySystem } from "./_resolve.ts";
import { describeSystemError, errorCode } from "./_system_error.ts";
import { DenoRawConn } from "./deno_conn.ts";

/** Connects to one address. */
export type Dial = (
  address: { readonly hostname: string; readonly port: number },
  signal: AbortSignal,
) => Promise<RawConn>;

/** {@linkcode DialOptions}, with the world replaceable. */
export interface ConnectRawOptions extends DialOptions {
  readonly resolve?: Resolve;
  readonly dial?: Dial;
}

/**
 * Connect to `endpoint`: look its name up, race the addresses (RFC 8305), and go through the TLS handshake if
 * it asks for one. The timeout is for all of it.
 *
 * @throws {ConnectError} naming the endpoint and the cause
 * @throws the reason of the signal when that ends it
 */
export async function connectRaw(endpoint: SocketEndpoint, options: ConnectRawOptions): Promise<RawConn> {
  const { time, timeout, signal } = options;
  signal?.throwIfAborted();
  const ending = new AbortController();
  const forward = () => ending.abort(signal?.reason);
  signal?.addEventListener("abort", forward);
  const deadline = time.callLater(timeout, () => {
    ending.abort(new TimeoutError(`no answer within ${timeout / 1000} s`));
  });
  try {
    return await connect(endpoint, ending.signal, options);
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    const cause = ending.signal.aborted ? ending.signal.reason : error;
    throw new ConnectError(`Cannot connect to "${nameOf(endpoint)}": ${describe(cause, endpoint)}`, {
      cause,
    });
  } finally {
    deadline.cancel();
    signal?.removeEventListener("abort", forward);
  }
}

function connect(
  endpoint: SocketEndpoint,
  signal: AbortSignal,
  options: ConnectRawOptions,
): Promise<RawConn> {
  switch (endpoint.kind) {
    case "unix":
      return race([endpoint.path], dialUnix, { time: options.time, signal, discard: close });
    case "tcp":
      return connectTcp(endpoint, signal, options);
    case "tls":
      return connectTls(endpoint, signal, options);
  }
}

async function connectTcp(
  { hostname, port }: TcpClientEndpoint | TlsClientEndpoint,
  signal: AbortSignal,
  { time, resolve = resolveBySystem, dial = dialTcp }: ConnectRawOptions,
): Promise<RawConn> {
  const addresses = await unlessAborted(resolve(hostname), signal);
  return await race(
    interleaveFamilies(addresses),
    (address, loser) => dial({ hostname: address, port }, loser),
    { time, signal, discard: close },
  );
}

async function connectTls(
  endpoint: TlsClientEndpoint,
  signal: AbortSignal,
  options: ConnectRawOptions,
): Promise<RawConn> {
  const raw = await connectTcp(endpoint, signal, options);
  raw.setNoDelay(true);
  // Loaded when it is wanted: `node:tls` takes as long to load as all of a small application.
  const { secureClient } = await import("./start_tls.ts");
  return await secureClient(raw, endpoint.hostname, endpoint.tls, { ...options, signal });
}

async function dialTcp(
  { hostname, port }: { readonly hostname: string; readonly port: number },
  signal: AbortSignal,
): Promise<RawConn> {
  return new DenoRawConn(await Deno.connect({ hostname, port, signal }));
}

async function dialUnix(path: string): Promise<RawConn> {
  const peer = { transport: "unix", path } as const;
  return new DenoRawConn(await Deno.connect({ transport: "unix", path }), { peer });
}

function close(conn: RawConn): void {
  conn.close();
}

/** Settles as `promise` does, or rejects with the signal's reason at once. */
function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: result, resolve, reject } = Promise.withResolvers<T>();
  const abort = () => reject(signal.reason);
  signal.addEventListener("abort", abort);
  promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  return result;
}

function nameOf(endpoint: SocketEndpoint): string {
  if (endpoint.kind === "unix") return `unix:${endpoint.path}`;
  const { kind, hostname, port } = endpoint;
  return kind + formatAddress({ transport: "tcp", hostname, port }).slice("tcp".length);
}

function describe(error: unknown, endpoint: SocketEndpoint): string {
  if (error instanceof TimeoutError || error instanceof CertificateFileError) return error.message;
  if (endpoint.kind === "unix") {
    if (errorCode(error) === "ENOENT") return "socket not found; is its server running";
    if (errorCode(error) === "EACCES") return "permission denied; this user may not write to the socket";
  }
  if (endpoint.kind === "tls" && errorCode(error) === "ERR_TLS_CERT_ALTNAME_INVALID") {
    return `certificate is not for "${endpoint.tls.serverName ?? endpoint.hostname}"`;
  }
  return describeSystemError(error);
}
