import { type CommandLine, type FlagSpecs, type OperandSpec, parseCommandLine } from "./command_line.ts";
import { commandHelp } from "./help_text.ts";
import { EXIT } from "./exit_status.ts";
import type { CommandIO } from "./io.ts";

/** What a command is, in the words of its `--help`. */
export interface CommandSpec<F extends FlagSpecs> {
  readonly verb: string;
  /** What it does, as a phrase: `check an application file`. */
  readonly summary: string;
  /** Its operands as the usage line shows them. */
  readonly usage: string;
  readonly operands: OperandSpec;
  readonly flags: F;
  /** Paragraphs that follow the flags in `--help`. */
  readonly details?: string;
  /** Do it. The number is the exit status. */
  run(line: CommandLine<F>, io: CommandIO): number | Promise<number>;
}

/** A command, ready to be given its arguments. */
export interface Command {
  /**
   * Run it with what follows the verb.
   * @throws {UsageError} when that is wrong
   */
  execute(args: readonly string[], io: CommandIO): Promise<number>;
  /** What `--help` prints. */
  help(): string;
}

/** A command from its description; every one understands `--help`. */
export function defineCommand<const F extends FlagSpecs>(spec: CommandSpec<F>): Command {
  return {
    async execute(args, io) {
      if (asksForHelp(args)) {
        io.stdout.print(commandHelp(spec));
        return EXIT.ok;
      }
      return await spec.run(parseCommandLine(args, spec.flags, spec.operands), io);
    },
    help: () => commandHelp(spec),
  };
}

/** Whoever asks for help gets it, whatever else is wrong with the line. */
function asksForHelp(args: readonly string[]): boolean {
  const end = args.indexOf("--");
  return args.slice(0, end < 0 ? undefined : end).some((argument) =>
    argument === "--help" || argument === "-h"
  );
}
