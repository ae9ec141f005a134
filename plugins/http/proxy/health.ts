/** How many failures take an upstream out, and for how long. Times in milliseconds. */
export interface FailureRule {
  readonly count: number;
  readonly within: number;
  readonly pause: number;
}

/** Passive health: what requests have met with. */
export class FailureWindow {
  readonly #rule: FailureRule;
  /** When the last of them were, oldest first; no more than `count`. */
  readonly #failures: number[] = [];
  #outUntil = -Infinity;

  constructor(rule: FailureRule) {
    this.#rule = rule;
  }

  /** Whether it may be given requests. */
  isFit(now: number): boolean {
    return now >= this.#outUntil;
  }

  /** A request has failed. True when that takes it out. */
  failed(now: number): boolean {
    this.#failures.push(now);
    if (this.#failures.length < this.#rule.count) return false;
    const first = this.#failures.shift()!;
    if (now - first > this.#rule.within || !this.isFit(now)) return false;
    this.#outUntil = now + this.#rule.pause;
    this.#failures.length = 0;
    return true;
  }
}

/** How many checks in a row change the verdict. */
export interface CheckRule {
  readonly unhealthyAfter: number;
  readonly healthyAfter: number;
}

/** Active health: what checks have found. It begins healthy: a start need not wait for a round of checks. */
export class CheckVerdict {
  readonly #rule: CheckRule;
  #healthy = true;
  /** Checks in a row that contradict the verdict. */
  #against = 0;

  constructor(rule: CheckRule) {
    this.#rule = rule;
  }

  get healthy(): boolean {
    return this.#healthy;
  }

  /** A check was good, or not. True when the verdict has changed. */
  checked(good: boolean): boolean {
    if (good === this.#healthy) {
      this.#against = 0;
      return false;
    }
    const needed = this.#healthy ? this.#rule.unhealthyAfter : this.#rule.healthyAfter;
    if (++this.#against < needed) return false;
    this.#healthy = good;
    this.#against = 0;
    return true;
  }
}
