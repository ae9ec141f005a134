import { ByteQueue } from "../../../services/protocol/byte_queue.ts";
import { Protocol } from "../../../services/protocol/protocol.ts";
import * as replies from "../reply/replies.ts";
import { closes, type Reply } from "../reply/reply.ts";
import type { Watched } from "./deadlines.ts";
import { busy, closing, command, type Mode, phases } from "./mode.ts";
import type { SmtpServer } from "./server.ts";

/** Octets that may wait while the server is busy; then the client's sending stalls. */
const BACKLOG = 64 * 1024;
/** Milliseconds that a client has to take the last reply. */
const FAREWELL = 10_000;

/**
 * The part of a connection that knows nothing of mail: what has arrived and waits, one thing after the other,
 * replies in their order, and the ways in which it ends.
 */
export abstract class Dialogue extends Protocol implements Watched {
  /** What is kept is copied. */
  override readonly borrowsData = true;
  /** See {@linkcode Watched.progress}. */
  progress = 0;

  protected readonly server: SmtpServer;
  protected readonly received = new ByteQueue();
  protected mode: Mode = busy;
  #errors = 0;
  /** The backlog is full: the transport reads no more. */
  #paused = false;
  /** The client sends no more. */
  #ended = false;
  /** The service is being stopped. */
  #draining = false;

  constructor(server: SmtpServer) {
    super();
    this.server = server;
  }

  /** Deal with one line or piece of what has arrived; false when there is none, or it has to wait. */
  protected abstract advance(): boolean;

  /** Whether this is a good moment to say goodbye. */
  protected abstract readonly idle: boolean;

  /** The connection is over, or about to be: undo what is half done. */
  protected abstract abandon(): void;

  /** See {@linkcode Watched.patience}. */
  get patience(): number {
    const phase = phases[this.mode.kind];
    return phase === null ? FAREWELL : this.server.timeouts[phase];
  }

  override dataReceived(bytes: Uint8Array): void {
    if (this.mode.kind === "greeting") return this.close(replies.early);
    this.received.push(bytes);
    this.#run();
    // What is left is lent, or much less than the chunk that it is part of.
    this.received.own();
    if (this.#paused || this.received.length <= BACKLOG) return;
    this.#paused = true;
    this.transport.pauseProducing();
  }

  override readConnectionLost(): void {
    this.#ended = true;
    this.#run();
  }

  override drainRequested(): void {
    this.#draining = true;
    this.#run();
  }

  override connectionLost(): void {
    this.#leave();
    this.server.deadlines.forget(this);
  }

  /** See {@linkcode Watched.expired}. */
  expired(): void {
    const { kind } = this.mode;
    if (kind === "closing" || kind === "tls") this.transport.abortConnection("Client took too long");
    else this.close(replies.idle);
  }

  /** Send a reply. Some close the connection, and too many that refuse do. */
  protected answer(reply: Reply): void {
    this.transport.write(reply.bytes);
    if (closes(reply)) this.#end();
    else if (reply.code >= 500 && ++this.#errors >= this.server.limits.errors) {
      this.close(replies.tooManyErrors);
    }
  }

  /** Send the last reply. */
  protected close(reply: Reply): void {
    this.transport.write(reply.bytes);
    this.#end();
  }

  /**
   * Go on with a value, at once or when it is there; what arrives meanwhile waits. Where it cannot be had,
   * that is logged, and answered 451.
   */
  protected whenKnown<T>(value: T | Promise<T>, use: (value: T) => void, meanwhile: Mode = busy): void {
    if (!(value instanceof Promise)) {
      this.mode = command;
      return use(value);
    }
    this.mode = meanwhile;
    value.then((value) => this.#settled(() => use(value)), (error) => {
      this.server.log.error("Cannot decide about mail, or store it", { error });
      this.#settled(() => this.answer(replies.failed));
    });
  }

  #settled(step: () => void): void {
    // The connection may be over by now.
    if (this.mode === closing) return;
    this.mode = command;
    this.progress++;
    try {
      step();
      this.#run();
    } catch (error) {
      this.server.log.error("Connection failed", { error });
      this.transport.abortConnection("Protocol threw an exception");
    }
    if (!this.#paused || this.received.length > BACKLOG) return;
    this.#paused = false;
    this.transport.resumeProducing();
  }

  #run(): void {
    while (this.advance());
    if (this.#draining && this.idle) this.close(replies.stopping);
    else if (this.#ended && this.mode.kind !== "busy") this.transport.loseConnection();
  }

  #end(): void {
    this.#leave();
    this.progress++;
    this.transport.loseConnection();
  }

  #leave(): void {
    if (this.mode.kind === "greeting") this.mode.timer.cancel();
    this.mode = closing;
    this.received.clear();
    this.abandon();
  }
}
