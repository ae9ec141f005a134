import { MetricSet } from "../../services/metrics/metric_set.ts";
import type { FamilySnapshot } from "../../services/metrics/snapshot.ts";
import { joinFamilies } from "./join_families.ts";

/** The metrics of every service, which outlive its restarts. */
export class ServiceMetrics {
  readonly #sets = new Map<string, MetricSet>();

  /** Those of the service at `path`. */
  of(path: string): MetricSet {
    let set = this.#sets.get(path);
    if (set === undefined) this.#sets.set(path, set = new MetricSet());
    return set;
  }

  /** Forget those of services that are no more. */
  retain(exists: (path: string) => boolean): void {
    for (const path of this.#sets.keys()) if (!exists(path)) this.#sets.delete(path);
  }

  /**
   * All of them, with the label `service` before the others. Families of one name are joined; where services
   * disagree about what a name means, the first one's meaning holds, and the others' values are left out.
   */
  collect(): FamilySnapshot[] {
    return joinFamilies([...this.#sets].flatMap(([path, set]) =>
      set.collect().map((family) => ({
        ...family,
        labels: ["service", ...family.labels],
        samples: family.samples.map((sample) => ({ ...sample, labels: [path, ...sample.labels] })),
      }))
    ));
  }
}
