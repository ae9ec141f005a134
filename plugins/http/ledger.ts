import type { ReplyOutcome } from "../../services/http/options.ts";
import type { Address } from "../../services/reactor/address.ts";
import type { AccessLog } from "./access_log/access_log.ts";
import type { RouteMetrics } from "./metrics/route_metrics.ts";

/** Where a request is written down once it is answered: the note of it. */
export interface Entry {
  end(outcome: ReplyOutcome): void;
}

/** Where the requests of one route are written down: counts, and an access log. */
export class Ledger implements Entry {
  readonly #metrics: RouteMetrics;
  readonly #log: AccessLog | null;

  constructor(metrics: RouteMetrics, log: AccessLog | null) {
    this.#metrics = metrics;
    this.#log = log;
  }

  /** A request has come. */
  begin(): void {
    this.#metrics.begin();
  }

  /** It is answered. */
  end(outcome: ReplyOutcome): void {
    this.#metrics.end(outcome);
    this.#log?.write(outcome);
  }
}

/** Of a request that a proxy has forwarded: the client is not whoever the connection is from. */
export class ForwardedEntry implements Entry {
  readonly #ledger: Ledger;
  readonly #client: Address;

  constructor(ledger: Ledger, client: Address) {
    this.#ledger = ledger;
    this.#client = client;
  }

  end(outcome: ReplyOutcome): void {
    this.#ledger.end({ ...outcome, peer: this.#client });
  }
}
