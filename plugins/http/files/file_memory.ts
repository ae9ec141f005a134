import { KeptFiles } from "./kept_files.ts";
import { ReadBuffers } from "./read_buffers.ts";

/** Octets of small files that all routes of a service keep together. */
const MOST_CACHED = 64 * 1024 * 1024;

/** What the `files` routes of a service share: however many they are, they take no more memory than one. */
export class FileMemory {
  /** Large files that are asked for again and again. */
  readonly kept = new KeptFiles();
  readonly buffers = new ReadBuffers();
  #left = MOST_CACHED;

  /** Take `weight` octets, if there are so many left. */
  take(weight: number): boolean {
    if (weight > this.#left) return false;
    this.#left -= weight;
    return true;
  }

  /** They are free again. */
  give(weight: number): void {
    this.#left += weight;
  }
}
