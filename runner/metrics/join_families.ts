import type { FamilySnapshot } from "../../services/metrics/snapshot.ts";

/**
 * Families of one name joined into one. Where two disagree about what the name means, the first one's meaning holds,
 * and the other's values are left out.
 */
export function joinFamilies(families: readonly FamilySnapshot[]): FamilySnapshot[] {
  const joined = new Map<string, FamilySnapshot>();
  for (const family of families) {
    const known = joined.get(family.name);
    if (known === undefined) joined.set(family.name, family);
    else if (meaning(known) === meaning(family)) {
      joined.set(family.name, { ...known, samples: [...known.samples, ...family.samples] });
    }
  }
  return [...joined.values()];
}

function meaning({ kind, labels, buckets }: FamilySnapshot): string {
  return JSON.stringify([kind, labels, buckets]);
}
