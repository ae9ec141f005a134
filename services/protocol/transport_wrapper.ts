import type { ConnectTls, ServeTls } from "../endpoint/endpoint.ts";
import type { Address } from "../reactor/address.ts";
import type { Producer, TlsInfo, Transport } from "../reactor/transport.ts";

/** A transport that hands everything on to another one: the base of what a `ProtocolWrapper` gives its inner protocol. */
export class TransportWrapper implements Transport {
  /** The transport beneath. */
  readonly beneath: Transport;

  constructor(beneath: Transport) {
    this.beneath = beneath;
  }

  get peer(): Address {
    return this.beneath.peer;
  }

  get host(): Address {
    return this.beneath.host;
  }

  get tls(): TlsInfo | null {
    return this.beneath.tls;
  }

  get state(): "open" | "closing" | "closed" {
    return this.beneath.state;
  }

  get bufferedBytes(): number {
    return this.beneath.bufferedBytes;
  }

  get bytesRead(): number {
    return this.beneath.bytesRead;
  }

  get bytesWritten(): number {
    return this.beneath.bytesWritten;
  }

  write(data: Uint8Array): void {
    this.beneath.write(data);
  }

  /** Calls `write` for each chunk: a subclass that overrides `write` sees everything. */
  writeSequence(chunks: Iterable<Uint8Array>): void {
    for (const chunk of chunks) this.write(chunk);
  }

  drained(): Promise<void> {
    return this.beneath.drained();
  }

  loseConnection(): void {
    this.beneath.loseConnection();
  }

  loseWriteConnection(): void {
    this.beneath.loseWriteConnection();
  }

  abortConnection(reason?: string): void {
    this.beneath.abortConnection(reason);
  }

  pauseProducing(): void {
    this.beneath.pauseProducing();
  }

  resumeProducing(): void {
    this.beneath.resumeProducing();
  }

  registerProducer(producer: Producer): void {
    this.beneath.registerProducer(producer);
  }

  unregisterProducer(): void {
    this.beneath.unregisterProducer();
  }

  startTLS(options: ServeTls | ConnectTls): Promise<TlsInfo> {
    return this.beneath.startTLS(options);
  }

  setNoDelay(noDelay: boolean): void {
    this.beneath.setNoDelay(noDelay);
  }
}
