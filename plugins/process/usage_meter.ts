import type { ReactorTime } from "../../services/async/time.ts";
import { askProcessUsage, type ProcessUsage, processUsage } from "../../services/process/usage.ts";

/** Milliseconds between two times that it is asked for at the cost of a process. */
const PAUSE = 1_000;

/** Knows what a process uses, as well as this one may know it. */
export class UsageMeter {
  readonly #pid: number;
  readonly #time: ReactorTime;
  #known: ProcessUsage | null = null;
  #askAt = 0;

  constructor(pid: number, time: ReactorTime) {
    this.#pid = pid;
    this.#time = time;
  }

  /** What it uses now; or, where that has to be asked for, what it used when that was last asked. Null: not known yet. */
  read(): ProcessUsage | null {
    const usage = processUsage(this.#pid);
    if (usage === null) this.#ask();
    return usage ?? this.#known;
  }

  #ask(): void {
    if (this.#time.now() < this.#askAt) return;
    this.#askAt = Infinity;
    void askProcessUsage(this.#pid).then((usage) => {
      this.#known = usage;
      this.#askAt = this.#time.now() + PAUSE;
    });
  }
}
