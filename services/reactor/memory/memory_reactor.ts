import { Clock } from "../../async/clock.ts";
import { BaseReactor, type ReactorOptions } from "../base_reactor.ts";
import { MemoryNetwork } from "./memory_network.ts";

/**
 * A reactor without sockets, on a clock that stands still until a test advances it: transports, scopes and
 * pools are the real ones, only the bytes travel in memory.
 *
 * @example
 * ```ts
 * import { Protocol } from "@heddle/heddle";
 * import { MemoryReactor } from "@heddle/heddle/testing";
 *
 * const reactor = new MemoryReactor();
 * await reactor.listen("tcp:7", () => new Protocol());
 * await reactor.connect("tcp:localhost:7", () => new Protocol());
 * await reactor.advance(60_000);
 * ```
 */
export class MemoryReactor extends BaseReactor {
  /** The time of this reactor. Advance it by {@linkcode advance}, which lets follow what follows. */
  readonly clock: Clock;

  /** A reactor at time 0, on a network of its own. */
  constructor(options: ReactorOptions = {}) {
    const clock = new Clock();
    super(clock, new MemoryNetwork(), { ...options, poison: true });
    this.clock = clock;
  }

  /** Let `ms` milliseconds pass, call by call, and everything happen that follows. */
  async advance(ms: number): Promise<void> {
    await this.clock.advanceAsync(ms);
  }

  /** Let everything happen that waits for no time. */
  settle(): Promise<void> {
    return this.advance(0);
  }

  /** As on a machine, without anybody having to advance the clock. */
  override async [Symbol.asyncDispose](): Promise<void> {
    const disposed = super[Symbol.asyncDispose]();
    await this.settle();
    await disposed;
  }
}
