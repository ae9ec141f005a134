import { EXIT } from "./exit_status.ts";
import { sameAgain, superviseAgain } from "./start_again.ts";

/** Set for the process that does the work. */
const MARK = "HEDDLE_WATCHED";

/**
 * Run this command line in a process of its own, and again whenever that asks for it: a process cannot load its code
 * anew. Resolves to the exit status of the last; null when this is that process.
 * @throws {Deno.errors.NotCapable} without the permission to start processes
 */
export async function serveWatched(env: (name: string) => string | undefined): Promise<number | null> {
  if (env(MARK) !== undefined) return null;
  const args = sameAgain();
  while (true) {
    const status = await superviseAgain(args, { [MARK]: "1" });
    if (status !== EXIT.startAgain) return status;
  }
}
