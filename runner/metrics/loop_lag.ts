import type { DelayedCall, ReactorTime } from "../../services/async/time.ts";
import type { Histogram, Metrics } from "../../services/metrics/metrics.ts";

/** Milliseconds between two looks. */
const INTERVAL = 500;
/** Looks that `recent` goes back. */
const RECENT = 20;

/** Measures how late a timer fires: how long the loop is busy with something else. */
export class LoopLag {
  readonly #time: ReactorTime;
  readonly #lags: Histogram;
  readonly #recent: number[] = [];
  #next: DelayedCall | null = null;

  constructor(time: ReactorTime, metrics: Metrics) {
    this.#time = time;
    this.#lags = metrics.histogram("heddle_loop_lag_seconds", {
      help: "How late timers of the runner's event loop fire, looked at twice a second",
    }).with();
  }

  /** The worst of the last ten seconds, ms. */
  get recent(): number {
    return Math.max(0, ...this.#recent);
  }

  /** Look from now on, until the returned function is called. */
  start(): () => void {
    this.#arm();
    return () => this.#next?.cancel();
  }

  #arm(): void {
    const due = this.#time.now() + INTERVAL;
    this.#next = this.#time.callLater(INTERVAL, () => {
      const lag = Math.max(0, this.#time.now() - due);
      this.#lags.observe(lag / 1000);
      this.#recent.push(lag);
      if (this.#recent.length > RECENT) this.#recent.shift();
      this.#arm();
    });
  }
}
