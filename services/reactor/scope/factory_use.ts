import type { Factory } from "../../protocol/factory.ts";

const users = new WeakMap<Factory, number>();

/** A listener or connection more that uses `factory`: the first starts it. */
export function beginUse(factory: Factory): void {
  const count = users.get(factory) ?? 0;
  if (count === 0) factory.startFactory?.();
  users.set(factory, count + 1);
}

/** One less: the last stops it. */
export function endUse(factory: Factory): void {
  const count = users.get(factory)! - 1;
  users.set(factory, count);
  if (count === 0) factory.stopFactory?.();
}
