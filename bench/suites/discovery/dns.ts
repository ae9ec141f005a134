import { type Contender, missingRow, presentContenders, startContender } from "../../harness/contender.ts";
import { cpuSeconds } from "../../harness/process_usage.ts";
import { figure, type Report, spreadFigure } from "../../harness/report.ts";
import { interleave } from "../../harness/rounds.ts";
import { benchFile, denoCommand, runProcess } from "../../harness/run_process.ts";
import { ratioOf, spreadOf } from "../../harness/statistics.ts";
import type { Settings } from "../../harness/suite.ts";

const SERVICES = 1_000;
const CLIENTS = 20;
const PYTHON = "/usr/bin/python3";

const heddle: Contender = { name: "Heddle", command: denoCommand("contenders/dns/heddle.ts", SERVICES) };
const twisted: Contender = {
  name: "twisted.names",
  command: [PYTHON, benchFile("contenders/dns/twisted_names.py"), String(SERVICES)],
  probe: [PYTHON, "-c", "import twisted.names"],
  install: "apt-get install python3-twisted",
};
const dnsmasq: Contender = {
  name: "dnsmasq (C)",
  command: denoCommand("contenders/dns/dnsmasq.ts", SERVICES),
  probe: ["dnsmasq", "--version"],
  install: "apt-get install dnsmasq-base",
};
const knot: Contender = {
  name: "knot (C, one worker)",
  command: denoCommand("contenders/dns/knot.ts", SERVICES),
  probe: ["knotd", "--version"],
  install: "apt-get install knot",
};

interface Outcome {
  readonly perSecond: number;
  readonly cpuPerQuery: number;
}

/** SRV questions about a thousand services, by UDP and TCP, from dnsperf. */
export async function dnsReport({ rounds, seconds, progress }: Settings): Promise<Report> {
  const { present, missing } = await presentContenders([heddle, twisted, dnsmasq, knot]);
  const questions = await Deno.makeTempFile({ prefix: "heddle-bench-dns-" });
  try {
    await Deno.writeTextFile(
      questions,
      Array.from({ length: SERVICES }, (_, i) => `s${(i * 7) % SERVICES}.bench.test SRV\n`).join(""),
    );
    const report: { tables: Report["tables"][number][]; goals: Report["goals"][number][] } = {
      tables: [],
      goals: [],
    };
    for (const [carrier, target] of [["udp", 3], ["tcp", 1.6]] as const) {
      const outcomes = await interleave(present, rounds, (contender, round) => {
        progress(`DNS over ${carrier}: ${contender.name}, round ${round + 1}`);
        return ask(contender, carrier, questions, seconds);
      });
      const base = outcomes.get(heddle)!;
      const columns = ["server", "queries/s", "ratio to Heddle", "CPU per query, us"];
      report.tables.push({
        title: `DNS over ${carrier.toUpperCase()}: SRV of ${figure(SERVICES)} services, ${CLIENTS} clients`,
        columns,
        rows: [
          ...present.map((contender) => {
            const own = outcomes.get(contender)!;
            return [
              contender.name,
              spreadFigure(spreadOf(own.map(({ perSecond }) => perSecond))),
              figure(
                ratioOf(own.map(({ perSecond }) => perSecond), base.map(({ perSecond }) => perSecond)).median,
              ),
              spreadFigure(spreadOf(own.map(({ cpuPerQuery }) => 1e6 * cpuPerQuery))),
            ];
          }),
          ...missing.map((contender) => missingRow(contender, columns.length)),
        ],
      });
      const theirs = outcomes.get(twisted);
      report.goals.push({
        measure: `DNS over ${carrier.toUpperCase()}: queries/s, Heddle / twisted.names`,
        value: theirs === undefined
          ? null
          : ratioOf(base.map(({ perSecond }) => perSecond), theirs.map(({ perSecond }) => perSecond)).median,
        unit: theirs === undefined ? "twisted.names is not installed" : "x",
        target: { atLeast: target },
      });
    }
    return report;
  } finally {
    await Deno.remove(questions);
  }
}

async function ask(
  contender: Contender,
  carrier: string,
  questions: string,
  seconds: number,
): Promise<Outcome> {
  await using running = await startContender(contender);
  const dnsperf = (length: number): Promise<string> =>
    runProcess([
      ...["dnsperf", "-m", carrier, "-s", "127.0.0.1", "-p", String(running.port), "-d", questions],
      ...["-c", String(CLIENTS), "-l", String(length)],
    ], 60_000);
  await dnsperf(1);
  const before = cpuSeconds(running.pid);
  const said = await dnsperf(seconds);
  const cpu = cpuSeconds(running.pid) - before;
  const completed = Number(/Queries completed:\s+(\d+)/.exec(said)?.[1]);
  const perSecond = Number(/Queries per second:\s+([\d.]+)/.exec(said)?.[1]);
  return { perSecond, cpuPerQuery: cpu / completed };
}
