import type { ReactorTime } from "../../../services/async/time.ts";

/** Resolves after `ms`, or as soon as `signal` is aborted. */
export function pause(time: ReactorTime, ms: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const end = (): void => {
    call.cancel();
    signal.removeEventListener("abort", end);
    resolve();
  };
  const call = time.callLater(ms, end);
  if (signal.aborted) end();
  else signal.addEventListener("abort", end);
  return promise;
}
