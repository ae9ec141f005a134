import { type Contender, missingRow, presentContenders, startContender } from "../harness/contender.ts";
import { ECHO_SERVERS } from "../harness/echo_servers.ts";
import { figure, type Goal, type Report, spreadFigure, type Table } from "../harness/report.ts";
import { interleave } from "../harness/rounds.ts";
import { denoCommand, runProcess } from "../harness/run_process.ts";
import { ratioOf, spreadOf } from "../harness/statistics.ts";
import type { Settings, Suite } from "../harness/suite.ts";
import type { FloodOutcome } from "../load/flood.ts";

const { raw: RAW, copying: COPYING, keep: KEEP, lend: LEND, twisted: TWISTED, node: NODE } = ECHO_SERVERS;

/** A server has compiled what is hot after so long, ms. */
const WARM_UP = 1_000;

/** One kind of traffic, and the CPU per message that Heddle may cost, as a multiple of the raw loop's. */
interface Load {
  readonly name: string;
  readonly connections: number;
  readonly size: number;
  readonly most: { readonly keep: number; readonly lend: number };
  /** Throughput of Heddle at least, as a multiple of Twisted's. */
  readonly overTwisted?: number;
}

const LOADS: readonly Load[] = [
  {
    name: "64 B, 100 connections",
    connections: 100,
    size: 64,
    most: { keep: 1.1, lend: 1.05 },
    overTwisted: 1.7,
  },
  { name: "64 B, 1,000 connections", connections: 1_000, size: 64, most: { keep: 1.1, lend: 1.05 } },
  { name: "4 KiB, 50 connections", connections: 50, size: 4 << 10, most: { keep: 1.3, lend: 1.05 } },
  { name: "64 KiB, 10 connections", connections: 10, size: 64 << 10, most: { keep: 1.6, lend: 1.05 } },
];

const COLUMNS = ["server", "CPU, us per message", "ratio to raw", "messages/s", "generator, CPU"];

/** TCP echo beside a hand-written loop, Twisted and Node. */
export const suite: Suite = {
  summary: "TCP echo: CPU per message and throughput",
  async run(settings) {
    const { present, missing } = await presentContenders([RAW, COPYING, KEEP, LEND, TWISTED, NODE]);
    const tables: Table[] = [];
    const goals: Goal[] = [];
    for (const load of LOADS) {
      const outcomes = await interleave(present, settings.rounds, (contender, round) => {
        settings.progress(`echo ${load.name}: ${contender.name}, round ${round + 1}`);
        return flood(contender, load, settings);
      });
      tables.push(tableOf(load, outcomes, missing));
      goals.push(...goalsOf(load, outcomes));
    }
    return { tables, goals } satisfies Report;
  },
};

type Outcomes = ReadonlyMap<Contender, readonly FloodOutcome[]>;

async function flood(contender: Contender, load: Load, { seconds }: Settings): Promise<FloodOutcome> {
  await using server = await startContender(contender);
  const { connections, size } = load;
  const window = seconds * 1000;
  const command = denoCommand("load/flood.ts", server.pid, server.port, connections, size, WARM_UP, window);
  return JSON.parse(await runProcess(command, WARM_UP + window + 20_000));
}

function tableOf(load: Load, outcomes: Outcomes, missing: readonly Contender[]): Table {
  const raw = outcomes.get(RAW)!.map(cpuPerMessage);
  const rows = [...outcomes].map(([{ name }, found]) => {
    const cpu = found.map(cpuPerMessage);
    return [
      name,
      spreadFigure(spreadOf(cpu)),
      spreadFigure(ratioOf(cpu, raw)),
      spreadFigure(spreadOf(found.map(throughput))),
      `${figure(100 * spreadOf(found.map(({ ownCpu, seconds }) => ownCpu / seconds)).median)} %`,
    ];
  });
  return {
    title: `TCP echo, ${load.name}`,
    columns: COLUMNS,
    rows: [...rows, ...missing.map((contender) => missingRow(contender, COLUMNS.length))],
  };
}

function goalsOf(load: Load, outcomes: Outcomes): Goal[] {
  const against = (ours: Contender, theirs: Contender, of: (outcome: FloodOutcome) => number) =>
    ratioOf(outcomes.get(ours)!.map(of), outcomes.get(theirs)!.map(of)).median;
  const goals: Goal[] = [KEEP, LEND].map((contender) => ({
    measure: `TCP echo ${load.name}: CPU per message, ${contender.name} / raw`,
    value: against(contender, RAW, cpuPerMessage),
    unit: "x",
    target: { atMost: contender === KEEP ? load.most.keep : load.most.lend },
  }));
  if (load.overTwisted !== undefined) {
    const there = outcomes.has(TWISTED);
    goals.push({
      measure: `TCP echo ${load.name}: throughput, ${KEEP.name} / Twisted`,
      value: there ? against(KEEP, TWISTED, throughput) : null,
      unit: there ? "x" : "Twisted is not installed",
      target: { atLeast: load.overTwisted },
    });
  }
  return goals;
}

function cpuPerMessage({ serverCpu, messages }: FloodOutcome): number {
  return serverCpu * 1e6 / messages;
}

function throughput({ messages, seconds }: FloodOutcome): number {
  return messages / seconds;
}
