import { Clock } from "../../../services/async/clock.ts";
import type { Logger } from "../../../services/log.ts";
import { BaseReactor } from "../../../services/reactor/base_reactor.ts";
import type { Network } from "../../../services/reactor/network.ts";

/** A `MemoryReactor` over a network of the test's own, which lends its buffers as a `DenoReactor` does. */
export class NetworkReactor extends BaseReactor {
  readonly clock: Clock;

  constructor(network: Network, log?: Logger) {
    const clock = new Clock();
    super(clock, network, { poison: false, ...(log && { log }) });
    this.clock = clock;
  }

  advance(ms: number): Promise<void> {
    return this.clock.advanceAsync(ms);
  }

  settle(): Promise<void> {
    return this.advance(0);
  }
}
