import type { ReactorTime } from "../../services/async/time.ts";
import type { Logger } from "../../services/log.ts";

/** How long a drain waits for those who were to be told of it, ms. */
export const DRAIN_NOTICE = 1_000;

/** Who has something to do before a service's listeners close. */
export class DrainHooks {
  readonly #hooks = new Set<(path: string) => void | Promise<void>>();
  readonly #time: ReactorTime;
  readonly #log: Logger;

  constructor(time: ReactorTime, log: Logger) {
    this.#time = time;
    this.#log = log;
  }

  /** Call `hook` before each drain, until the returned function is called. */
  add(hook: (path: string) => void | Promise<void>): () => void {
    this.#hooks.add(hook);
    return () => void this.#hooks.delete(hook);
  }

  /**
   * The service at `path` is about to drain. Resolves when all hooks are done, after {@linkcode DRAIN_NOTICE}, or
   * after half of `within`, whichever is first; null when there is nothing to wait for.
   */
  run(path: string, within: number): Promise<void> | null {
    const pending: Promise<void>[] = [];
    for (const hook of this.#hooks) {
      try {
        const done = hook(path);
        if (done !== undefined) pending.push(done.catch((error) => this.#failed(path, error)));
      } catch (error) {
        this.#failed(path, error);
      }
    }
    if (pending.length === 0 || within === 0) return null;
    const late = Promise.withResolvers<void>();
    const bound = this.#time.callLater(Math.min(DRAIN_NOTICE, within / 2), () => late.resolve());
    return Promise.race([Promise.all(pending).then(() => {}), late.promise]).finally(() => bound.cancel());
  }

  #failed(path: string, error: unknown): void {
    this.#log.warn("What was to be done before a drain failed", { draining: path, error });
  }
}
