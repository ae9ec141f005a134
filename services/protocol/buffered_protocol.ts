import type { Producer } from "../reactor/transport.ts";
import { ByteQueue } from "./byte_queue.ts";
import { Protocol } from "./protocol.ts";

/**
 * A protocol made of messages that may arrive in pieces or several at once: the base of the receivers,
 * and of framings of your own. A subclass says in `deliverNext` how to take one message off `received`.
 *
 * Messages are delivered one after the other, never one inside another, and only while the connection is
 * open and this protocol is not paused. To hold up delivery, pause the protocol, not its transport: the
 * transport does not know of the messages that have arrived already.
 *
 * A message is a view of the chunk it came in, or of a copy when it came in pieces. It may be kept; who
 * keeps a small part of it for long takes a copy (`slice`), since the view keeps the whole chunk alive.
 * A subclass that is done with each message when its callback returns may set `borrowsData`.
 */
export abstract class BufferedProtocol extends Protocol implements Producer {
  /** What has arrived and was not delivered. */
  protected readonly received: ByteQueue = new ByteQueue();
  #paused = false;
  #delivering = false;

  /** True between `pauseProducing` and `resumeProducing`. */
  get paused(): boolean {
    return this.#paused;
  }

  /** Keeps the chunk, and delivers the messages that are complete. */
  override dataReceived(data: Uint8Array): void {
    this.received.push(data);
    this.deliver();
    // What is left is part of a message. The chunk may be lent, or much larger than that part.
    this.received.own();
  }

  /** Deliver no message, and read no more, until `resumeProducing`. */
  pauseProducing(): void {
    this.#paused = true;
    this.transport.pauseProducing();
  }

  /** Deliver what has arrived meanwhile, then read on. */
  resumeProducing(): void {
    this.#paused = false;
    this.deliver();
    if (!this.#paused) this.transport.resumeProducing();
  }

  /** Whoever this protocol produces for is gone: close the connection. */
  stopProducing(): void {
    this.transport.loseConnection();
  }

  /**
   * Take the next message off `received`, then call whoever it is for. Returns false when its end has not
   * arrived: it is then asked again after the next chunk.
   */
  protected abstract deliverNext(): boolean;

  /** Deliver all that can be delivered now. Does nothing when called by a message's receiver. */
  protected deliver(): void {
    if (this.#delivering) return;
    this.#delivering = true;
    try {
      while (!this.#paused && this.transport.state === "open" && this.deliverNext());
    } finally {
      this.#delivering = false;
    }
  }
}
