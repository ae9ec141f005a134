import { didYouMean } from "../../services/text/closest.ts";
import { quote } from "../../services/text/quote.ts";
import { EXIT } from "./exit_status.ts";
import { overviewHelp } from "./help_text.ts";
import type { CommandIO } from "./io.ts";
import { UsageError } from "./usage_error.ts";
import { VERBS } from "./verbs.ts";
import { versionText } from "./version.ts";

/** A command line that begins with no verb: flags of the whole program, nothing at all, or a mistake. */
export function withoutVerb(args: readonly string[], io: CommandIO): number {
  const [first, second] = args;
  switch (first) {
    case undefined:
      io.stderr.print(overview());
      return EXIT.usage;
    case "--help":
    case "-h":
      io.stdout.print(overview());
      return EXIT.ok;
    case "--version":
    case "-V":
      io.stdout.print(versionText());
      return EXIT.ok;
    default:
      throw unknownVerb(first, second);
  }
}

/** What `heddle help` prints. */
export function overview(): string {
  return overviewHelp(Object.entries(VERBS).map(([name, { summary }]) => [name, summary]));
}

/** For a verb that does not exist, with the one that was probably meant. */
export function unknownVerb(first: string, second?: string): UsageError {
  if (first.startsWith("-")) return new UsageError(`Unknown flag ${quote(first)}: flags follow a verb`);
  const names = Object.keys(VERBS);
  const hint = didYouMean(`${first} ${second ?? ""}`.trimEnd(), names) || didYouMean(first, names) ||
    (first === "new" ? ` (did you mean "new plugin"?)` : "");
  return new UsageError(`Unknown verb ${quote(first)}${hint}`);
}
