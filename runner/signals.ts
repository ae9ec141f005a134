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

/** Listen to the system's signals; the returned function ends that. */
export function handleSignals(handlers: SignalHandlers): () => void {
  let asked = false;
  const terminate = (signal: Deno.Signal): void => {
    if (asked) return handlers.force(signal);
    asked = true;
    handlers.stop(signal);
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
