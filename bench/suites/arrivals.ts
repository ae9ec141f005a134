import { type Contender, missingRow, presentContenders, startContender } from "../harness/contender.ts";
import { ECHO_SERVERS } from "../harness/echo_servers.ts";
import { spreadFigure } from "../harness/report.ts";
import { interleave } from "../harness/rounds.ts";
import { denoCommand, runProcess } from "../harness/run_process.ts";
import { median, ratioOf, spreadOf } from "../harness/statistics.ts";
import type { Suite } from "../harness/suite.ts";

const FLOODING = 1_000;
const NEWCOMERS = 100;
/** Arrivals at one process; their median counts. */
const ARRIVALS = 5;
/** Times Twisted's. */
const MOST = 3;

/** How long newcomers wait at a server that is busy with others. */
export const suite: Suite = {
  summary: "Newcomers at a busy server",
  async run({ rounds, progress }) {
    const { raw, keep, lend, twisted, node } = ECHO_SERVERS;
    const { present, missing } = await presentContenders([raw, keep, lend, twisted, node]);
    const outcomes = await interleave(present, rounds, (contender, round) => {
      progress(`arrivals: ${contender.name}, round ${round + 1}`);
      return arrive(contender);
    });
    const columns = ["server", "all served after, ms"];
    const theirs = outcomes.get(twisted);
    return {
      tables: [{
        title: `${NEWCOMERS} connections arrive beside ${FLOODING.toLocaleString("en")} flooding ones`,
        columns,
        rows: [
          ...present.map((contender) => [contender.name, spreadFigure(spreadOf(outcomes.get(contender)!))]),
          ...missing.map((contender) => missingRow(contender, columns.length)),
        ],
        notes: ["Until each of them has had its first echo."],
      }],
      goals: [{
        measure: `${NEWCOMERS} newcomers beside ${FLOODING.toLocaleString("en")}: time, Heddle / Twisted`,
        value: theirs === undefined ? null : ratioOf(outcomes.get(keep)!, theirs).median,
        unit: theirs === undefined ? "Twisted is not installed" : "x",
        target: { atMost: MOST },
      }],
    };
  },
};

async function arrive(contender: Contender): Promise<number> {
  await using server = await startContender(contender);
  const command = denoCommand("load/arrive.ts", server.port, FLOODING, NEWCOMERS, ARRIVALS);
  return median(JSON.parse(await runProcess(command, 120_000)) as number[]);
}
