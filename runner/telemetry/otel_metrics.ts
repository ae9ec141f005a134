import { type BatchObservableCallback, type Meter, metrics, type Observable } from "@opentelemetry/api";
import type { FamilySnapshot, Sample } from "../../services/metrics/snapshot.ts";

/**
 * Offers all that `collect` tells to OpenTelemetry, as observable instruments: families that appear later from the next
 * collection on. A histogram becomes two counters, `_count` and `_sum`: there are no observable ones.
 */
export class OtelMetrics implements Disposable {
  readonly #meter: Meter = metrics.getMeter("heddle");
  readonly #collect: () => readonly FamilySnapshot[];
  readonly #instruments = new Map<string, Observable>();

  #over = false;

  constructor(collect: () => readonly FamilySnapshot[]) {
    this.#collect = collect;
    this.#adopt(collect());
  }

  /** Offer nothing more: an exporter that asks while the process ends would wait for an answer for ever. */
  [Symbol.dispose](): void {
    this.#over = true;
    this.#meter.removeBatchObservableCallback(this.#observe, [...this.#instruments.values()]);
  }

  /** Make instruments for families that have none; observe all of them together. */
  #adopt(families: readonly FamilySnapshot[]): void {
    if (this.#over) return;
    const before = [...this.#instruments.values()];
    for (const family of families) {
      for (const { name, isCounter } of seriesOf(family)) {
        if (this.#instruments.has(name)) continue;
        const options = { description: family.help };
        this.#instruments.set(
          name,
          isCounter
            ? this.#meter.createObservableCounter(name, options)
            : this.#meter.createObservableGauge(name, options),
        );
      }
    }
    const now = [...this.#instruments.values()];
    if (now.length === before.length) return;
    if (before.length > 0) this.#meter.removeBatchObservableCallback(this.#observe, before);
    this.#meter.addBatchObservableCallback(this.#observe, now);
  }

  readonly #observe: BatchObservableCallback = (result) => {
    const families = this.#collect();
    for (const family of families) {
      for (const { name, valueOf } of seriesOf(family)) {
        const instrument = this.#instruments.get(name);
        if (instrument === undefined) continue;
        for (const sample of family.samples) {
          result.observe(instrument, valueOf(sample), attributesOf(family, sample));
        }
      }
    }
    // Not in the midst of a collection.
    queueMicrotask(() => this.#adopt(families));
  };
}

interface Series {
  readonly name: string;
  readonly isCounter: boolean;
  readonly valueOf: (sample: Sample) => number;
}

function seriesOf({ name, kind }: FamilySnapshot): Series[] {
  if (kind !== "histogram") return [{ name, isCounter: kind === "counter", valueOf: ({ value }) => value }];
  return [
    { name: `${name}_sum`, isCounter: true, valueOf: ({ value }) => value },
    {
      name: `${name}_count`,
      isCounter: true,
      valueOf: ({ counts = [] }) => counts.reduce((sum, count) => sum + count, 0),
    },
  ];
}

function attributesOf({ labels }: FamilySnapshot, { labels: values }: Sample): Record<string, string> {
  return Object.fromEntries(labels.map((label, i) => [label, values[i] ?? ""]));
}
