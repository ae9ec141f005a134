import type { FlagSpecs } from "./command_line.ts";

/** The words about a command that its help is made of. */
export interface HelpSource {
  readonly verb: string;
  readonly summary: string;
  readonly usage: string;
  readonly flags: FlagSpecs;
  readonly details?: string;
}

/** What `heddle VERB --help` prints. */
export function commandHelp({ verb, summary, usage, flags, details }: HelpSource): string {
  const rows = Object.entries(flags).map(([name, flag]): Row => [
    (flag.short === undefined ? "" : `-${flag.short}, `) +
    (flag.kind === "string" ? `--${name} ${flag.placeholder}` : `--${name}`),
    flag.help,
  ]);
  return [
    `heddle ${verb}: ${summary}`,
    `Usage: heddle ${
      [verb, usage, rows.length === 0 ? "" : "[flags]"].filter((part) => part !== "").join(" ")
    }`,
    `Flags:\n${table([...rows, ["-h, --help", "show this help"]])}`,
    ...(details === undefined ? [] : [details]),
  ].join("\n\n") + "\n";
}

/** What `heddle help` prints. */
export function overviewHelp(verbs: readonly Row[]): string {
  return [
    "Heddle runs the services that an application file declares.",
    "Usage: heddle VERB [operands] [flags]",
    `Verbs:\n${table(verbs)}`,
    `"heddle VERB --help" tells more of each.`,
  ].join("\n\n") + "\n";
}

type Row = readonly [term: string, meaning: string];

function table(rows: readonly Row[]): string {
  const width = Math.max(...rows.map(([term]) => term.length));
  return rows.map(([term, meaning]) => `  ${term.padEnd(width)}  ${meaning}`).join("\n");
}
