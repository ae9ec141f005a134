import type { TlsEndpoint } from "../../endpoint/endpoint.ts";
import { type Logger, silentLogger } from "../../log.ts";
import type { Address } from "../address.ts";
import { formatAddress } from "../address.ts";
import type { RawConn, RawListener } from "../raw.ts";
import { AcceptQueue } from "./_accept_queue.ts";
import { CertificateFileError } from "./_certificate_file_error.ts";
import { certificateVersion } from "./_certificate_version.ts";
import { CertificateWatch } from "./_certificate_watch.ts";
import { cannotListen } from "./_listen_error.ts";
import { type HandshakeOptions, ServerHandshakes } from "./_server_handshakes.ts";
import { bindTcp } from "./deno_listener.ts";

/** Handshakes under way at once. When there are more, the oldest gives way: an honest one takes milliseconds. */
const MAX_HANDSHAKES = 512;

/** Secured connections that wait for `accept`. While there are more, new ones wait in the kernel's queue. */
const MAX_READY = 32;

/**
 * Listen on TCP and take each connection through a TLS handshake before it is accepted. A failed handshake
 * concerns nobody but its client. Certificate files that change are read again; while the new ones are wrong,
 * the old ones serve.
 *
 * @param open the TCP listener beneath; default one bound here
 * @throws {CannotListenError} naming the endpoint or the certificate file, the cause and what to do
 */
export async function listenTls(
  endpoint: TlsEndpoint,
  options: HandshakeOptions,
  open: (name: string) => RawListener | Promise<RawListener> = (name) =>
    bindTcp(endpoint, name, options.time),
): Promise<TlsRawListener> {
  const { interface: hostname, port } = endpoint;
  const name = `tls:${formatAddress({ transport: "tcp", hostname, port }).slice("tcp:".length)}`;
  const { tls } = endpoint;
  const version = await certificateVersion(tls);
  let handshakes: ServerHandshakes;
  try {
    handshakes = await ServerHandshakes.load(tls);
  } catch (error) {
    throw error instanceof CertificateFileError ? cannotListen(name, error.message, error) : error;
  }
  const { time, log = silentLogger } = options;
  const listener = new TlsRawListener(await open(name), handshakes, options);
  listener.reloadWith(new CertificateWatch(tls, version, time, () => reload(listener, log)));
  return listener;
}

async function reload(listener: TlsRawListener, log: Logger): Promise<void> {
  try {
    await listener.reloadCertificate();
    log.info(`Reloaded the certificate of "${formatAddress(listener.host)}": its files have changed`);
  } catch (error) {
    log.error("Certificate files have changed and are wrong: the old certificate stays in use", { error });
  }
}

/** TLS over what another listener accepts. Nothing is taken from that before the first `accept`. */
export class TlsRawListener implements RawListener {
  #inner: RawListener;
  #handshakes: ServerHandshakes;
  #options: HandshakeOptions;
  #ready: AcceptQueue<RawConn> = new AcceptQueue((conn) => conn.close());
  /** In the order of their arrival. */
  #underWay = new Set<RawConn>();
  #watch: CertificateWatch | null = null;
  #failed = 0;
  #accepting = false;
  #closed = false;

  constructor(inner: RawListener, handshakes: ServerHandshakes, options: HandshakeOptions) {
    this.#inner = inner;
    this.#handshakes = handshakes;
    this.#options = options;
  }

  get host(): Address {
    return this.#inner.host;
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
    const conn = this.#ready.take();
    this.#acceptMore();
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
      throw new Error(`Cannot reload the certificate of "${formatAddress(this.host)}": ${reason}`, { cause });
    }
  }

  /** `watch` calls `reloadCertificate`; it ends with the listener. */
  reloadWith(watch: CertificateWatch): void {
    this.#watch = watch;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#watch?.stop();
    this.#inner.close();
    for (const raw of this.#underWay) raw.close();
    this.#ready.close();
  }

  #acceptMore(): void {
    if (this.#accepting || this.#closed || this.#ready.size >= MAX_READY) return;
    this.#accepting = true;
    this.#inner.accept().then(
      (raw) => {
        this.#accepting = false;
        this.#handshake(raw);
        this.#acceptMore();
      },
      (error) => this.#ready.close(error),
    );
  }

  #handshake(raw: RawConn): void {
    for (const oldest of this.#underWay) {
      if (this.#underWay.size < MAX_HANDSHAKES) break;
      this.#underWay.delete(oldest);
      oldest.close();
    }
    this.#underWay.add(raw);
    // Flights of a handshake are small: Nagle would add a delayed acknowledgement to each.
    raw.setNoDelay(true);
    this.#handshakes.run(raw, this.#options).then(
      (conn) => {
        this.#underWay.delete(raw);
        this.#ready.put(conn);
      },
      () => {
        this.#underWay.delete(raw);
        this.#failed++;
      },
    );
  }
}
