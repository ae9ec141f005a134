import { missingRow, presentContenders } from "../harness/contender.ts";
import { ECHO_SERVERS } from "../harness/echo_servers.ts";
import { cpuPerMessage, flood, FLOOD_COLUMNS, floodRow, type Floods, throughput } from "../harness/flood.ts";
import type { Goal, Table } from "../harness/report.ts";
import { interleave } from "../harness/rounds.ts";
import { ratioOf } from "../harness/statistics.ts";
import type { Suite } from "../harness/suite.ts";

const { raw, copying, keep, lend, twisted, node } = ECHO_SERVERS;

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

/** TCP echo beside a hand-written loop, Twisted and Node. */
export const suite: Suite = {
  summary: "TCP echo: CPU per message and throughput",
  async run({ rounds, seconds, progress }) {
    const { present, missing } = await presentContenders([raw, copying, keep, lend, twisted, node]);
    const tables: Table[] = [];
    const goals: Goal[] = [];
    for (const load of LOADS) {
      const outcomes = await interleave(present, rounds, (contender, round) => {
        progress(`echo ${load.name}: ${contender.name}, round ${round + 1}`);
        return flood(contender, { ...load, seconds });
      });
      tables.push({
        title: `TCP echo, ${load.name}`,
        columns: FLOOD_COLUMNS,
        rows: [
          ...present.map((contender) =>
            floodRow(contender.name, outcomes.get(contender)!, outcomes.get(raw)!)
          ),
          ...missing.map((contender) => missingRow(contender, FLOOD_COLUMNS.length)),
        ],
      });
      goals.push(...cpuGoals(load, outcomes), ...throughputGoals(load, outcomes));
    }
    return { tables, goals };
  },
};

function cpuGoals({ name, most }: Load, outcomes: Floods): Goal[] {
  const base = outcomes.get(raw)!.map(cpuPerMessage);
  return ([[keep, most.keep], [lend, most.lend]] as const).map(([contender, atMost]) => ({
    measure: `TCP echo ${name}: CPU per message, ${contender.name} / raw`,
    value: ratioOf(outcomes.get(contender)!.map(cpuPerMessage), base).median,
    unit: "x",
    target: { atMost },
  }));
}

function throughputGoals({ name, overTwisted }: Load, outcomes: Floods): Goal[] {
  if (overTwisted === undefined) return [];
  const theirs = outcomes.get(twisted)?.map(throughput);
  return [{
    measure: `TCP echo ${name}: throughput, ${keep.name} / Twisted`,
    value: theirs === undefined ? null : ratioOf(outcomes.get(keep)!.map(throughput), theirs).median,
    unit: theirs === undefined ? "Twisted is not installed" : "x",
    target: { atLeast: overTwisted },
  }];
}
