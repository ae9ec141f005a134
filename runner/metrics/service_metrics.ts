import { MetricSet } from "../../services/metrics/metric_set.ts";
import type { FamilySnapshot } from "../../services/metrics/snapshot.ts";

/** The metrics of every service, which outlive its restarts. */
export class ServiceMetrics {
  readonly #sets = new Map<string, MetricSet>();

  /** Those of the service at `path`. */
  of(path: string): MetricSet {
    let set = this.#sets.get(path);
    if (set === undefined) this.#sets.set(path, set = new MetricSet());
    return set;
  }

  /** The service is no more. */
  forget(path: string): void {
    this.#sets.delete(path);
  }

  /**
   * All of them, with the label `service` before the others. Families of one name are joined; where services
   * disagree about what a name means, the first one's meaning holds, and the others' values are left out.
   */
  collect(): FamilySnapshot[] {
    const families = new Map<string, FamilySnapshot>();
    for (const [path, set] of this.#sets) {
      for (const family of set.collect()) {
        const samples = family.samples.map((sample) => ({ ...sample, labels: [path, ...sample.labels] }));
        const known = families.get(family.name);
        if (known === undefined) {
          families.set(family.name, { ...family, labels: ["service", ...family.labels], samples });
        } else if (known.kind === family.kind && known.labels.slice(1).join() === family.labels.join()) {
          families.set(family.name, { ...known, samples: [...known.samples, ...samples] });
        }
      }
    }
    return [...families.values()];
  }
}
