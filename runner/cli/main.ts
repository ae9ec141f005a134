import { EXIT } from "./exit_status.ts";
import { type CommandIO, processIO } from "./io.ts";
import { UsageError } from "./usage_error.ts";
import { findVerb } from "./verbs.ts";

export type { Destination } from "../../services/log_file/batch_writer.ts";
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
  const found = findVerb(args);
  try {
    if (found === null) return (await import("./_without_verb.ts")).withoutVerb(args, io);
    const status = found.verb.needsNet ? await io.startAgainWithNet?.() : null;
    if (typeof status === "number") return status;
    return await (await found.verb.load()).command.execute(found.rest, io);
  } catch (error) {
    if (error instanceof UsageError) {
      const more = found === null ? "heddle help" : `heddle ${found.name} --help`;
      io.stderr.print(`${error.message}\n"${more}" tells more\n`);
      return EXIT.usage;
    }
    io.stderr.print((await import("./_internal_error.ts")).internalError(error));
    return EXIT.internal;
  }
}

/**
 * End the process. `Deno.exit` may hang where Deno exports telemetry just then (seen with 2.9.6); a process that has
 * nothing left to do ends by itself, and one that has, soon.
 */
function end(status: number): void {
  const env = Deno.permissions.querySync({ name: "env", variable: "OTEL_DENO" }).state;
  if (env !== "granted" || Deno.env.get("OTEL_DENO") === undefined) Deno.exit(status);
  Deno.exitCode = status;
  Deno.unrefTimer(setTimeout(() => Deno.exit(status), 1_000));
}

if (import.meta.main) end(await main());
