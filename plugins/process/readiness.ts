import type { ServiceContext } from "../../services/context.ts";
import type { ProcessOptions } from "./options.ts";
import { ask, type Probe } from "./probe.ts";

/** Between two attempts, ms. */
const INTERVAL = 100;

/** Resolves when the program is ready; rejects with the signal's reason when it is aborted first. */
export async function whenReady(
  ready: ProcessOptions["ready"],
  { reactor }: Pick<ServiceContext, "reactor">,
  lines: LineWatch,
  signal: AbortSignal,
): Promise<void> {
  if ("line" in ready) return await lines.matched(ready.line, signal);
  if ("after" in ready) return ready.after === 0 ? undefined : await pause(ready.after, reactor, signal);
  await untilAnswered(ready, reactor, signal);
}

async function untilAnswered(
  probe: Probe,
  reactor: ServiceContext["reactor"],
  signal: AbortSignal,
): Promise<void> {
  while (true) {
    try {
      return await ask(probe, reactor, signal);
    } catch {
      signal.throwIfAborted();
      await pause(INTERVAL, reactor, signal);
    }
  }
}

async function pause(ms: number, reactor: ServiceContext["reactor"], signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const call = reactor.callLater(ms, resolve);
  const onAbort = (): void => reject(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    await promise;
  } finally {
    call.cancel();
    signal.removeEventListener("abort", onAbort);
  }
}

/** The lines that a program writes, for who waits for one of them. */
export class LineWatch {
  /** The last line that was not empty. */
  last: string | null = null;
  #waiting: { readonly pattern: RegExp; readonly found: () => void } | null = null;

  /** The program has written `line`. */
  see(line: string): void {
    if (line.trim() !== "") this.last = line;
    if (this.#waiting?.pattern.test(line)) this.#waiting.found();
  }

  /** Resolves at the first line from now on that `pattern` matches. */
  matched(pattern: RegExp, signal: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#waiting = { pattern, found: resolve };
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    return promise.finally(() => this.#waiting = null);
  }
}
