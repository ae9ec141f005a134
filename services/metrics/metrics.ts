import { type Token, token } from "../context.ts";

/** Only ever grows. */
export interface Counter {
  /** Add `by`, default 1; at least 0. */
  inc(by?: number): void;
}

/** Goes up and down. */
export interface Gauge {
  /** It is `value` now. */
  set(value: number): void;
  /** Add `by`, default 1; may be negative. */
  add(by?: number): void;
}

/** Counts values by how large they are. */
export interface Histogram {
  /** Count one value, in the unit that the metric's name tells. */
  observe(value: number): void;
}

/** One metric in as many versions as its labels have values. */
export interface Family<T> {
  /**
   * The one with these label values, in the order of the family's labels. Get it once and keep it: it is made to
   * be used on every request, and this look-up is not.
   *
   * @throws {RangeError} when the number of values is not that of the labels
   */
  with(...values: readonly string[]): T;
  /** Drop the one with these label values: what it counted is gone. */
  remove(...values: readonly string[]): void;
}

/** What a family is called. */
export interface FamilyOptions {
  /** What a reader should know, one line. */
  readonly help: string;
  /** Names of its labels: letters, digits and `_`. Default none. `service` is added by the runner. */
  readonly labels?: readonly string[];
}

/** A histogram's name, and its classes. */
export interface HistogramOptions extends FamilyOptions {
  /** Upper bounds of the classes, rising. Default {@linkcode DURATION_BUCKETS}. */
  readonly buckets?: readonly number[];
}

/**
 * Where a service counts what happens in it, for whoever collects it: Prometheus, OpenTelemetry, the dashboard.
 * A counter outlives the restart of its service; it goes when the service is removed. Names as Prometheus wants
 * them: a unit and, of counters, `_total` at their end (`http_requests_total`, `http_request_duration_seconds`).
 * Asking twice for a name returns the same family.
 */
export interface Metrics {
  /**
   * What only grows.
   * @throws {RangeError} when the name or a label is malformed, or the name is in use otherwise
   */
  counter(name: string, options: FamilyOptions): Family<Counter>;
  /**
   * What goes up and down.
   * @throws {RangeError} when the name or a label is malformed, or the name is in use otherwise
   */
  gauge(name: string, options: FamilyOptions): Family<Gauge>;
  /**
   * How large values are.
   * @throws {RangeError} when the name or a label is malformed, or the name is in use otherwise
   */
  histogram(name: string, options: HistogramOptions): Family<Histogram>;
  /** Call `update` before each collection, to set what is only known when asked; returns how to end that. */
  onCollect(update: () => void): () => void;
}

/** Upper bounds for durations in seconds, from 1 ms to 10 s. */
export const DURATION_BUCKETS: readonly number[] = [
  0.001,
  0.0025,
  0.005,
  0.01,
  0.025,
  0.05,
  0.1,
  0.25,
  0.5,
  1,
  2.5,
  5,
  10,
];

/** By this any service gets the metrics of its own, without a need: the runner offers them to all. */
export const metrics: Token<Metrics> = token("heddle.metrics");
