import { figure } from "../harness/report.ts";
import { interleave } from "../harness/rounds.ts";
import { denoCommand, runProcess } from "../harness/run_process.ts";
import { median } from "../harness/statistics.ts";
import type { Suite } from "../harness/suite.ts";

const SIZES = [1_000, 10_000] as const;
const STEPS = ["start", "crash", "stop", "memory"] as const;

type Outcome = Readonly<Record<(typeof STEPS)[number], number>>;

/** A tree of services in groups of a hundred: start, one crash, stop. */
export const suite: Suite = {
  summary: "Supervision",
  async run({ rounds, progress }) {
    const outcomes = await interleave(SIZES, rounds, async (size, round) => {
      progress(`tree: ${size} services, round ${round + 1}`);
      return JSON.parse(await runProcess(denoCommand("contenders/tree.ts", size), 120_000)) as Outcome;
    });
    const of = (size: (typeof SIZES)[number], step: (typeof STEPS)[number]): number =>
      median(outcomes.get(size)!.map((each) => each[step]));
    return {
      tables: [{
        title: "A tree of services that do nothing, in groups of 100",
        columns: ["services", "start, ms", "crash to ready, ms", "stop, ms", "KiB per service"],
        rows: SIZES.map((size) => [
          size.toLocaleString("en"),
          ...STEPS.map((step) => figure(of(size, step))),
        ]),
        notes: ["The wait of the backoff is taken off the crash."],
      }],
      goals: [{
        measure: "10,000 services: time to start per service, against 1,000 (linear is 1)",
        value: of(10_000, "start") / 10 / of(1_000, "start"),
        unit: "x",
        target: { atMost: 2 },
      }],
    };
  },
};
