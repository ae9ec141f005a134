import {
  type Counter,
  DURATION_BUCKETS,
  type Family,
  type FamilyOptions,
  type Gauge,
  type Histogram,
  type HistogramOptions,
  type Metrics,
} from "./metrics.ts";
import type { FamilySnapshot, MetricKind, Sample } from "./snapshot.ts";

const NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

/** Metrics kept in memory, collected as plain data. */
export class MetricSet implements Metrics {
  readonly #families = new Map<string, MetricFamily>();
  readonly #updates = new Set<() => void>();
  readonly #updateFailed: (error: unknown) => void;

  /** `updateFailed` is told what an update threw: its metrics stay as they were, and the others are collected. */
  constructor(updateFailed: (error: unknown) => void = () => {}) {
    this.#updateFailed = updateFailed;
  }

  counter(name: string, options: FamilyOptions): Family<Counter> {
    return this.#family(name, "counter", options, () => new Scalar());
  }

  gauge(name: string, options: FamilyOptions): Family<Gauge> {
    return this.#family(name, "gauge", options, () => new Scalar());
  }

  histogram(name: string, options: HistogramOptions): Family<Histogram> {
    const buckets = options.buckets ?? DURATION_BUCKETS;
    if (!buckets.every((bound, i) => i === 0 || bound > buckets[i - 1]!)) {
      throw new RangeError(`Cannot make histogram "${name}": its buckets must rise`);
    }
    return this.#family(name, "histogram", options, () => new Classes(buckets), buckets);
  }

  onCollect(update: () => void): () => void {
    this.#updates.add(update);
    return () => void this.#updates.delete(update);
  }

  /** Every family as it is now, in the order in which they were made. */
  collect(): FamilySnapshot[] {
    for (const update of this.#updates) {
      try {
        update();
      } catch (error) {
        this.#updateFailed(error);
      }
    }
    return [...this.#families.values()].map((family) => family.snapshot());
  }

  #family<T extends Metric>(
    name: string,
    kind: MetricKind,
    { help, labels = [] }: FamilyOptions,
    make: () => T,
    buckets?: readonly number[],
  ): LabelledFamily<T> {
    for (const word of [name, ...labels]) {
      if (!NAME.test(word)) {
        throw new RangeError(`Cannot make metric "${name}": "${word}" must be letters, digits and "_"`);
      }
    }
    const shape = JSON.stringify([kind, labels, buckets]);
    const known = this.#families.get(name);
    if (known === undefined) {
      const family = new LabelledFamily(
        { name, help, kind, labels, ...(buckets !== undefined && { buckets }) },
        make,
        shape,
      );
      this.#families.set(name, family);
      return family;
    }
    if (known.shape !== shape) {
      throw new RangeError(
        `Cannot make metric "${name}": the name is in use for another kind or other labels`,
      );
    }
    return known as LabelledFamily<T>;
  }
}

interface Metric {
  sample(labels: readonly string[]): Sample;
}

interface MetricFamily {
  readonly shape: string;
  snapshot(): FamilySnapshot;
}

class LabelledFamily<T extends Metric> implements Family<T>, MetricFamily {
  readonly shape: string;
  readonly #description: Omit<FamilySnapshot, "samples">;
  readonly #make: () => T;
  readonly #metrics = new Map<string, { readonly labels: readonly string[]; readonly metric: T }>();

  constructor(description: Omit<FamilySnapshot, "samples">, make: () => T, shape: string) {
    this.#description = description;
    this.#make = make;
    this.shape = shape;
  }

  with(...values: readonly string[]): T {
    const { name, labels } = this.#description;
    if (values.length !== labels.length) {
      throw new RangeError(
        `Cannot use metric "${name}" with ${values.length} label values: it has ${labels.length}`,
      );
    }
    const key = JSON.stringify(values);
    let entry = this.#metrics.get(key);
    if (entry === undefined) this.#metrics.set(key, entry = { labels: values, metric: this.#make() });
    return entry.metric;
  }

  remove(...values: readonly string[]): void {
    this.#metrics.delete(JSON.stringify(values));
  }

  snapshot(): FamilySnapshot {
    const samples = [...this.#metrics.values()].map(({ labels, metric }) => metric.sample(labels));
    return { ...this.#description, samples };
  }
}

class Scalar implements Counter, Gauge, Metric {
  #value = 0;

  inc(by = 1): void {
    if (!(by >= 0)) throw new RangeError(`Cannot add ${by} to a counter: it only grows`);
    this.#value += by;
  }

  set(value: number): void {
    this.#value = value;
  }

  add(by = 1): void {
    this.#value += by;
  }

  sample(labels: readonly string[]): Sample {
    return { labels, value: this.#value };
  }
}

class Classes implements Histogram, Metric {
  readonly #bounds: readonly number[];
  readonly #counts: number[];
  #sum = 0;

  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.#counts = new Array(bounds.length + 1).fill(0);
  }

  observe(value: number): void {
    const bounds = this.#bounds;
    let at = 0;
    while (at < bounds.length && value > bounds[at]!) at++;
    this.#counts[at]!++;
    this.#sum += value;
  }

  sample(labels: readonly string[]): Sample {
    return { labels, value: this.#sum, counts: [...this.#counts] };
  }
}
