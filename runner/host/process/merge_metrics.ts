import type { FamilySnapshot, Sample } from "../../../services/metrics/snapshot.ts";

/** What several processes counted, as if one had: values under the same labels are added up. */
export function mergeFamilies(sets: readonly (readonly FamilySnapshot[])[]): FamilySnapshot[] {
  const families = new Map<string, { family: FamilySnapshot; samples: Map<string, Sample> }>();
  for (const family of sets.flat()) {
    const known = families.get(family.name) ?? { family, samples: new Map() };
    families.set(family.name, known);
    if (known.family.kind !== family.kind || known.family.labels.join() !== family.labels.join()) continue;
    for (const sample of family.samples) {
      const key = JSON.stringify(sample.labels);
      const other = known.samples.get(key);
      known.samples.set(key, other === undefined ? sample : added(other, sample));
    }
  }
  return [...families.values()].map(({ family, samples }) => ({ ...family, samples: [...samples.values()] }));
}

function added(one: Sample, other: Sample): Sample {
  const value = one.value + other.value;
  if (one.counts === undefined || other.counts === undefined) return { labels: one.labels, value };
  return { labels: one.labels, value, counts: one.counts.map((count, i) => count + (other.counts![i] ?? 0)) };
}
