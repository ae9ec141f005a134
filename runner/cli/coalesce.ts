/**
 * `work` as something that can be asked for at any time and never runs twice at once: what is asked for while
 * it runs is done once more afterwards, however often. `work` must not reject.
 */
export function coalesce(work: () => Promise<void>): () => void {
  let state: "idle" | "running" | "again" = "idle";
  const run = async () => {
    do {
      state = "running";
      await work();
    } while (isAgain());
    state = "idle";
  };
  // Apart, since the compiler cannot see that awaiting changes the state.
  const isAgain = () => state === "again";
  return () => {
    if (state === "idle") void run();
    else state = "again";
  };
}
