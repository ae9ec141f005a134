import { type Contender, missingRow, presentContenders, startContender } from "../harness/contender.ts";
import { nodeContender, twistedContender } from "../harness/peers.ts";
import { spreadFigure } from "../harness/report.ts";
import { interleave } from "../harness/rounds.ts";
import { denoCommand, runProcess } from "../harness/run_process.ts";
import { median, ratioOf, spreadOf } from "../harness/statistics.ts";
import type { Suite } from "../harness/suite.ts";

const RAW: Contender = { name: "raw Deno loop", command: denoCommand("contenders/raw_echo.ts") };
const HEDDLE: Contender = {
  name: "Heddle, keeps",
  command: denoCommand("contenders/heddle_echo.ts", "keep"),
};
const TWISTED = twistedContender("contenders/twisted_echo.py", "tcp");
const NODE = nodeContender("contenders/node_echo.mjs");

const FLOODING = 1_000;
const NEWCOMERS = 100;
/** The flood comes to speed in this time, ms. */
const WARM_UP = 1_000;
/** How often newcomers arrive in one round. */
const TIMES = 5;
/** Longer than all of them take, ms; the flood is ended when they are done. */
const FLOOD = 20_000;

/** Milliseconds until 100 newcomers were served, the median of several times. */
async function welcome(contender: Contender): Promise<number> {
  await using server = await startContender(contender);
  const [program, ...args] = denoCommand(
    "load/flood.ts",
    server.pid,
    server.port,
    FLOODING,
    64,
    WARM_UP,
    FLOOD,
  );
  const flood = new Deno.Command(program!, { args, stdin: "null", stdout: "null", stderr: "null" }).spawn();
  try {
    await new Promise((resolve) => setTimeout(resolve, WARM_UP));
    const load = denoCommand("load/newcomers.ts", server.port, NEWCOMERS, TIMES);
    return median(JSON.parse(await runProcess(load, FLOOD)) as number[]);
  } finally {
    flood.kill("SIGKILL");
    await flood.status;
  }
}

/** New connections beside a flood of messages on others. */
export const suite: Suite = {
  summary: "Newcomers beside a flood",
  async run({ rounds, progress }) {
    const { present, missing } = await presentContenders([RAW, HEDDLE, TWISTED, NODE]);
    const outcomes = await interleave(present, rounds, (contender, round) => {
      progress(`newcomers: ${contender.name}, round ${round + 1}`);
      return welcome(contender);
    });
    const twisted = outcomes.get(TWISTED);
    return {
      tables: [{
        title: `${NEWCOMERS} connects arriving at once beside ${FLOODING} flooding connections`,
        columns: ["server", "until all are served, ms"],
        rows: [
          ...present.map((contender) => [contender.name, spreadFigure(spreadOf(outcomes.get(contender)!))]),
          ...missing.map((contender) => missingRow(contender, 2)),
        ],
      }],
      goals: [{
        measure: "100 newcomers beside a flood: time, Heddle / Twisted",
        value: twisted === undefined ? null : ratioOf(outcomes.get(HEDDLE)!, twisted).median,
        unit: twisted === undefined ? "Twisted is not installed" : "x",
        target: { atMost: 3 },
      }],
    };
  },
};
