import type { ReactorTime } from "../../async/time.ts";
import { Protocol } from "../../protocol/protocol.ts";
import type { ConnectionClosed } from "../../reactor/errors.ts";
import type { Transport } from "../../reactor/transport.ts";

/** How a tunnel is made. */
export interface TunnelOptions {
  readonly time: ReactorTime;
  /** Milliseconds without a byte in either direction, or twice that, after which it is cut. */
  readonly idleTimeout: number;
  /** Called when the upstream's end is over. */
  readonly closed: () => void;
}

/**
 * One of the two ends of a tunnel, on connections that have gone over to another protocol. What arrives here is
 * sent there, no faster than it is taken. While the service drains it goes on, to the deadline: nobody here knows
 * how that protocol says good-bye.
 */
export class TunnelEnd extends Protocol {
  #there: TunnelEnd | null = null;
  /** What came before there was somebody to send it to. */
  #early: Uint8Array[] = [];
  #over = false;
  /** That have come here. */
  bytes = 0;
  readonly #closed: () => void;

  private constructor(closed: () => void) {
    super();
    this.#closed = closed;
  }

  /** Two ends, each to be connected. */
  static pair({ time, idleTimeout, closed }: TunnelOptions): [client: TunnelEnd, upstream: TunnelEnd] {
    const ends: [TunnelEnd, TunnelEnd] = [
      new TunnelEnd(() => {}),
      new TunnelEnd(() => {
        timer.cancel();
        closed();
      }),
    ];
    let seen = 0;
    const look = () => {
      const bytes = ends[0].bytes + ends[1].bytes;
      if (bytes === seen) return ends[1].transport?.abortConnection("Nothing was said for too long");
      seen = bytes;
      timer = time.callLater(idleTimeout, look);
    };
    let timer = time.callLater(idleTimeout, look);
    ends[0].#there = ends[1];
    ends[1].#there = ends[0];
    return ends;
  }

  override makeConnection(transport: Transport): void {
    this.transport = transport;
    const there = this.#there!;
    // Whoever comes first waits for the other.
    if (there.transport === undefined) return transport.pauseProducing();
    transport.writeSequence(there.#early.splice(0));
    if (there.#over) return transport.loseConnection();
    this.#feed(there.transport, transport);
    there.#feed(transport, there.transport);
    there.transport.resumeProducing();
  }

  override dataReceived(data: Uint8Array): void {
    this.bytes += data.length;
    // A copy: it is lent to us, and sent by another transport.
    const copy = new Uint8Array(data);
    const transport = this.#there!.transport as Transport | undefined;
    if (transport === undefined) this.#early.push(copy);
    else transport.write(copy);
  }

  /** The other end never came to be. */
  abandon(): void {
    if (this.#there!.transport === undefined) this.transport.abortConnection("Client has left");
  }

  override readConnectionLost(): void {
    const transport = this.#there!.transport as Transport | undefined;
    if (transport === undefined) return this.transport.loseConnection();
    transport.unregisterProducer();
    transport.loseWriteConnection();
  }

  override drainRequested(): void {}

  override connectionLost(reason: ConnectionClosed): void {
    if (this.#over) return;
    this.#over = true;
    const transport = this.#there!.transport as Transport | undefined;
    transport?.unregisterProducer();
    if (reason.clean) transport?.loseConnection();
    else transport?.abortConnection("The other side was lost");
    this.#closed();
  }

  /** What `from` brings is written to `to`, which may make it wait. */
  #feed(to: Transport, from: Transport): void {
    to.registerProducer({
      pauseProducing: () => from.pauseProducing(),
      resumeProducing: () => from.resumeProducing(),
      stopProducing: () => {},
    });
  }
}
