import type { DelayedCall, ReactorTime } from "../async/time.ts";
import type { ConnectTls, ServeTls } from "../endpoint/endpoint.ts";
import type { Protocol } from "../protocol/protocol.ts";
import type { Chunks } from "./_chunks.ts";
import { HandoffConn } from "./_handoff_conn.ts";
import { ReadBuffer, type ReadBuffers } from "./_read_buffers.ts";
import type { GatedReader, ReadGate } from "./_read_gate.ts";
import type { SlowWrites, Writer } from "./_slow_writes.ts";
import { WriteQueue } from "./_write_queue.ts";
import type { Address } from "./address.ts";
import { currentOwner, onAccountOf, type Owner } from "./attribution.ts";
import { ConnectionAborted, type ConnectionClosed, ConnectionDone, ConnectionLost } from "./errors.ts";
import type { TlsRole } from "./network.ts";
import type { RawConn } from "./raw.ts";
import type { Producer, TlsInfo, Transport } from "./transport.ts";

/** Over so many buffered bytes, reading and the producer pause; under the lower mark they go on. */
const HIGH_WATER = 64 * 1024;
const LOW_WATER = 16 * 1024;
/** Who writes on with so many bytes unsent is writing to a peer that has stopped reading: abort. */
const HARD_LIMIT = 16 * 1024 * 1024;
/** How long a closing connection goes on reading what the peer had still sent, ms. */
const LINGER = 1_000;

/** Why no read is under way: reading goes on when none of these holds. */
const Hold = {
  None: 0,
  /** The protocol asked for it. */
  Paused: 1,
  /** The peer reads more slowly than we write, and no producer can be told. */
  Full: 2,
  /** A write is under way; of a protocol that borrows, it may stand in the read buffer. */
  Writing: 4,
  /** The peer has sent its last byte. */
  Ended: 8,
  /** A TLS handshake has the connection. */
  Switching: 16,
} as const;

/**
 * `open -> flushing -> lingering -> closed`, each step optional: a connection that is aborted or lost
 * goes from anywhere to `closed`. In `flushing` and `lingering` what arrives is read and dropped: the
 * peer may be blocked on it, and closing on unread bytes would reset what it has not read yet.
 */
type Phase = "open" | "flushing" | "lingering" | "closed";

/** Whether our side has told, or will tell, that no more comes. */
type WriteEnd = "open" | "wanted" | "sent";

/** What the transports of one reactor share. */
export interface TransportEnvironment {
  readonly time: ReactorTime;
  readonly buffers: ReadBuffers;
  readonly chunks: Chunks;
  readonly gate: ReadGate;
  readonly slowWrites: SlowWrites;
  /** Overwrite lent chunks once they are done with (tests). */
  readonly poison: boolean;
  startTLS(raw: RawConn, role: TlsRole, tls: ServeTls | ConnectTls): Promise<RawConn>;
}

/** Whoever opened the connection. */
export interface TransportOwner {
  /** On whose account the protocol is called, whoever's turn it is. */
  readonly account: Owner;
  readonly tlsRole: TlsRole;
  /** A callback of the protocol, or of its producer, threw; the connection is being closed. */
  protocolThrew(error: unknown, transport: StreamTransport): void;
  /** After `connectionLost`. */
  connectionClosed(transport: StreamTransport, reason: ConnectionClosed): void;
}

/** The transport of every stream connection, over whatever raw connection there is. */
export class StreamTransport implements Transport, Writer, GatedReader {
  readonly protocol: Protocol;
  bytesRead = 0;
  bytesWritten = 0;

  readonly #environment: TransportEnvironment;
  readonly #owner: TransportOwner;
  readonly #lends: boolean;
  readonly #input: ReadBuffer;
  #output = new WriteQueue();
  /** What was written since `startTLS`: it must not leave before the handshake is complete. */
  #afterTls: WriteQueue | null = null;
  /** Called when what was written before `startTLS` is sent, or never will be. */
  #plainSent: () => void = nothing;

  #raw: RawConn;
  #phase: Phase = "open";
  #writeEnd: WriteEnd = "open";
  #holds: number = Hold.None;
  /** The buffer of the read under way. */
  #reading: Uint8Array<ArrayBuffer> | null = null;
  /** The bytes of the write under way. */
  #writing: Uint8Array | null = null;
  /** The write buffer is over its high-water mark, and not yet under the low one. */
  #full = false;
  /** Somebody will flush before this turn is over; until then nothing is sent, read or closed. */
  #flushDue = false;
  /** A write stalls: reading does not wait for it. */
  #slow = false;
  /** `checkWrites` is being called. */
  #watched = false;
  /** `bytesWritten` at its last call. */
  #lastSwept = -1;
  /** `bytesWritten` when reading last went on with a full buffer. */
  #readThoughAt = -1;
  /** When `loseConnection` was called, or later, the peer had more to say. */
  #unheard = false;
  /** Read before `pauseProducing` took hold. */
  #undelivered: Uint8Array | null = null;
  #producer: Producer | null = null;
  #drainWaiters: (() => void)[] | null = null;
  #lingerTimer: DelayedCall | null = null;
  #handoff: HandoffConn | null = null;

  constructor(raw: RawConn, protocol: Protocol, owner: TransportOwner, environment: TransportEnvironment) {
    this.#raw = raw;
    this.protocol = protocol;
    this.#owner = owner;
    this.#environment = environment;
    this.#lends = protocol.borrowsData;
    this.#input = new ReadBuffer(environment.buffers);
  }

  get peer(): Address {
    return this.#raw.peer;
  }

  get host(): Address {
    return this.#raw.host;
  }

  get tls(): TlsInfo | null {
    return this.#raw.tls;
  }

  get state(): "open" | "closing" | "closed" {
    return this.#phase === "open" || this.#phase === "closed" ? this.#phase : "closing";
  }

  get bufferedBytes(): number {
    return this.#unsent + (this.#afterTls?.size ?? 0);
  }

  /** Bytes that can be sent as the connection is now. */
  get #unsent(): number {
    return this.#output.size + (this.#writing?.length ?? 0);
  }

  /** Hand the connection to its protocol and read. Once. */
  start(): void {
    this.#raw.setNoDelay(true);
    this.#flushDue = true;
    try {
      this.protocol.makeConnection(this);
    } catch (error) {
      return this.#broken(error);
    }
    this.#flush();
    this.#read();
  }

  write(data: Uint8Array): void {
    if (data.length === 0 || this.#phase === "closed" || this.#writeEnd === "sent") return;
    if ((this.#phase !== "open" || this.#writeEnd === "wanted") && this.#producer === null) return;
    (this.#afterTls ?? this.#output).push(data);
    if (!this.#flushDue && this.#writing === null && this.#afterTls === null) {
      this.#flushDue = true;
      queueMicrotask(() => this.#onAccount(this.#flush));
    }
    if (this.bufferedBytes > HIGH_WATER) this.#overfull(data.length);
  }

  writeSequence(chunks: Iterable<Uint8Array>): void {
    for (const chunk of chunks) this.write(chunk);
  }

  drained(): Promise<void> {
    if (this.bufferedBytes === 0 || this.#phase === "closed") return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    (this.#drainWaiters ??= []).push(resolve);
    return promise;
  }

  loseConnection(): void {
    if (this.#phase !== "open") return;
    this.#phase = "flushing";
    this.#unheard = (this.#holds & (Hold.Paused | Hold.Full)) !== 0;
    this.#undelivered = null;
    this.#holds &= ~(Hold.Paused | Hold.Full);
    if (this.#unheard) queueMicrotask(() => this.#onAccount(this.#read));
    this.#settleWrites();
  }

  loseWriteConnection(): void {
    if (this.#phase !== "open" || this.#writeEnd !== "open") return;
    this.#writeEnd = "wanted";
    this.#settleWrites();
  }

  abortConnection(reason?: string): void {
    this.#finish(new ConnectionAborted(reason));
  }

  pauseProducing(): void {
    if (this.#phase === "open") this.#holdReading(Hold.Paused);
  }

  resumeProducing(): void {
    if ((this.#holds & Hold.Paused) === 0) return;
    this.#holds &= ~Hold.Paused;
    queueMicrotask(() => this.#onAccount(this.#readOn));
  }

  registerProducer(producer: Producer): void {
    if (this.#producer !== null) throw new Error("Cannot register a producer: another one is registered");
    if (this.#phase === "closed") return producer.stopProducing();
    this.#producer = producer;
    if (!this.#full) return;
    this.#holds &= ~Hold.Full;
    queueMicrotask(() => this.#onAccount(this.#readOn));
    producer.pauseProducing();
  }

  unregisterProducer(): void {
    this.#producer = null;
    this.#settleWrites();
  }

  async startTLS(options: ServeTls | ConnectTls): Promise<TlsInfo> {
    if (this.#afterTls !== null) throw new Error("Cannot start TLS: a handshake is under way");
    this.#holdReading(Hold.Switching);
    this.#undelivered = null;
    this.#afterTls = new WriteQueue();
    await this.#flushPlain();
    if (this.#isClosed()) throw new ConnectionLost("Connection was lost before the TLS handshake");
    // A read that is under way will bring the first bytes of the handshake.
    const handoff = this.#handoff = new HandoffConn(this.#raw, this.#reading !== null);
    let secured: RawConn;
    try {
      secured = await this.#environment.startTLS(handoff, this.#owner.tlsRole, options);
    } catch (error) {
      this.#finish(new ConnectionLost("TLS handshake failed", { cause: error }));
      throw error;
    }
    if (this.#isClosed()) {
      secured.close();
      throw new ConnectionLost("Connection was lost during the TLS handshake");
    }
    this.#handoff = null;
    this.#raw = secured;
    this.#output = this.#afterTls;
    this.#afterTls = null;
    this.#holds &= ~(Hold.Switching | Hold.Writing);
    this.#flush();
    this.#read();
    return secured.tls!;
  }

  setNoDelay(noDelay: boolean): void {
    if (this.#phase !== "closed") this.#raw.setNoDelay(noDelay);
  }

  // Reading

  #read(): void {
    if (this.#holds !== Hold.None || this.#reading !== null || this.#phase === "closed") return;
    if (this.#environment.gate.closed) {
      this.#environment.gate.wait(this);
      return;
    }
    this.#readNow();
  }

  /** The gate is open, which is somebody else's turn. */
  gateOpened(): void {
    this.#onAccount(this.#readNow);
  }

  #readNow(): void {
    if (this.#holds !== Hold.None || this.#reading !== null || this.#phase === "closed") return;
    this.#reading = this.#input.next();
    this.#raw.read(this.#reading).then(this.#onRead, this.#onReadError);
  }

  /** Begin no read for now; a read under way is carried out. */
  #holdReading(hold: number): void {
    this.#holds |= hold;
    // Of one that borrows, writes may stand in the buffer.
    if (this.#reading === null && !this.#lends) this.#input.release();
  }

  readonly #onRead = (size: number | null): void => {
    const buffer = this.#reading!;
    this.#reading = null;
    if (this.#phase === "closed") return this.#input.release();
    if (size === null) return this.#onEnd();
    this.#input.filled(size);
    this.bytesRead += size;
    if ((this.#holds & Hold.Switching) !== 0) {
      this.#handoff?.deliver(buffer.slice(0, size));
      this.#input.release();
    } else if (this.#phase !== "open") {
      this.#unheard = true;
      this.#read();
    } else if (this.#holds !== Hold.None) {
      this.#undelivered = buffer.slice(0, size);
      this.#input.release();
    } else {
      const chunk = this.#input.part(buffer, size);
      this.#deliver(this.#lends && !this.#slow ? chunk : this.#environment.chunks.copy(chunk));
    }
  };

  readonly #onReadError = (error: unknown): void => {
    this.#reading = null;
    this.#input.release();
    if (this.#phase === "closed") return;
    if ((this.#holds & Hold.Switching) !== 0 && this.#handoff !== null) return this.#handoff.fail(error);
    this.#finish(
      this.#phase === "lingering"
        ? new ConnectionDone()
        : new ConnectionLost(`Connection was lost: ${messageOf(error)}`, { cause: error }),
    );
  };

  #deliver(chunk: Uint8Array): void {
    this.#flushDue = true;
    try {
      this.protocol.dataReceived(chunk);
    } catch (error) {
      return this.#broken(error);
    }
    if (this.#lends && this.#environment.poison) this.#poison(chunk);
    if (this.#unsent > 0) this.#waitForWrite();
    if (this.#output.size > 0 || this.#phase !== "open" || this.#writeEnd === "wanted") this.#flush();
    else this.#flushDue = false;
    this.#read();
  }

  /** What the protocol has lent us back is sent all the same; whatever else it kept of the chunk is spoilt. */
  #poison(chunk: Uint8Array): void {
    this.#output.takeCopies(chunk.buffer);
    this.#afterTls?.takeCopies(chunk.buffer);
    chunk.fill(0xdd);
  }

  /** Read on when what was written is sent. */
  #waitForWrite(): void {
    if (this.#slow) return;
    this.#holds |= Hold.Writing;
    this.#watchWrites();
  }

  #watchWrites(): void {
    if (this.#watched) return;
    this.#watched = true;
    this.#environment.slowWrites.watch(this);
  }

  /** Where writing stalls, reading no longer waits for it: the peer may be waiting for us to read. */
  checkWrites(): boolean {
    const waiting = this.#phase === "closed" ? 0 : this.#holds & (Hold.Writing | Hold.Full);
    const stalled = waiting !== 0 && this.bytesWritten === this.#lastSwept;
    this.#lastSwept = this.bytesWritten;
    if (stalled) this.#readThough(waiting);
    return this.#watched = waiting !== 0;
  }

  /**
   * Go on in spite of `waiting`. With a full buffer only until something more is written, and once until the
   * peer has taken something: it cannot make us grow, but two ends that are full cannot wait for each other.
   */
  #readThough(waiting: number): void {
    if ((waiting & Hold.Writing) !== 0) {
      this.#slow = true;
      // What was lent may be on its way: read into something else, and lend no more meanwhile.
      if (this.#lends) this.#input.abandon();
    }
    if ((waiting & Hold.Full) !== 0) {
      if (this.bytesWritten === this.#readThoughAt) return;
      this.#readThoughAt = this.bytesWritten;
    }
    this.#holds &= ~waiting;
    this.#onAccount(this.#readOn);
  }

  /** Deliver what had come in while paused, then read on. */
  #readOn(): void {
    if (this.#holds !== Hold.None || this.#phase === "closed") return;
    const chunk = this.#undelivered;
    if (chunk === null) return this.#read();
    this.#undelivered = null;
    this.#deliver(chunk);
  }

  #onEnd(): void {
    this.#holds |= Hold.Ended;
    this.#input.release();
    if (this.#handoff !== null) return this.#handoff.end();
    if (this.#phase === "lingering" || this.#writeEnd === "sent") return this.#finish(new ConnectionDone());
    if (this.#phase !== "open") return;
    this.#flushDue = true;
    try {
      this.protocol.readConnectionLost();
    } catch (error) {
      return this.#broken(error);
    }
    this.#flush();
  }

  // Writing

  #flush(): void {
    this.#flushDue = false;
    if (this.#writing !== null || this.#phase === "closed") return;
    if (this.#output.size === 0) return this.#settleWrites();
    this.#send(this.#output.take());
  }

  #send(bytes: Uint8Array): void {
    this.#writing = bytes;
    this.#raw.write(bytes).then(this.#onWritten, this.#onWriteError);
  }

  readonly #onWritten = (size: number): void => {
    if (this.#phase === "closed") return;
    const bytes = this.#writing!;
    this.bytesWritten += size;
    if (size < bytes.length) return this.#send(bytes.subarray(size));
    this.#writing = null;
    if (this.#output.size > 0) this.#send(this.#output.take());
    if (this.#unsent <= LOW_WATER) this.#settleWrites();
  };

  readonly #onWriteError = (error: unknown): void => {
    if (this.#phase === "closed") return;
    this.#finish(new ConnectionLost(`Connection was lost: ${messageOf(error)}`, { cause: error }));
  };

  #overfull(added: number): void {
    if (this.bufferedBytes - added > HARD_LIMIT) {
      return this.#finish(
        new ConnectionAborted(`Peer does not read: ${this.bufferedBytes} bytes are unsent`),
      );
    }
    const wasFull = this.#full;
    this.#full = true;
    if (this.#producer === null) this.#holdFull();
    else if (!wasFull) this.#producer.pauseProducing();
  }

  #holdFull(): void {
    if ((this.#holds & Hold.Full) !== 0) return;
    this.#holdReading(Hold.Full);
    this.#watchWrites();
  }

  /** The write buffer is low or empty: what waited for that goes on. */
  #settleWrites(): void {
    if (this.#flushDue || this.#phase === "closed") return;
    if (this.#afterTls !== null) {
      if (this.#unsent === 0) this.#plainSent();
      return;
    }
    if (this.#full && this.#unsent <= LOW_WATER) {
      this.#full = false;
      this.#holds &= ~Hold.Full;
      if (!this.#tellProducer("resumeProducing") || this.#isClosed()) return;
    }
    if (this.#unsent > 0) return this.#readOn();
    this.#holds &= ~Hold.Writing;
    this.#slow = false;
    if (this.#drainWaiters !== null) {
      for (const wake of this.#drainWaiters.splice(0)) wake();
    }
    if (this.#producer === null) {
      if (this.#writeEnd === "wanted") this.#endWrites();
      if (this.#phase === "flushing") return this.#shut();
    }
    this.#readOn();
  }

  /** False when it threw, which closes the connection. */
  #tellProducer(what: "resumeProducing" | "stopProducing"): boolean {
    try {
      this.#producer?.[what]();
      return true;
    } catch (error) {
      this.#broken(error);
      return false;
    }
  }

  /** Resolves when what had been written before `startTLS` is sent, or the connection is over. */
  #flushPlain(): Promise<void> {
    if (this.#unsent === 0) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#plainSent = resolve;
    return promise;
  }

  #endWrites(): void {
    this.#writeEnd = "sent";
    if ((this.#holds & Hold.Ended) !== 0) return this.#finish(new ConnectionDone());
    this.#raw.closeWrite().catch(this.#onWriteError);
  }

  // Ending

  /**
   * Everything is sent: close, but hear the peer out where it may be in the middle of sending. It is not where
   * a read waits for it in vain.
   */
  #shut(): void {
    const silent = this.#reading !== null && !this.#unheard && !this.#input.full;
    if ((this.#holds & Hold.Ended) !== 0 || silent) return this.#finish(new ConnectionDone());
    this.#phase = "lingering";
    this.#holds = Hold.None;
    this.#lingerTimer = this.#environment.time.callLater(LINGER, () => this.#finish(new ConnectionDone()));
    if (this.#writeEnd !== "sent") this.#raw.closeWrite().catch(this.#onWriteError);
    this.#writeEnd = "sent";
    this.#read();
  }

  /** A callback threw: the connection is not to be trusted any more. */
  #broken(error: unknown): void {
    this.#flushDue = false;
    this.#owner.protocolThrew(error, this);
    this.#finish(new ConnectionAborted("Protocol threw an exception", { cause: error }));
  }

  #finish(reason: ConnectionClosed): void {
    if (this.#phase === "closed") return;
    this.#phase = "closed";
    this.#lingerTimer?.cancel();
    // The system may look at the bytes of a write under way once more before it gives that up.
    if (this.#lends && this.#writing !== null) this.#input.abandon();
    else if (this.#reading === null) this.#input.release();
    this.#output.clear();
    this.#afterTls?.clear();
    this.#writing = null;
    this.#undelivered = null;
    (this.#handoff ?? this.#raw).close();
    this.#tellProducer("stopProducing");
    this.#producer = null;
    this.#plainSent();
    for (const wake of this.#drainWaiters?.splice(0) ?? []) wake();
    // Never within another callback of the protocol.
    queueMicrotask(() => this.#onAccount(() => this.#over(reason)));
  }

  /** To be asked after what may have closed it. */
  #isClosed(): boolean {
    return this.#phase === "closed";
  }

  #over(reason: ConnectionClosed): void {
    try {
      this.protocol.connectionLost(reason);
    } catch (error) {
      this.#owner.protocolThrew(error, this);
    }
    this.#owner.connectionClosed(this, reason);
  }

  /** Go on in a turn that may be anybody's: what follows from `step` is the owner's. */
  #onAccount(step: () => void): void {
    const { account } = this.#owner;
    if (currentOwner() === account) step.call(this);
    else onAccountOf(account, () => step.call(this));
  }
}

function nothing(): void {}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
