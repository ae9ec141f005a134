import type { CommandIO } from "./io.ts";
import { ControlClient, RefusedError } from "../control/client.ts";
import { findRunner, NoRunnerError } from "../control/find_runner.ts";
import { EXIT } from "./exit_status.ts";
import { UsageError } from "./usage_error.ts";

/** Flags of every verb that speaks to a running application. */
export const CONTROL_FLAGS = {
  app: { kind: "string", placeholder: "NAME", help: "the application; default the only one that runs" },
  control: {
    kind: "string",
    placeholder: "PATH",
    help: "its control socket, where that is not where they are",
  },
  json: { kind: "boolean", help: "print JSON, for programs" },
} as const;

/** What their exit status says, for `--help`. */
export const CONTROL_EXIT =
  "64 wrong usage, or no such service; 69 no such application runs; 70 a fault of Heddle's own";

/**
 * Do `work` with the application that the flags name. Prints why it cannot be reached, and says with which status to
 * end then.
 */
export async function withRunner(
  flags: { readonly app: string | undefined; readonly control: string | undefined },
  io: CommandIO,
  work: (client: ControlClient) => Promise<number>,
): Promise<number> {
  try {
    using client = new ControlClient(await findRunner(flags, { env: io.env, uid: Deno.uid() ?? -1 }));
    return await work(client);
  } catch (error) {
    if (error instanceof RefusedError) throw new UsageError(error.message);
    if (!(error instanceof NoRunnerError)) throw error;
    io.stderr.print(`${error.message}\n`);
    return EXIT.unavailable;
  }
}
