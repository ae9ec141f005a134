import type { DelayedCall, ReactorTime } from "../../async/time.ts";

/** Milliseconds until the next address is tried beside those that have not answered (RFC 8305, section 5). */
export const ATTEMPT_DELAY = 250;

export interface RaceOptions<T> {
  readonly time: ReactorTime;
  /** Ends the race; it rejects with the signal's reason. */
  readonly signal: AbortSignal;
  /** Milliseconds between attempts, default 250. */
  readonly delay?: number;
  /** Disposes of what a loser brings home all the same. */
  readonly discard: (late: T) => void;
}

/**
 * Happy Eyeballs (RFC 8305): try the candidates in turn, each as soon as the one before has failed or has not
 * answered for a while; the first to succeed wins, the signal of every other attempt is aborted.
 *
 * Rejects with the last error when all have failed.
 */
export function race<C, T>(
  candidates: readonly C[],
  attempt: (candidate: C, signal: AbortSignal) => Promise<T>,
  options: RaceOptions<T>,
): Promise<T> {
  const { time, signal, delay = ATTEMPT_DELAY, discard } = options;
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const underWay = new Set<AbortController>();
  let next = 0;
  let timer: DelayedCall | undefined;
  let over = false;

  const end = () => {
    over = true;
    timer?.cancel();
    signal.removeEventListener("abort", abort);
    for (const loser of underWay) loser.abort();
  };
  const abort = () => {
    end();
    reject(signal.reason);
  };
  const start = () => {
    const candidate = candidates[next++]!;
    const runner = new AbortController();
    underWay.add(runner);
    timer?.cancel();
    timer = next < candidates.length ? time.callLater(delay, start) : undefined;
    attempt(candidate, runner.signal).then(
      (result) => {
        underWay.delete(runner);
        if (over) return discard(result);
        end();
        resolve(result);
      },
      (error) => {
        underWay.delete(runner);
        if (over) return;
        if (next < candidates.length) return start();
        if (underWay.size > 0) return;
        end();
        reject(error);
      },
    );
  };

  if (signal.aborted) return Promise.reject(signal.reason);
  if (candidates.length === 0) return Promise.reject(new Error("no address to try"));
  signal.addEventListener("abort", abort);
  start();
  return promise;
}
