import { type Contender, missingRow, presentContenders, startContender } from "../harness/contender.ts";
import { ECHO_SERVERS } from "../harness/echo_servers.ts";
import { type Goal, spreadFigure, type Table } from "../harness/report.ts";
import { interleave } from "../harness/rounds.ts";
import { denoCommand, runProcess } from "../harness/run_process.ts";
import { median, ratioOf, spreadOf } from "../harness/statistics.ts";
import type { Suite } from "../harness/suite.ts";
import type { NewcomersOutcome } from "../load/newcomers.ts";

const { raw, keep, lend, twisted, node } = ECHO_SERVERS;

const FLOODING = 1_000;
const NEWCOMERS = 100;
/** How often newcomers arrive in one round; the median counts. */
const TIMES = 5;
const COLUMNS = ["server", "until all are served, ms", "flood meanwhile, MB/s"];

/** What floods, bytes per message, and how long newcomers may wait beside it, times Twisted's. */
const FLOODS: readonly { readonly size: number; readonly most?: number }[] = [{ size: 64, most: 3 }, {
  size: 1024,
}];

/** New connections beside clients that send on and on, without waiting for what comes back. */
export const suite: Suite = {
  summary: "Newcomers beside a flood",
  async run({ rounds, progress }) {
    const { present, missing } = await presentContenders([raw, keep, lend, twisted, node]);
    const tables: Table[] = [];
    const goals: Goal[] = [];
    for (const { size, most } of FLOODS) {
      const outcomes = await interleave(present, rounds, (contender, round) => {
        progress(`newcomers beside ${size} B: ${contender.name}, round ${round + 1}`);
        return welcome(contender, size);
      });
      const waits = (contender: Contender): number[] =>
        outcomes.get(contender)!.map(({ times }) => median(times));
      const floods = (contender: Contender): number[] =>
        outcomes.get(contender)!.map(({ flood }) => flood / 1e6);
      tables.push({
        title: `${NEWCOMERS} connects at once beside ${
          FLOODING.toLocaleString("en")
        } connections flooding ${size} B`,
        columns: COLUMNS,
        rows: [
          ...present.map((contender) => [
            contender.name,
            spreadFigure(spreadOf(waits(contender))),
            spreadFigure(spreadOf(floods(contender))),
          ]),
          ...missing.map((contender) => missingRow(contender, COLUMNS.length)),
        ],
      });
      if (most === undefined) continue;
      const there = outcomes.has(twisted);
      goals.push({
        measure: `${NEWCOMERS} newcomers beside a flood of ${size} B: time, ${keep.name} / Twisted`,
        value: there ? ratioOf(waits(keep), waits(twisted)).median : null,
        unit: there ? "x" : "Twisted is not installed",
        target: { atMost: most },
      });
    }
    return { tables, goals };
  },
};

async function welcome(contender: Contender, size: number): Promise<NewcomersOutcome> {
  await using server = await startContender(contender);
  const command = denoCommand("load/newcomers.ts", server.port, FLOODING, size, NEWCOMERS, TIMES);
  return JSON.parse(await runProcess(command, 120_000));
}
