import type { RegistryChange } from "./registry.ts";

/** What a history keeps: a change, or that whoever reads on needs a snapshot. */
export type HistoryEntry = RegistryChange | { readonly kind: "snapshot"; readonly revision: number };

/** The latest changes, in the order of revisions; the oldest make way for new ones. */
export class ChangeHistory {
  readonly #entries: HistoryEntry[] = [];
  readonly #capacity: number;
  /** Places, counted from the very first entry: of the oldest that still counts, and behind the latest. */
  #start = 0;
  #end = 0;
  /** What came after this revision is all here. */
  #complete = 0;

  /** It keeps `capacity` entries. */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** The place behind the latest entry. */
  get end(): number {
    return this.#end;
  }

  push(entry: HistoryEntry): void {
    if (this.#end - this.#start >= this.#capacity) {
      this.#complete = this.#entries[this.#start++ % this.#capacity]!.revision;
    }
    this.#entries[this.#end++ % this.#capacity] = entry;
  }

  /** The entry at `place`, which is before the end; undefined when it has made way. */
  at(place: number): HistoryEntry | undefined {
    return place < this.#start ? undefined : this.#entries[place % this.#capacity];
  }

  /** The place of the first entry after `revision`; null when some that came after it have made way. */
  placeAfter(revision: number): number | null {
    if (revision < this.#complete) return null;
    let [low, high] = [this.#start, this.#end];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#entries[middle % this.#capacity]!.revision > revision) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** Revisions begin anew, at `revision`: whoever reads on needs a snapshot. */
  restart(revision: number): void {
    this.#start = this.#end;
    this.#complete = revision;
    this.push({ kind: "snapshot", revision });
  }
}
