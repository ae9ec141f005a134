/**
 * The same signal again within so many ms is the same request: a terminal's Ctrl-C, or a kill of the process group,
 * reaches the runner itself and once more through the `deno task` or `npx` that hands signals on.
 */
const RELAYED_WITHIN = 500;

/** What the signals of the system ask of a runner. */
export interface SignalHandlers {
  /** SIGINT or SIGTERM, for the first time: stop in order. */
  stop(signal: Deno.Signal): void;
  /** And again: stop now. */
  force(signal: Deno.Signal): void;
  /** SIGHUP, where somebody cares. */
  reload?(): void;
  /** SIGUSR1, where somebody cares. */
  reopen?(): void;
}

/** Listen to the system's signals, timed by `now` (ms); the returned function ends that. */
export function handleSignals(handlers: SignalHandlers, now: () => number): () => void {
  let first: { readonly signal: Deno.Signal; readonly at: number } | null = null;
  const terminate = (signal: Deno.Signal): void => {
    if (first === null) {
      first = { signal, at: now() };
      return handlers.stop(signal);
    }
    const relayed = signal === first.signal && now() - first.at < RELAYED_WITHIN;
    if (!relayed) handlers.force(signal);
  };
  const listeners: [Deno.Signal, () => void][] = [
    ["SIGINT", () => terminate("SIGINT")],
    ["SIGTERM", () => terminate("SIGTERM")],
  ];
  if (handlers.reload !== undefined) listeners.push(["SIGHUP", () => handlers.reload!()]);
  if (handlers.reopen !== undefined) listeners.push(["SIGUSR1", () => handlers.reopen!()]);
  for (const [signal, listener] of listeners) Deno.addSignalListener(signal, listener);
  return () => {
    for (const [signal, listener] of listeners) Deno.removeSignalListener(signal, listener);
  };
}
