import type { ReplyOutcome } from "../../../services/http/options.ts";
import type { Counter, Gauge, Histogram, Metrics } from "../../../services/metrics/metrics.ts";

/** Status classes as metrics name them; 499 of a client that left is a class of its own. */
const CLASSES = ["1xx", "2xx", "3xx", "4xx", "5xx"] as const;
const CLIENT_LEFT = 499;

/** What is counted of one route. */
export class RouteMetrics {
  readonly #classes: readonly Counter[];
  readonly #left: Counter;
  readonly #duration: Histogram;
  readonly #bytes: Counter;
  readonly #inFlight: Gauge;

  constructor(metrics: Metrics, site: string, route: string) {
    const labels = ["site", "route"];
    const requests = metrics.counter("http_requests_total", {
      help: "Requests that were answered, by class of the status; 499: the client left before",
      labels: [...labels, "status"],
    });
    this.#classes = CLASSES.map((name) => requests.with(site, route, name));
    this.#left = requests.with(site, route, String(CLIENT_LEFT));
    this.#duration = metrics.histogram("http_request_duration_seconds", {
      help: "From the end of a request's head to the end of its reply",
      labels,
    }).with(site, route);
    this.#bytes = metrics.counter("http_response_bytes_total", { help: "Bytes of reply bodies", labels })
      .with(site, route);
    this.#inFlight = metrics.gauge("http_requests_in_flight", { help: "Requests not yet answered", labels })
      .with(site, route);
  }

  /** A request has come. */
  begin(): void {
    this.#inFlight.add(1);
  }

  /** It is answered. */
  end({ status, bytes, duration }: ReplyOutcome): void {
    this.#inFlight.add(-1);
    const counter = status === CLIENT_LEFT ? this.#left : this.#classes[Math.floor(status / 100) - 1];
    counter?.inc();
    this.#bytes.inc(bytes);
    this.#duration.observe(duration / 1000);
  }
}
