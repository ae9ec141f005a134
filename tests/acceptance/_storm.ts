import { assertEquals } from "../assert.ts";
import { TextConn } from "../support/text_conn.ts";

/** Clients that come one after the other, several at a time, each with a question. */
export class Storm implements AsyncDisposable {
  served = 0;
  refused = 0;
  lost = 0;
  readonly #endpoint: string;
  readonly #clients: Promise<void>[];
  #blowing = true;
  #wanted = { count: Infinity, reached: () => {} };

  constructor(endpoint: string, atOnce: number) {
    this.#endpoint = endpoint;
    this.#clients = Array.from({ length: atOnce }, () => this.#blow());
  }

  /** Resolves when so many more have got their answer. */
  async serves(count: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wanted = { count: this.served + count, reached: resolve };
    await promise;
  }

  async stop(): Promise<void> {
    this.#blowing = false;
    await Promise.all(this.#clients);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #blow(): Promise<void> {
    while (this.#blowing) {
      try {
        using conn = await TextConn.connect(this.#endpoint);
        await this.#ask(conn);
      } catch {
        this.refused++;
      }
    }
  }

  async #ask(conn: TextConn): Promise<void> {
    try {
      await conn.send("ping\n");
      assertEquals(await conn.line(), "pong");
      if (++this.served === this.#wanted.count) this.#wanted.reached();
    } catch {
      this.lost++;
    }
  }
}
