import type { Logger } from "../../log.ts";
import { ByteQueue } from "../../protocol/byte_queue.ts";
import { Protocol } from "../../protocol/protocol.ts";
import type { Deadlines, Watched } from "./deadlines.ts";

/** Octets that may wait while the server is busy; then the client's sending stalls. */
const BACKLOG = 64 * 1024;
/** Milliseconds that a client has to take the last reply: the patience of a dialogue that is closing. */
export const FAREWELL = 10_000;

/** What every dialogue does with the octets that arrive; a protocol has modes of its own besides. */
export type CommonMode =
  /** They are lines of commands. */
  | { readonly kind: "command" }
  /** They wait until something is settled. */
  | { readonly kind: "busy" }
  /** They are for TLS. */
  | { readonly kind: "tls" }
  /** They are not looked at any more. */
  | { readonly kind: "closing" };

export const command: CommonMode = { kind: "command" };
export const busy: CommonMode = { kind: "busy" };
export const tls: CommonMode = { kind: "tls" };
export const closing: CommonMode = { kind: "closing" };

/** What a server says when it ends a dialogue, as it is sent. */
export interface Farewells {
  /** The service is being stopped. */
  readonly stopping: Uint8Array;
  /** The client took too long. */
  readonly idle: Uint8Array;
  /** Too much of what the client said was refused. */
  readonly tooManyErrors: Uint8Array;
}

/** What the dialogues of a server share. */
export interface DialogueServer {
  readonly deadlines: Deadlines;
  readonly log: Logger;
  /** Commands that may be refused before the connection is closed. */
  readonly limits: { readonly errors: number };
}

/**
 * The part of a mail server's connection that knows nothing of mail: what has arrived and waits, one thing after
 * the other, replies in their order, and the ways in which it ends. `M` are the protocol's own modes.
 */
export abstract class Dialogue<M extends { readonly kind: string }> extends Protocol implements Watched {
  /** What is kept is copied. */
  override readonly borrowsData = true;
  /** See {@linkcode Watched.progress}. */
  progress = 0;

  protected readonly received = new ByteQueue();
  protected mode: M | CommonMode = busy;
  readonly #server: DialogueServer;
  readonly #farewells: Farewells;
  #errors = 0;
  /** The backlog is full: the transport reads no more. */
  #paused = false;
  /** The client sends no more. */
  #ended = false;
  /** The service is being stopped. */
  #draining = false;

  constructor(server: DialogueServer, farewells: Farewells) {
    super();
    this.#server = server;
    this.#farewells = farewells;
  }

  /** Deal with one line or piece of what has arrived; false when there is none, or it has to wait. */
  protected abstract advance(): boolean;

  /** Whether this is a good moment to say goodbye. */
  protected abstract readonly idle: boolean;

  /** The connection is over, or about to be: undo what is half done. */
  protected abstract abandon(): void;

  /** Tell the client that what it asked for failed on our side. */
  protected abstract answerFailure(): void;

  /** See {@linkcode Watched.patience}. */
  abstract readonly patience: number;

  override dataReceived(bytes: Uint8Array): void {
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
    this.#server.deadlines.forget(this);
  }

  /** See {@linkcode Watched.expired}. */
  expired(): void {
    const { kind } = this.mode;
    if (kind === "closing" || kind === "tls") this.transport.abortConnection("Client took too long");
    else this.closeWith(this.#farewells.idle);
  }

  /** Begin: from now on, the client must not take too long. */
  protected watch(): void {
    this.#server.deadlines.watch(this);
  }

  /** The client was refused something; too many of these close the connection. */
  protected countError(): void {
    if (++this.#errors >= this.#server.limits.errors) this.closeWith(this.#farewells.tooManyErrors);
  }

  /** Send the last words. */
  protected closeWith(bytes: Uint8Array): void {
    this.transport.write(bytes);
    this.end();
  }

  /** Close, once what was written is sent. */
  protected end(): void {
    this.#leave();
    this.progress++;
    this.transport.loseConnection();
  }

  /**
   * Go on with a value, at once or when it is there; what arrives meanwhile waits. Where it cannot be had,
   * that is logged, and the client is told.
   */
  protected whenKnown<T>(
    value: T | Promise<T>,
    use: (value: T) => void,
    meanwhile: M | CommonMode = busy,
  ): void {
    if (!(value instanceof Promise)) {
      this.mode = command;
      return use(value);
    }
    this.mode = meanwhile;
    value.then((value) => this.#settled(() => use(value)), (error) => {
      this.#server.log.error("Cannot decide about mail, or store it", { error });
      this.#settled(() => this.answerFailure());
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
      this.#server.log.error("Connection failed", { error });
      this.transport.abortConnection("Protocol threw an exception");
    }
    if (!this.#paused || this.received.length > BACKLOG) return;
    this.#paused = false;
    this.transport.resumeProducing();
  }

  #run(): void {
    while (this.advance());
    if (this.#draining && this.idle) this.closeWith(this.#farewells.stopping);
    else if (this.#ended && this.mode.kind !== "busy") this.transport.loseConnection();
  }

  #leave(): void {
    this.abandon();
    this.mode = closing;
    this.received.clear();
  }
}
