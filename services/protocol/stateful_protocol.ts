import { BufferedProtocol } from "./buffered_protocol.ts";

/** What a {@linkcode StatefulProtocol} waits for. */
export interface ReceiveState {
  /** How many bytes it needs, 0 or more. */
  readonly length: number;
  /** Called with exactly so many; returns what to wait for next, or null for the same again. */
  receive(bytes: Uint8Array): ReceiveState | null;
}

/**
 * A protocol whose every step is "so many bytes, then ...": the state after each is what it returns.
 *
 * @example SOCKS 5's greeting (RFC 1928, section 3): a version, a count, and so many methods
 * ```ts
 * import { type ReceiveState, StatefulProtocol } from "@heddle/heddle";
 *
 * class Greeting extends StatefulProtocol {
 *   readonly #head: ReceiveState = { length: 2, receive: ([, count]) => this.#methods(count!) };
 *   #methods(count: number): ReceiveState {
 *     return { length: count, receive: () => this.#answer() };
 *   }
 *   #answer(): ReceiveState {
 *     this.transport.write(Uint8Array.of(5, 0));
 *     return this.#head;
 *   }
 *   override getInitialState(): ReceiveState {
 *     return this.#head;
 *   }
 * }
 * ```
 */
export abstract class StatefulProtocol extends BufferedProtocol {
  /** The longest wait in bytes: lengths often come from the peer. */
  maxLength = 99_999;

  #state: ReceiveState | null = null;

  /** What to wait for first. */
  abstract getInitialState(): ReceiveState;

  /** A state needs more than `maxLength`. The default aborts the connection. */
  lengthLimitExceeded(length: number): void {
    this.transport.abortConnection(`Message of ${length} bytes is longer than ${this.maxLength} bytes`);
  }

  /** See {@linkcode BufferedProtocol.deliverNext}. */
  protected override deliverNext(): boolean {
    const state = this.#state ??= this.getInitialState();
    if (state.length > this.maxLength) {
      this.received.clear();
      this.lengthLimitExceeded(state.length);
      return false;
    }
    if (this.received.length < state.length) return false;
    this.#state = state.receive(this.received.take(state.length)) ?? state;
    return true;
  }
}
