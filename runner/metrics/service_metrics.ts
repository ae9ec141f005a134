import { MetricSet } from "../../services/metrics/metric_set.ts";
import type { FamilySnapshot } from "../../services/metrics/snapshot.ts";
import { joinFamilies } from "./join_families.ts";

/** The metrics of every service, which outlive its restarts. */
export class ServiceMetrics {
  readonly #sets = new Map<string, MetricSet>();
  /** What services in processes of their own have counted. */
  readonly #remote = new Map<string, () => readonly FamilySnapshot[]>();
  readonly #updateFailed: (path: string, error: unknown) => void;

  /** `updateFailed` is told what a service threw when it was to bring its metrics up to date. */
  constructor(updateFailed: (path: string, error: unknown) => void) {
    this.#updateFailed = updateFailed;
  }

  /** Those of the service at `path`. */
  of(path: string): MetricSet {
    let set = this.#sets.get(path);
    this.#remote.delete(path);
    if (set === undefined) {
      this.#sets.set(path, set = new MetricSet((error) => this.#updateFailed(path, error)));
    }
    return set;
  }

  /** From now on those of the service at `path` are what `collect` gives. */
  collectFrom(path: string, collect: () => readonly FamilySnapshot[]): void {
    this.#sets.delete(path);
    this.#remote.set(path, collect);
  }

  /** Forget those of services that are no more. */
  retain(exists: (path: string) => boolean): void {
    for (const path of this.#sets.keys()) if (!exists(path)) this.#sets.delete(path);
    for (const path of this.#remote.keys()) if (!exists(path)) this.#remote.delete(path);
  }

  /**
   * All of them, with the label `service` before the others. Families of one name are joined; where services
   * disagree about what a name means, the first one's meaning holds, and the others' values are left out.
   */
  collect(): FamilySnapshot[] {
    const own = [...this.#sets].map(([path, set]) => [path, () => set.collect()] as const);
    return joinFamilies([...own, ...this.#remote].flatMap(([path, collect]) =>
      collect().map((family) => ({
        ...family,
        labels: ["service", ...family.labels],
        samples: family.samples.map((sample) => ({ ...sample, labels: [path, ...sample.labels] })),
      }))
    ));
  }
}
