import { AsyncLocalStorage } from "node:async_hooks";

/** Whoever is to blame for an error that surfaces far from where it was made. */
export interface Owner {
  readonly name: string;
  /** An error that nothing caught: a throwing timer, a rejected promise that nobody awaits. */
  unhandled(error: unknown): void;
}

// The runtime offers this store per process only; what it holds is per connection, timer and task.
const owners = new AsyncLocalStorage<Owner>();

/** Run `fn`, and all that follows from it, on `owner`'s account. */
export function onAccountOf<A extends unknown[], R>(owner: Owner, fn: (...args: A) => R, ...args: A): R {
  // Setting the store costs more than a small message; a loop of callbacks is on one account as a rule.
  return owners.getStore() === owner ? fn(...args) : owners.run(owner, fn, ...args);
}

/** On whose account the current turn runs. Not known in callbacks of raw `setTimeout` and of `node:net`. */
export function currentOwner(): Owner | undefined {
  return owners.getStore();
}
