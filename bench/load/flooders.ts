import { connectSocket, Poll, Ready, receiveSome, sendSome } from "./_libc.ts";

/** A flooder that has so much yet to come back holds still, bytes: a peer that is slower is not to drown. */
const MOST_UNANSWERED = 16 * 1024;

/** Clients of an echo server that send on and on, whether what they sent has come back or not. */
export class Flooders {
  /** Bytes that have come back. */
  received = 0;

  readonly #message: Uint8Array<ArrayBuffer>;
  readonly #input = new Uint8Array(1024 * 1024);
  readonly #poll = new Poll();
  readonly #fds: number[] = [];
  readonly #unanswered: number[] = [];

  constructor(port: number, count: number, size: number) {
    this.#message = new Uint8Array(size).fill(0x78);
    for (let id = 0; id < count; id++) {
      const fd = connectSocket(port);
      this.#fds.push(fd);
      this.#unanswered.push(0);
      this.#poll.add(fd, id);
    }
  }

  /** Each sends another message, and takes what has come back. */
  turn(): void {
    for (let id = 0; id < this.#fds.length; id++) {
      if (this.#unanswered[id]! >= MOST_UNANSWERED) continue;
      this.#unanswered[id]! += Math.max(0, sendSome(this.#fds[id]!, this.#message));
    }
    this.#poll.wait(0, this.#receive);
  }

  readonly #receive = (id: number, ready: number): void => {
    if ((ready & Ready.read) === 0) return;
    const size = receiveSome(this.#fds[id]!, this.#input);
    if (size === 0) throw new Error("Connection was closed by the server");
    if (size < 0) return;
    this.#unanswered[id]! -= size;
    this.received += size;
  };
}
