import { EXIT } from "./exit_status.ts";
import { type CommandIO, processIO } from "./io.ts";
import { UsageError } from "./usage_error.ts";
import { findVerb } from "./verbs.ts";

export type { Destination } from "../log/batch_writer.ts";
export type { CommandIO, Output } from "./io.ts";

/**
 * The command line of Heddle: `serve app.yaml`, `check`, `help` and the rest.
 * Resolves to the exit status, and never rejects: 0 done, 64 wrong usage, 66 no such file, 69 and 70 an
 * application that failed, 70 also a fault of Heddle's own, 73 nothing could be written, 78 a bad file.
 */
export async function main(
  args: readonly string[] = Deno.args,
  io: CommandIO = processIO(),
): Promise<number> {
  try {
    const found = findVerb(args);
    if (found !== null) {
      const status = found.verb.needsNet ? await io.startAgainWithNet?.() : null;
      if (typeof status === "number") return status;
      const { command } = await found.verb.load();
      return await command.execute(found.rest, io);
    }
    const { withoutVerb } = await import("./_without_verb.ts");
    return withoutVerb(args, io);
  } catch (error) {
    return await report(error, io);
  }
}

async function report(error: unknown, io: CommandIO): Promise<number> {
  if (error instanceof UsageError) {
    io.stderr.print(`${error.message}\nRun "heddle help" for what can be said\n`);
    return EXIT.usage;
  }
  const { internalError } = await import("./_internal_error.ts");
  io.stderr.print(internalError(error));
  return EXIT.internal;
}

if (import.meta.main) Deno.exit(await main());
