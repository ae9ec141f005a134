import type { ConnectTls, ServeTls } from "../endpoint/endpoint.ts";
import type { Protocol } from "../protocol/protocol.ts";
import type { Address } from "../reactor/address.ts";
import { ConnectionAborted, type ConnectionClosed, ConnectionDone } from "../reactor/errors.ts";
import type { Producer, TlsInfo, Transport } from "../reactor/transport.ts";

/** What a {@linkcode StringTransport} pretends to be. */
export interface StringTransportOptions {
  /** Whom `receive` feeds, and who is told of the end. Without one, a transport only records. */
  readonly protocol?: Protocol;
  /** Default `tcp:192.0.2.1:54321` (RFC 5737). */
  readonly peer?: Address;
  /** Default `tcp:192.0.2.2:7`. */
  readonly host?: Address;
  /** What TLS settled on, for a connection that is encrypted from the start. */
  readonly tls?: TlsInfo;
}

const plainTls: TlsInfo = {
  version: "TLSv1.3",
  alpn: null,
  serverName: null,
  authorized: false,
  peerName: null,
};

/** Overwrites what a borrowing protocol was lent, so that keeping it fails the test. */
const spent = 0xdd;

/**
 * A transport in memory, for the unit test of one protocol: it keeps what was written, and everything
 * happens at once, in the caller's turn. `receive` plays the peer and keeps a reactor's rules: nothing is
 * delivered while paused, `connectionLost` never interrupts another callback and comes once, last.
 *
 * @example
 * ```ts
 * import { Protocol } from "@heddle/heddle";
 * import { StringTransport } from "@heddle/heddle/testing";
 *
 * class Echo extends Protocol {
 *   override dataReceived(data: Uint8Array): void {
 *     this.transport.write(data);
 *   }
 * }
 *
 * const transport = StringTransport.connect(new Echo());
 * transport.receive("hello");
 * transport.text(); // "hello"
 * ```
 */
export class StringTransport implements Transport {
  /** Whom it pretends to be connected with. */
  readonly peer: Address;
  /** Where it pretends to be. */
  readonly host: Address;
  /** Always 0: what is written counts as sent. */
  readonly bufferedBytes: number = 0;
  /** Whoever was registered; a test pauses and resumes it by hand. */
  producer: Producer | null = null;
  /** `paused` between `pauseProducing` and `resumeProducing`. */
  producerState: "producing" | "paused" = "producing";
  /** How often `pauseProducing` was called. */
  pauses = 0;
  /** True once `loseConnection` was called. */
  disconnecting = false;
  /** True once `loseWriteConnection` was called: what is written afterwards is dropped. */
  writeEnded = false;
  /** Why the connection is over, or null while it is not. */
  lostReason: ConnectionClosed | null = null;
  /** The options of the last `startTLS`, or null. */
  tlsOptions: ServeTls | ConnectTls | null = null;
  /** What `setNoDelay` set last. */
  noDelay = true;

  #protocol: Protocol | null;
  #tls: TlsInfo | null;
  #written: Uint8Array[] = [];
  #bytesRead = 0;
  #bytesWritten = 0;
  #undelivered: Array<() => void> = [];
  #delivering = false;
  #ending: ConnectionClosed | null = null;

  /** Connected only once `protocol.makeConnection` is called with it; {@linkcode connect} does both. */
  constructor(options: StringTransportOptions = {}) {
    this.#protocol = options.protocol ?? null;
    this.#tls = options.tls ?? null;
    this.peer = options.peer ?? { transport: "tcp", hostname: "192.0.2.1", port: 54321 };
    this.host = options.host ?? { transport: "tcp", hostname: "192.0.2.2", port: 7 };
  }

  /** A transport to which `protocol` is connected already. */
  static connect(
    protocol: Protocol,
    options: Omit<StringTransportOptions, "protocol"> = {},
  ): StringTransport {
    const transport = new StringTransport({ ...options, protocol });
    transport.#deliver(() => protocol.makeConnection(transport));
    return transport;
  }

  /** Null until `startTLS`, unless the options told otherwise. */
  get tls(): TlsInfo | null {
    return this.#tls;
  }

  /** `closing` while a callback is under way, or a producer registered, that was there at the end. */
  get state(): "open" | "closing" | "closed" {
    if (this.lostReason !== null) return "closed";
    return this.disconnecting || this.#ending !== null ? "closing" : "open";
  }

  /** Bytes that were delivered. */
  get bytesRead(): number {
    return this.#bytesRead;
  }

  /** Bytes written, also those that `clear` forgot. */
  get bytesWritten(): number {
    return this.#bytesWritten;
  }

  /** All that was written since the last `clear`. */
  value(): Uint8Array {
    const length = this.#written.reduce((sum, chunk) => sum + chunk.length, 0);
    const all = new Uint8Array(length);
    let offset = 0;
    for (const chunk of this.#written) {
      all.set(chunk, offset);
      offset += chunk.length;
    }
    return all;
  }

  /** {@linkcode value} as UTF-8. */
  text(): string {
    return new TextDecoder().decode(this.value());
  }

  /** Forget what was written. */
  clear(): void {
    this.#written = [];
  }

  /**
   * Play the peer: these bytes arrive in one chunk, or wait while the protocol has paused the transport.
   * What the protocol throws reaches the caller.
   */
  receive(data: Uint8Array | string): void {
    const protocol = this.#expectProtocol("receive");
    const chunk = typeof data === "string" ? new TextEncoder().encode(data) : data.slice();
    this.#undelivered.push(() => {
      this.#bytesRead += chunk.length;
      protocol.dataReceived(chunk);
      if (protocol.borrowsData) chunk.fill(spent);
    });
    this.#deliverAll();
  }

  /** Play the peer: it sends no more (half-close). */
  receiveEnd(): void {
    const protocol = this.#expectProtocol("receiveEnd");
    this.#undelivered.push(() => protocol.readConnectionLost());
    this.#deliverAll();
  }

  /** Play the network: the connection is over, now. */
  lose(reason: ConnectionClosed = new ConnectionDone()): void {
    this.#end(reason);
  }

  /** Kept for `value`; dropped once the connection is closing. */
  write(data: Uint8Array): void {
    const flushing = this.state === "closing" && this.#ending === null;
    if (this.writeEnded || (this.state !== "open" && !flushing)) return;
    this.#bytesWritten += data.length;
    // A copy: it is flushed at once, and whoever lent the bytes may then use them again.
    this.#written.push(data.slice());
  }

  /** {@linkcode write} for each chunk. */
  writeSequence(chunks: Iterable<Uint8Array>): void {
    for (const chunk of chunks) this.write(chunk);
  }

  /** At once. */
  drained(): Promise<void> {
    return Promise.resolve();
  }

  /** The end comes after the callback that is under way, and once no producer is registered. */
  loseConnection(): void {
    if (this.state === "closed") return;
    this.disconnecting = true;
    if (this.producer === null) this.#end(new ConnectionDone());
  }

  /** Sets `writeEnded`. */
  loseWriteConnection(): void {
    this.writeEnded = true;
  }

  /** The end comes after the callback that is under way. */
  abortConnection(reason?: string): void {
    this.#end(new ConnectionAborted(reason));
  }

  /** From now on, `receive` holds back. */
  pauseProducing(): void {
    this.pauses += 1;
    this.producerState = "paused";
  }

  /** Delivers what was held back. */
  resumeProducing(): void {
    this.producerState = "producing";
    this.#deliverAll();
  }

  /** Kept in `producer`. */
  registerProducer(producer: Producer): void {
    if (this.producer !== null) throw new Error("Cannot register a producer: another one is registered");
    if (this.state === "closed") producer.stopProducing();
    else this.producer = producer;
  }

  /** A `loseConnection` that waited for the producer takes effect. */
  unregisterProducer(): void {
    this.producer = null;
    if (this.disconnecting) this.#end(new ConnectionDone());
  }

  /** Succeeds at once; what was received and is not yet delivered is thrown away. */
  startTLS(options: ServeTls | ConnectTls): Promise<TlsInfo> {
    this.tlsOptions = options;
    this.#undelivered = [];
    this.#tls = plainTls;
    return Promise.resolve(plainTls);
  }

  /** Kept in `noDelay`. */
  setNoDelay(noDelay: boolean): void {
    this.noDelay = noDelay;
  }

  #expectProtocol(method: string): Protocol {
    if (this.#protocol !== null) return this.#protocol;
    throw new Error(`Cannot ${method}: give the StringTransport a protocol`);
  }

  #deliverAll(): void {
    if (this.#delivering) return;
    while (this.state === "open" && this.producerState === "producing") {
      const next = this.#undelivered.shift();
      if (next === undefined) return;
      this.#deliver(next);
    }
  }

  /** Run one callback of the protocol, then the end that it may have brought about. */
  #deliver(callback: () => void): void {
    this.#delivering = true;
    try {
      callback();
    } finally {
      this.#delivering = false;
      this.#finish();
    }
  }

  #end(reason: ConnectionClosed): void {
    this.#ending ??= reason;
    if (!this.#delivering) this.#finish();
  }

  #finish(): void {
    const reason = this.#ending;
    if (reason === null || this.lostReason !== null) return;
    this.lostReason = reason;
    const producer = this.producer;
    this.producer = null;
    producer?.stopProducing();
    this.#protocol?.connectionLost(reason);
  }
}
