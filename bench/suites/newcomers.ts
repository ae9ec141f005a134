import { type Contender, missingRow, presentContenders, startContender } from "../harness/contender.ts";
import { ECHO_SERVERS } from "../harness/echo_servers.ts";
import { type Goal, spreadFigure, type Table } from "../harness/report.ts";
import { interleave } from "../harness/rounds.ts";
import { denoCommand, runProcess } from "../harness/run_process.ts";
import { median, ratioOf, spreadOf } from "../harness/statistics.ts";
import type { Suite } from "../harness/suite.ts";
import { type NewcomersOutcome, PATIENCE } from "../load/newcomers.ts";

const { raw, keep, lend, twisted, node } = ECHO_SERVERS;

const FLOODING = 1_000;
const NEWCOMERS = 100;
/** How often newcomers arrive in one round; the median counts. */
const TIMES = 3;
const COLUMNS = ["server", "until all are served, ms", "flood meanwhile, MB/s"];

/** Bytes per message of the flood. */
const FLOODS = [64, 1024] as const;
/** How long newcomers may wait, times Twisted's. */
const MOST = 3;

/** New connections beside clients that send on and on, without waiting for what comes back. */
export const suite: Suite = {
  summary: "Newcomers beside a flood",
  async run({ rounds, progress }) {
    const { present, missing } = await presentContenders([raw, keep, lend, twisted, node]);
    const tables: Table[] = [];
    const goals: Goal[] = [];
    for (const size of FLOODS) {
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
        notes: [
          `${PATIENCE.toLocaleString("en")} ms: not all were served by then, and nobody waited longer.`,
        ],
      });
      const there = outcomes.has(twisted);
      goals.push({
        measure: `${NEWCOMERS} newcomers beside a flood of ${size} B: time, ${keep.name} / Twisted`,
        value: there ? ratioOf(waits(keep), waits(twisted)).median : null,
        unit: there ? "x" : "Twisted is not installed",
        target: { atMost: MOST },
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
