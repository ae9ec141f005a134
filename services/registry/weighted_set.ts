/**
 * Keys with weights, one of which can be drawn by chance: each in proportion to its weight. Every operation is
 * O(log n), by sums kept in a Fenwick tree (P. M. Fenwick, 1994).
 */
export class WeightedSet<K> {
  readonly #places = new Map<K, number>();
  /** By place; a free place has none. */
  readonly #keys: (K | undefined)[] = [];
  readonly #weights: number[] = [];
  readonly #free: number[] = [];
  /** From 1: the sum of the weights of the places that end here. */
  readonly #sums: number[] = [0];
  #total = 0;

  /** How many keys there are, those without weight included. */
  get size(): number {
    return this.#places.size;
  }

  /** The sum of all weights. */
  get total(): number {
    return this.#total;
  }

  /** Add `key`, or change its weight: an integer of at least 0. */
  set(key: K, weight: number): void {
    const place = this.#places.get(key) ?? this.#take(key);
    this.#add(place, weight - this.#weights[place]!);
    this.#weights[place] = weight;
  }

  /** Whether it was there. */
  delete(key: K): boolean {
    const place = this.#places.get(key);
    if (place === undefined) return false;
    this.#add(place, -this.#weights[place]!);
    this.#weights[place] = 0;
    this.#keys[place] = undefined;
    this.#places.delete(key);
    this.#free.push(place);
    return true;
  }

  /** The key at `chance`, from 0 to below 1; undefined when none has a weight. */
  draw(chance: number): K | undefined {
    if (this.#total === 0) return undefined;
    let rest = Math.min(Math.floor(chance * this.#total), this.#total - 1);
    let place = 0;
    for (let step = 1 << (31 - Math.clz32(this.#keys.length)); step > 0; step >>= 1) {
      const next = place + step;
      if (next < this.#sums.length && this.#sums[next]! <= rest) {
        place = next;
        rest -= this.#sums[next]!;
      }
    }
    return this.#keys[place];
  }

  #take(key: K): number {
    const place = this.#free.pop() ?? this.#grow();
    this.#keys[place] = key;
    this.#places.set(key, place);
    return place;
  }

  #grow(): number {
    const place = this.#keys.push(undefined) - 1;
    this.#weights.push(0);
    // A new sum takes in what the places have that it ends for.
    const end = place + 1;
    let sum = 0;
    for (let at = end - 1; at > end - (end & -end); at -= at & -at) sum += this.#sums[at]!;
    this.#sums.push(sum);
    return place;
  }

  #add(place: number, weight: number): void {
    this.#total += weight;
    for (let at = place + 1; at < this.#sums.length; at += at & -at) this.#sums[at]! += weight;
  }
}
