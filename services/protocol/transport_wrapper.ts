import type { ConnectTls, ServeTls } from "../endpoint/endpoint.ts";
import type { Address } from "../reactor/address.ts";
import type { Producer, TlsInfo, Transport } from "../reactor/transport.ts";

/** A transport that hands everything on to another one: the base of what a `ProtocolWrapper` gives its inner protocol. */
export class TransportWrapper implements Transport {
  /** The transport beneath. */
  readonly beneath: Transport;

  /** Everything goes to `beneath`. */
  constructor(beneath: Transport) {
    this.beneath = beneath;
  }

  /** Handed on. */
  get peer(): Address {
    return this.beneath.peer;
  }

  /** Handed on. */
  get host(): Address {
    return this.beneath.host;
  }

  /** Handed on. */
  get tls(): TlsInfo | null {
    return this.beneath.tls;
  }

  /** Handed on. */
  get state(): "open" | "closing" | "closed" {
    return this.beneath.state;
  }

  /** Handed on. */
  get bufferedBytes(): number {
    return this.beneath.bufferedBytes;
  }

  /** Handed on. */
  get bytesRead(): number {
    return this.beneath.bytesRead;
  }

  /** Handed on. */
  get bytesWritten(): number {
    return this.beneath.bytesWritten;
  }

  /** Handed on. */
  write(data: Uint8Array): void {
    this.beneath.write(data);
  }

  /** Calls `write` for each chunk: a subclass that overrides `write` sees everything. */
  writeSequence(chunks: Iterable<Uint8Array>): void {
    for (const chunk of chunks) this.write(chunk);
  }

  /** Handed on. */
  drained(): Promise<void> {
    return this.beneath.drained();
  }

  /** Handed on. */
  loseConnection(): void {
    this.beneath.loseConnection();
  }

  /** Handed on. */
  loseWriteConnection(): void {
    this.beneath.loseWriteConnection();
  }

  /** Handed on. */
  abortConnection(reason?: string): void {
    this.beneath.abortConnection(reason);
  }

  /** Handed on. */
  pauseProducing(): void {
    this.beneath.pauseProducing();
  }

  /** Handed on. */
  resumeProducing(): void {
    this.beneath.resumeProducing();
  }

  /** Handed on. */
  registerProducer(producer: Producer): void {
    this.beneath.registerProducer(producer);
  }

  /** Handed on. */
  unregisterProducer(): void {
    this.beneath.unregisterProducer();
  }

  /** Handed on. */
  startTLS(options: ServeTls | ConnectTls): Promise<TlsInfo> {
    return this.beneath.startTLS(options);
  }

  /** Handed on. */
  setNoDelay(noDelay: boolean): void {
    this.beneath.setNoDelay(noDelay);
  }
}
