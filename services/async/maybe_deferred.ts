import { Deferred, type Eventual } from "./deferred.ts";

/** A Deferred that has its value. */
export function succeed<T>(value: T): Deferred<T> {
  const deferred = new Deferred<T>();
  deferred.callback(value);
  return deferred;
}

/** A Deferred that has failed. */
export function fail(error: unknown): Deferred<never> {
  const deferred = new Deferred<never>();
  deferred.errback(error);
  return deferred;
}

/**
 * Call `fn`, and have a Deferred whatever it does: return a value, a Deferred or a promise, or throw.
 *
 * @example
 * ```ts
 * import { maybeDeferred } from "@heddle/heddle";
 *
 * const parsed = maybeDeferred(() => JSON.parse("{") as unknown).addErrback(() => null);
 * console.assert(await parsed === null);
 * ```
 */
export function maybeDeferred<T>(fn: () => Eventual<T>): Deferred<T> {
  return succeed(undefined).addCallback(fn);
}
