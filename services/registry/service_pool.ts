import type { RegistryInstance } from "./registry.ts";
import { WeightedSet } from "./weighted_set.ts";

/** How long an instance that failed is avoided, ms. */
export const AVOIDED_FOR = 10_000;

/** The instances of one service to choose from. Choosing costs O(log n), whatever has happened to them. */
export class ServicePool {
  readonly #instances = new Map<string, RegistryInstance>();
  readonly #sound = new WeightedSet<string>();
  /** When each was reported to have failed, of those that are avoided for it: the longest ago first. */
  readonly #failed = new Map<string, number>();

  get size(): number {
    return this.#instances.size;
  }

  /** `instance` is there, or has changed. */
  put(instance: RegistryInstance): void {
    const { id } = instance;
    if (!isEligible(instance)) return this.delete(id);
    this.#instances.set(id, instance);
    if (!this.#failed.has(id)) this.#sound.set(id, instance.weight);
  }

  /** It is there no more. */
  delete(id: string): void {
    this.#instances.delete(id);
    this.#sound.delete(id);
    this.#failed.delete(id);
  }

  /** Work that it was given at `now`, ms, has failed. */
  failed(id: string, now: number): void {
    if (!this.#instances.has(id)) return;
    this.#sound.delete(id);
    // Anew, so that it comes last.
    this.#failed.delete(id);
    this.#failed.set(id, now);
  }

  /** Work that it was given has succeeded. */
  succeeded(id: string): void {
    if (this.#failed.delete(id)) this.#sound.set(id, this.#instances.get(id)!.weight);
  }

  /** The one to send work to at `now`; `chance` from 0 to below 1. Null when there is none. */
  choose(now: number, chance: number): RegistryInstance | null {
    for (const [id, at] of this.#failed) {
      if (now - at < AVOIDED_FOR) break;
      this.succeeded(id);
    }
    const id = this.#sound.draw(chance) ?? this.#failed.keys().next().value;
    return id === undefined ? null : this.#instances.get(id)!;
  }
}

function isEligible({ state, weight }: RegistryInstance): boolean {
  return state === "ready" && weight > 0;
}
