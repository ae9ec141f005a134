import type { ConnectTls, ServeTls } from "../endpoint/endpoint.ts";
import type { Address } from "./address.ts";

/** Whoever produces bytes for a transport and can be told to wait (Twisted's `IPushProducer`). */
export interface Producer {
  /** The transport's write buffer is over its high-water mark: write nothing for now. */
  pauseProducing(): void;
  /** The buffer has drained: go on. */
  resumeProducing(): void;
  /** The connection is gone: write nothing any more. */
  stopProducing(): void;
}

/** What TLS settled on, once a handshake is complete. */
export interface TlsInfo {
  /** `"TLSv1.3"`, ... */
  readonly version: string;
  /** The protocol chosen by ALPN, or null. */
  readonly alpn: string | null;
  /** The name that the client asked for by SNI (servers), or that we asked for (clients), or null. */
  readonly serverName: string | null;
  /** Whether the peer showed a certificate that its certification authority vouches for. */
  readonly authorized: boolean;
  /** The common name of the peer's certificate, or null when it showed none. */
  readonly peerName: string | null;
}

/**
 * One end of a byte stream: what a Protocol writes to and steers. After the connection is over, every
 * method is a harmless no-op.
 */
export interface Transport {
  /** Where the other end is. */
  readonly peer: Address;
  /** Where our end is. */
  readonly host: Address;
  /** What TLS settled on; null on a plain connection. */
  readonly tls: TlsInfo | null;
  /** `closing`: no more is read, what was written is still being sent. */
  readonly state: "open" | "closing" | "closed";
  /** Bytes written but not yet taken by the system. */
  readonly bufferedBytes: number;
  /** Bytes that have come from the peer. */
  readonly bytesRead: number;
  /** Bytes that the system has taken for the peer. */
  readonly bytesWritten: number;

  /**
   * Send `data`, in order, without waiting. The transport owns the bytes until they are flushed: do not
   * change them. Writes of one turn are joined. While more than the high-water mark (64 KiB) is
   * buffered, the registered producer pauses, or without one reading from this peer; a write on top of 16 MiB that the
   * peer has not taken aborts the connection.
   */
  write(data: Uint8Array): void;
  /** `write` for several chunks that belong together. */
  writeSequence(chunks: Iterable<Uint8Array>): void;
  /** Resolves once what has been written is flushed, or the connection is over. Never rejects. */
  drained(): Promise<void>;
  /** Flush what was written (and what a registered producer still writes), then close in order. */
  loseConnection(): void;
  /**
   * Flush what was written (and what a registered producer still writes), then tell the peer that no more will
   * come (TCP FIN); go on reading.
   */
  loseWriteConnection(): void;
  /** Close at once; what is buffered is lost. `connectionLost` gets `ConnectionAborted` with `reason`. */
  abortConnection(reason?: string): void;
  /** Read no more until `resumeProducing`: the peer's sending stalls. */
  pauseProducing(): void;
  /** Read on. */
  resumeProducing(): void;
  /**
   * Let `producer` be paused and resumed as the write buffer fills and drains. `loseConnection` waits
   * until it is unregistered.
   * @throws {Error} when another producer is registered
   */
  registerProducer(producer: Producer): void;
  /** The producer has nothing more to write: a `loseConnection` that waited for it goes on. */
  unregisterProducer(): void;
  /**
   * Switch to TLS. Flushes what was written, throws away what was received before the handshake
   * (RFC 3207, section 4.2), and resolves when the handshake is complete; on failure it rejects and the
   * connection is lost. Who accepted the connection gives {@linkcode ServeTls} and takes the server's side,
   * who made it {@linkcode ConnectTls}.
   */
  startTLS(options: ServeTls | ConnectTls): Promise<TlsInfo>;
  /** Nagle's algorithm off (true, the default of Heddle's reactors) or on. */
  setNoDelay(noDelay: boolean): void;
}
