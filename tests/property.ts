import fc from "fast-check";

/** In CI the cases are always the same, so that a red run is the fault of the change that it is about. */
const CI_SEED = 20_261_123;

/**
 * Check a property on random cases; await it when the property is asynchronous. A failure prints the seed and the
 * smallest counterexample; the environment variable `HEDDLE_SEED` runs with that seed again.
 */
export function checkProperty<T>(
  property: fc.IAsyncProperty<T>,
  parameters?: fc.Parameters<T>,
): Promise<void>;
export function checkProperty<T>(property: fc.IProperty<T>, parameters?: fc.Parameters<T>): void;
export function checkProperty<T>(
  property: fc.IRawProperty<T>,
  parameters: fc.Parameters<T> = {},
): Promise<void> | void {
  const given = Deno.env.get("HEDDLE_SEED");
  const seed = given === undefined ? (Deno.env.has("CI") ? CI_SEED : undefined) : Number(given);
  return fc.assert(property as fc.IProperty<T>, seed === undefined ? parameters : { ...parameters, seed });
}
