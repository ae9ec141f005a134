import type { ReplyOutcome } from "../../services/http/options.ts";
import type { AccessLog } from "./access_log/access_log.ts";
import type { RouteMetrics } from "./metrics/route_metrics.ts";

/** Where the requests of one route are written down: counts, and an access log. The note of each of them. */
export class Ledger {
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
