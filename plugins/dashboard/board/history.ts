import { FIGURES, type Figures } from "./figures.ts";

/** Moments that are kept: five minutes while somebody looks, longer while nobody does. */
const MOMENTS = 150;
/** Moments of traffic that the page is told of every service at first. */
const RECENT = 60;

/** What a service used, moment by moment, the oldest first; null where it is not known. */
export interface HistoryView {
  /** Milliseconds since 1970. */
  readonly times: readonly number[];
  readonly series: Readonly<Record<keyof Figures, readonly (number | null)[]>>;
}

/** What every service used at the latest moments. A service takes 2.4 KB. */
export class History {
  readonly #times = new Float64Array(MOMENTS);
  readonly #values = new Map<number, Float32Array>();
  /** Moments ever kept; the next one is written at this modulo MOMENTS. */
  #count = 0;

  /** Keep a moment. Services that are not named are forgotten. */
  add(time: number, figures: ReadonlyMap<number, Figures>): void {
    const slot = this.#count++ % MOMENTS;
    this.#times[slot] = time;
    for (const id of this.#values.keys()) if (!figures.has(id)) this.#values.delete(id);
    for (const [id, each] of figures) {
      let values = this.#values.get(id);
      if (values === undefined) {
        this.#values.set(id, values = new Float32Array(MOMENTS * FIGURES.length).fill(NaN));
      }
      FIGURES.forEach((name, at) => values[slot * FIGURES.length + at] = each[name] ?? NaN);
    }
  }

  /** Of a service, by its id. */
  of(id: number): HistoryView {
    const slots = this.#slots(MOMENTS);
    const values = this.#values.get(id);
    const one = (at: number): (number | null)[] =>
      slots.map((slot) => known(values?.[slot * FIGURES.length + at]));
    return {
      times: slots.map((slot) => this.#times[slot]!),
      series: { connections: one(0), traffic: one(1), cpu: one(2), memory: one(3) },
    };
  }

  /** The latest traffic of every service that had any, for the small plots of a list. */
  recentTraffic(): [id: number, values: (number | null)[]][] {
    const slots = this.#slots(RECENT);
    const at = FIGURES.indexOf("traffic");
    const all: [number, (number | null)[]][] = [];
    for (const [id, values] of this.#values) {
      const traffic = slots.map((slot) => known(values[slot * FIGURES.length + at]));
      if (traffic.some((value) => value !== null && value > 0)) all.push([id, traffic]);
    }
    return all;
  }

  /** Where the latest moments are, the oldest first. */
  #slots(most: number): number[] {
    const count = Math.min(this.#count, most, MOMENTS);
    return Array.from({ length: count }, (_, i) => (this.#count - count + i) % MOMENTS);
  }
}

function known(value: number | undefined): number | null {
  return value === undefined || Number.isNaN(value) ? null : value;
}
