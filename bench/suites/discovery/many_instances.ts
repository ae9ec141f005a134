import { figure, type Report } from "../../harness/report.ts";
import { denoCommand, runProcess } from "../../harness/run_process.ts";
import { median } from "../../harness/statistics.ts";
import type { Settings } from "../../harness/suite.ts";

const INSTANCES = 10_000;
const SERVICES = 100;
const FIGURES = {
  register: "to register them, ms",
  watch: "until a watch has told of all, ms",
  memory: "heap for each, KiB",
  resolve: "resolve one of 100 services, us",
  resolveInOne: "resolve a service that has them all, us",
} as const;

type Outcome = Readonly<Record<keyof typeof FIGURES, number>>;

/** What a registry with 10,000 instances costs. */
export async function manyInstances({ rounds, progress }: Settings): Promise<Report> {
  const outcomes: Outcome[] = [];
  for (let round = 0; round < rounds; round++) {
    progress(`discovery: ${INSTANCES} instances, round ${round + 1}`);
    const command = denoCommand("contenders/discovery/many_instances.ts", INSTANCES, SERVICES);
    outcomes.push(JSON.parse(await runProcess(command, 60_000)) as Outcome);
  }
  const of = (key: keyof typeof FIGURES): number => median(outcomes.map((each) => each[key]));
  return {
    tables: [{
      title: `${INSTANCES.toLocaleString("en")} instances in a registry`,
      columns: ["", "Heddle"],
      rows: Object.entries(FIGURES).map(([key, title]) => [title, figure(of(key as keyof typeof FIGURES))]),
      notes: ["One in a hundred that are resolved is reported to have failed."],
    }],
    goals: [{
      measure: "resolve among 10,000 instances",
      value: Math.max(of("resolve"), of("resolveInOne")),
      unit: " us",
      target: { atMost: 5 },
    }],
  };
}
