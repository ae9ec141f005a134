/**
 * Joins the flushes of many writers into few: a disk takes as long for one as for a hundred. Each call of
 * {@linkcode GroupCommit.commit} is covered by a flush that began after the call, and calls that come while
 * one is under way share the next.
 */
export class GroupCommit {
  readonly #flush: () => Promise<void>;
  #underWay = false;
  #next: PromiseWithResolvers<void> | null = null;

  /** @param flush makes durable whatever was written before it is called; never called twice at a time */
  constructor(flush: () => Promise<void>) {
    this.#flush = flush;
  }

  /**
   * Resolves when all that the caller had written before is durable.
   * @throws what the flush that was to cover it threw: nothing is known then of what is on the disk
   */
  commit(): Promise<void> {
    const group = this.#next ??= Promise.withResolvers();
    if (!this.#underWay) {
      this.#underWay = true;
      // Not in this turn: others of the same turn may want to come along.
      queueMicrotask(() => void this.#run());
    }
    return group.promise;
  }

  async #run(): Promise<void> {
    while (this.#next !== null) {
      const group = this.#next;
      this.#next = null;
      await this.#flush().then(group.resolve, group.reject);
    }
    this.#underWay = false;
  }
}
