import type { DelayedCall, ReactorTime } from "../../../services/async/time.ts";
import { ByteQueue } from "../../../services/protocol/byte_queue.ts";
import { Protocol } from "../../../services/protocol/protocol.ts";
import type { ConnectionClosed } from "../../../services/reactor/errors.ts";
import { describeReply, ReplyReader, type ServerReply } from "./server_reply.ts";

interface Expected {
  readonly result: PromiseWithResolvers<ServerReply>;
  readonly deadline: DelayedCall;
}

const encoder = new TextEncoder();

/** The client's side of a connection: lines go out, replies come back in the order in which they are expected. */
export class Conversation extends Protocol {
  /** Whether a message is under way. */
  delivering = false;

  readonly #time: ReactorTime;
  readonly #received = new ByteQueue();
  readonly #reader = new ReplyReader();
  #expected: Expected[] = [];
  /** Why nothing more can be said; null while something can. */
  #over: Error | null = null;

  /** @param time for how long replies may take */
  constructor(time: ReactorTime) {
    super();
    this.#time = time;
  }

  /** Whether the connection is of no more use. */
  get over(): boolean {
    return this.#over !== null;
  }

  /** Whether part of a reply has come. */
  get midway(): boolean {
    return this.#received.length > 0 || this.#reader.midway;
  }

  /** Send text. */
  send(text: string): void {
    this.transport.write(encoder.encode(text));
  }

  /**
   * The next reply that nobody else waits for, within `patience` milliseconds. It need not be looked at.
   * @throws {Error} when it does not come
   */
  reply(patience: number): Promise<ServerReply> {
    const result = Promise.withResolvers<ServerReply>();
    result.promise.catch(() => {});
    if (this.#over !== null) {
      result.reject(this.#over);
    } else {
      const deadline = this.#time.callLater(patience, () => {
        this.fail(new Error(`The server has not answered within ${patience / 1000} s`));
      });
      this.#expected.push({ result, deadline });
    }
    return result.promise;
  }

  /** Send a command, and wait for its reply. */
  ask(command: string, patience: number): Promise<ServerReply> {
    return this.askAll([`${command}\r\n`], patience)[0]!;
  }

  /** Send lines at once; the reply to each, whichever of them is waited for first. */
  askAll(lines: readonly string[], patience: number): Promise<ServerReply>[] {
    // Before they are sent: what cannot be waited for any more need not be said.
    const replies = lines.map(() => this.reply(patience));
    this.send(lines.join(""));
    return replies;
  }

  /**
   * Wait until what was sent is on its way, for `patience` milliseconds at most.
   * @throws {Error} when it is not, or the connection is over
   */
  async drained(patience: number): Promise<void> {
    const deadline = this.#time.callLater(patience, () => {
      this.fail(new Error(`The server has taken nothing for ${patience / 1000} s`));
    });
    await this.transport.drained();
    deadline.cancel();
    if (this.#over !== null) throw this.#over;
  }

  /** End it at once. */
  fail(error: Error): void {
    this.#end(error);
    this.transport.abortConnection(error.message);
  }

  override dataReceived(bytes: Uint8Array): void {
    this.#received.push(bytes);
    try {
      let reply = this.#reader.next(this.#received);
      for (; reply !== null; reply = this.#reader.next(this.#received)) this.#take(reply);
    } catch (error) {
      this.fail(error as Error);
    }
  }

  override connectionLost(reason: ConnectionClosed): void {
    this.#end(new Error(`The connection is over: ${reason.message}`));
  }

  /** A message that is under way comes to its end; for anything else, nobody waits any more. */
  override drainRequested(): void {
    if (!this.delivering && this.#expected.length > 0) this.fail(new Error("The service is being stopped"));
  }

  #take(reply: ServerReply): void {
    const expected = this.#expected.shift();
    if (expected !== undefined) {
      expected.deadline.cancel();
      expected.result.resolve(reply);
    }
    // The server is about to close, or has answered what nobody has asked.
    if (reply.code !== 421 && expected !== undefined) return;
    this.#end(new Error(`The server ends the session: ${describeReply(reply)}`));
    this.transport.loseConnection();
  }

  #end(error: Error): void {
    this.#over ??= error;
    for (const { result, deadline } of this.#expected.splice(0)) {
      deadline.cancel();
      result.reject(this.#over);
    }
  }
}
