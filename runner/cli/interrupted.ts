/** Do `work` until it is done or SIGINT comes, which aborts its signal: who watches ends by Ctrl-C, in order. */
export async function untilInterrupted(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const abort = new AbortController();
  const interrupt = (): void => abort.abort();
  Deno.addSignalListener("SIGINT", interrupt);
  try {
    await work(abort.signal);
  } catch (error) {
    if (!abort.signal.aborted) throw error;
  } finally {
    Deno.removeSignalListener("SIGINT", interrupt);
  }
}
