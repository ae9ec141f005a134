import { figure } from "../harness/report.ts";
import { interleave } from "../harness/rounds.ts";
import { denoCommand, runProcess } from "../harness/run_process.ts";
import { spreadOf } from "../harness/statistics.ts";
import type { Suite } from "../harness/suite.ts";

const CONTENDERS = [
  { name: "raw setTimeout", command: denoCommand("contenders/timers.ts", "raw") },
  { name: "Heddle callLater", command: denoCommand("contenders/timers.ts", "heddle") },
] as const;

const STEPS = ["arrange", "cancel", "run"] as const;

type Outcome = Readonly<Record<(typeof STEPS)[number], number>>;

/** 100,000 delayed calls, half of them cancelled, beside the runtime's own timers. */
export const suite: Suite = {
  summary: "Timers",
  async run({ rounds, progress }) {
    const outcomes = await interleave(CONTENDERS, rounds, async ({ name, command }, round) => {
      progress(`timers: ${name}, round ${round + 1}`);
      return JSON.parse(await runProcess(command, 60_000)) as Outcome;
    });
    return {
      tables: [{
        title: "100,000 calls, of which 50,000 are cancelled and 50,000 run, ms",
        columns: ["", ...STEPS],
        rows: CONTENDERS.map((contender) => [
          contender.name,
          ...STEPS.map((step) => figure(spreadOf(outcomes.get(contender)!.map((each) => each[step])).median)),
        ]),
      }],
      goals: [],
    };
  },
};
