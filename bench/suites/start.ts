import { type Contender, missingRow, presentContenders } from "../harness/contender.ts";
import { figure, spreadFigure, type Table } from "../harness/report.ts";
import { interleave } from "../harness/rounds.ts";
import { benchFile, denoCommand, runProcess } from "../harness/run_process.ts";
import { median, ratioOf, spreadOf } from "../harness/statistics.ts";
import type { Suite } from "../harness/suite.ts";
import { type Starter, timeToLine } from "../harness/time_to_line.ts";

const RAW: Starter & Contender = {
  name: "ten listeners by hand",
  command: denoCommand("contenders/ten_listeners.ts"),
  mark: "ready",
};
const HEDDLE: Starter & Contender = {
  name: "heddle serve",
  command: denoCommand(
    "../runner/cli/main.ts",
    "serve",
    benchFile("contenders/ten_services.yaml"),
  ),
  mark: "Application ready",
};
/** Debian's, so that it does not depend on which Python comes first. */
const TWISTD_PROGRAM = "/usr/bin/twistd3";
const TWISTD: Starter & Contender = {
  name: "twistd",
  command: [TWISTD_PROGRAM, "-n", "--pidfile=", "-y", benchFile("contenders/ten_listeners.tac")],
  probe: [TWISTD_PROGRAM, "--version"],
  install: "apt-get install python3-twisted",
  mark: "] ready",
};

async function breakdown(rounds: number): Promise<Table> {
  const all: Record<string, number>[] = [];
  for (let round = 0; round < rounds; round++) {
    all.push(JSON.parse(await runProcess(denoCommand("contenders/start_parts.ts"), 20_000)));
  }
  const names = Object.keys(all[0] ?? {});
  return {
    title: "Where that time goes, ms",
    columns: ["step", "time"],
    rows: names.map((name) => [name, figure(median(all.map((parts) => parts[name]!)))]),
    notes: ["Measured inside the process, from its begin; the execution itself comes on top."],
  };
}

/** From the execution of `serve` with ten services until all are ready. */
export const suite: Suite = {
  summary: "Start",
  async run({ rounds, progress }) {
    const { present, missing } = await presentContenders([RAW, HEDDLE, TWISTD]);
    const outcomes = await interleave(present, rounds, (contender, round) => {
      progress(`start: ${contender.name}, round ${round + 1}`);
      return timeToLine(contender);
    });
    const times = outcomes.get(HEDDLE)!;
    const twistd = outcomes.get(TWISTD);
    return {
      tables: [{
        title: "Ten services, from execution to all ready",
        columns: ["", "ms"],
        rows: [
          ...present.map((contender) => [contender.name, spreadFigure(spreadOf(outcomes.get(contender)!))]),
          ...missing.map((contender) => missingRow(contender, 2)),
        ],
      }, await breakdown(rounds)],
      goals: [{
        measure: "start of ten services: Heddle / by hand",
        value: ratioOf(times, outcomes.get(RAW)!).median,
        unit: "x",
        target: { atMost: 3 },
      }, {
        measure: "start of ten services: Heddle / twistd",
        value: twistd === undefined ? null : ratioOf(times, twistd).median,
        unit: twistd === undefined ? "twistd is not installed" : "x",
        target: { atMost: 1 },
      }],
    };
  },
};
