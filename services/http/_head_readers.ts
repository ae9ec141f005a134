import { HeadReader } from "./_head_reader.ts";
import type { Hosts } from "./_hosts.ts";
import type { HttpLimits } from "./options.ts";

/** Readers kept for the next head. */
const MOST_FREE = 64;

/**
 * The readers of a server's heads. A connection has one only from the first octet of a head to its last: most
 * wait for their next request, and as a rule a head comes whole.
 */
export class HeadReaders {
  readonly #limits: HttpLimits;
  readonly #hosts: Hosts;
  readonly #free: HeadReader[] = [];

  constructor(limits: HttpLimits, hosts: Hosts) {
    this.#limits = limits;
    this.#hosts = hosts;
  }

  take(): HeadReader {
    return this.#free.pop() ?? new HeadReader(this.#limits, this.#hosts);
  }

  /** What `reader` has found is overwritten by the next head that it reads. */
  giveBack(reader: HeadReader): void {
    if (this.#free.length < MOST_FREE) this.#free.push(reader);
  }
}
