import fc from "fast-check";

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
  const seed = Deno.env.get("HEDDLE_SEED");
  return fc.assert(
    property as fc.IProperty<T>,
    seed === undefined ? parameters : { ...parameters, seed: Number(seed) },
  );
}
