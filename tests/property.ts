import fc from "fast-check";

/**
 * Check a property on random cases. A failure prints the seed and the smallest counterexample; the environment
 * variable `HEDDLE_SEED` runs with that seed again.
 */
export function checkProperty<T>(property: fc.IProperty<T>, parameters: fc.Parameters<T> = {}): void {
  const seed = Deno.env.get("HEDDLE_SEED");
  fc.assert(property, seed === undefined ? parameters : { ...parameters, seed: Number(seed) });
}
