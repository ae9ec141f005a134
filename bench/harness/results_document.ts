import { goalTable, markdownTable, type Report } from "./report.ts";

/** What one suite has found. */
export interface Found {
  readonly summary: string;
  readonly report: Report;
  readonly failed: boolean;
}

/** What `bench/RESULTS.md` tells. */
export interface Results {
  readonly machine: readonly (readonly [name: string, value: string])[];
  /** The command that made it. */
  readonly command: string;
  readonly rounds: number;
  readonly found: readonly Found[];
}

/** The results as Markdown. */
export function resultsDocument({ machine, command, rounds, found }: Results): string {
  const goals = found.flatMap(({ report }) => report.goals);
  return [
    "# Results\n",
    `Made by \`${command}\`, which writes this file; \`deno task bench --help\` tells the rest.\n`,
    markdownTable({ title: "Machine", columns: ["", ""], rows: machine }, "##"),
    `How to read it: contenders take turns within each of ${rounds} rounds, each time in a process of its own; a
figure is the median of the rounds, with the least and the most of them in parentheses. A ratio is taken
within each round, then its median. CPU is user and system time of the server's process, from \`/proc\`: the
load generator shares the machine, so that throughput tells of both.
`,
    markdownTable(goalTable(goals), "##"),
    ...found.flatMap(({ summary, report }) => [
      `## ${summary}\n`,
      ...report.tables.map((table) => markdownTable(table)),
    ]),
  ].join("\n");
}
