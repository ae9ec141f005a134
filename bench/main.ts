/**
 * Measures Heddle beside its peers, interleaved, and prints ratios: `deno task bench [SUITE...]`.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { describeMachine } from "./harness/machine.ts";
import { type Goal, goalTable, plainTable, type Report } from "./harness/report.ts";
import { type Found, resultsDocument } from "./harness/results_document.ts";
import { benchFile } from "./harness/run_process.ts";
import type { Settings } from "./harness/suite.ts";
import { SUITES } from "./suites.ts";

const USAGE = `\
Usage: deno task bench [--rounds N] [--seconds S] [--write] [SUITE...]

  --rounds N   how often each contender has its turn; default 5
  --seconds S  how long one measurement lasts; default 3
  --write      also write bench/RESULTS.md

Suites: ${Object.keys(SUITES).join(", ")}; default all.
`;

async function main(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      rounds: { type: "string", default: "5" },
      seconds: { type: "string", default: "3" },
      write: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  const [rounds, seconds] = [Number(values.rounds), Number(values.seconds)];
  const unknown = positionals.filter((name) => !Object.hasOwn(SUITES, name));
  if (values.help || unknown.length > 0 || !(Number.isInteger(rounds) && rounds > 0 && seconds > 0)) {
    console.error(USAGE);
    return values.help ? 0 : 64;
  }
  const machine = await describeMachine();
  const names = positionals.length > 0 ? positionals : Object.keys(SUITES);
  const command = ["deno task bench", ...args].join(" ");
  // After each suite: who interrupts a long run keeps what is there.
  const save = async (found: readonly Found[]): Promise<void> => {
    if (!values.write) return;
    await Deno.writeTextFile(benchFile("RESULTS.md"), resultsDocument({ machine, command, rounds, found }));
  };
  const found = await runSuites(names, { rounds, seconds, progress }, save);
  const goals = found.flatMap(({ report }) => report.goals);
  if (goals.length > 0) console.log(plainTable(goalTable(goals)));
  return found.some(({ failed }) => failed) ? 1 : 0;
}

async function runSuites(
  names: readonly string[],
  settings: Settings,
  save: (found: readonly Found[]) => Promise<void>,
): Promise<Found[]> {
  const found: Found[] = [];
  for (const name of names) {
    const { suite } = await SUITES[name]!();
    const { summary } = suite;
    try {
      const report = await suite.run(settings);
      progress("");
      for (const table of report.tables) console.log(plainTable(table));
      found.push({ summary, report, failed: false });
    } catch (error) {
      progress("");
      console.error(`Suite "${name}" failed:`, error);
      found.push({ summary, report: failure(error), failed: true });
    }
    await save(found);
  }
  return found;
}

function failure(error: unknown): Report {
  const goals: readonly Goal[] = [];
  return { tables: [{ title: "Failed", columns: ["reason"], rows: [[String(error)]] }], goals };
}

/** One line on a terminal, which the next overwrites. */
function progress(text: string): void {
  if (Deno.stderr.isTerminal()) Deno.stderr.writeSync(new TextEncoder().encode(`\r\x1b[K${text}`));
}

if (import.meta.main) Deno.exit(await main(Deno.args));
