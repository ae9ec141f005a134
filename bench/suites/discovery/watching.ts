import { figure, type Report, spreadFigure } from "../../harness/report.ts";
import { interleave } from "../../harness/rounds.ts";
import { denoCommand, runProcess } from "../../harness/run_process.ts";
import { ratioOf, spreadOf } from "../../harness/statistics.ts";
import type { Settings } from "../../harness/suite.ts";

const CONTENDERS = [
  { name: "a bare watch with fetch", argument: "fetch" },
  { name: "Heddle's registry", argument: "heddle" },
] as const;

interface Outcome {
  readonly median: number;
  readonly late: number;
}

/** A change in etcd, until a watcher hears of it. */
export async function watching(url: string, { rounds, seconds, progress }: Settings): Promise<Report> {
  const changes = Math.max(50, Math.round(300 * seconds));
  const outcomes = await interleave(CONTENDERS, rounds, async ({ name, argument }, round) => {
    progress(`discovery: ${name}, round ${round + 1}`);
    const command = denoCommand("contenders/discovery/watchers.ts", argument, url, changes);
    return JSON.parse(await runProcess(command, 120_000)) as Outcome;
  });
  const [bare, ours] = CONTENDERS.map((contender) => outcomes.get(contender)!) as [Outcome[], Outcome[]];
  const medians = (of: readonly Outcome[]): number[] => of.map(({ median }) => median);
  const ratio = ratioOf(medians(ours), medians(bare));
  return {
    tables: [{
      title: `A change in etcd until a watcher hears of it, ms, ${changes} changes`,
      columns: ["", "p50", "p99"],
      rows: CONTENDERS.map((contender) => {
        const of = outcomes.get(contender)!;
        return [
          contender.name,
          spreadFigure(spreadOf(medians(of))),
          figure(spreadOf(of.map(({ late }) => late)).median),
        ];
      }),
      notes: [`Ratio of the medians: ${spreadFigure(ratio)}.`],
    }],
    goals: [{
      measure: "change in etcd to watcher, p50, against a bare watch with fetch",
      value: ratio.median,
      unit: "x",
      target: { atMost: 1.3 },
    }],
  };
}
