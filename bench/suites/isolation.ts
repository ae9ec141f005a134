import type { Contender } from "../harness/contender.ts";
import { cpuPerMessage, flood, FLOOD_COLUMNS, floodRow, throughput } from "../harness/flood.ts";
import { type HttpOutcome, loadHttp, requestRate } from "../harness/http_load.ts";
import { figure, type Goal, spreadFigure, type Table } from "../harness/report.ts";
import { interleave } from "../harness/rounds.ts";
import { denoCommand, runProcess } from "../harness/run_process.ts";
import { median, ratioOf, spreadOf } from "../harness/statistics.ts";
import type { Settings, Suite } from "../harness/suite.ts";

/** Crashes in a row in one measurement of the time to be ready again. */
const CRASHES = 10;

function hosted(kind: "echo" | "http" | "cpu", isolate: "inline" | "process", replicas = 1): Contender {
  const name = isolate === "inline" ? "inline" : replicas === 1 ? "process" : `process, ${replicas} replicas`;
  return { name, command: denoCommand("contenders/isolated.ts", kind, isolate, replicas) };
}

interface Part {
  readonly tables: readonly Table[];
  readonly goals: readonly Goal[];
}

/** Services in processes of their own beside the same on the runner's reactor. */
export const suite: Suite = {
  summary: "Isolation: throughput in a process of its own, replicas, crash to ready again",
  async run(settings) {
    const parts = [
      await echo(settings),
      await http(settings),
      await replicas(settings),
      await recovery(settings),
    ];
    return { tables: parts.flatMap(({ tables }) => tables), goals: parts.flatMap(({ goals }) => goals) };
  },
};

async function echo({ rounds, seconds, progress }: Settings): Promise<Part> {
  const [inline, process] = [hosted("echo", "inline"), hosted("echo", "process")];
  const outcomes = await interleave([inline, process], rounds, (contender, round) => {
    progress(`isolated echo: ${contender.name}, round ${round + 1}`);
    return flood(contender, { connections: 100, size: 64, seconds });
  });
  const [base, own] = [outcomes.get(inline)!, outcomes.get(process)!];
  return {
    tables: [{
      title: "TCP echo in a process of its own, 64 B, 100 connections",
      columns: FLOOD_COLUMNS.map((column) => column.replace("raw", "inline")),
      rows: [floodRow(inline.name, base, base), floodRow(process.name, own, base)],
    }],
    goals: [{
      measure: "isolated echo: throughput, process / inline",
      value: ratioOf(own.map(throughput), base.map(throughput)).median,
      unit: "x",
      target: { atLeast: 0.98 },
    }, {
      measure: "isolated echo: CPU per message, process / inline",
      value: ratioOf(own.map(cpuPerMessage), base.map(cpuPerMessage)).median,
      unit: "x",
      target: { atMost: 1.05 },
    }],
  };
}

async function http(settings: Settings): Promise<Part> {
  const [inline, process] = [hosted("http", "inline"), hosted("http", "process")];
  const rates = await ratesOf([inline, process], settings, 64, "isolated http");
  return {
    tables: [rateTable("HTTP in a process of its own, 64 connections", rates)],
    goals: [{
      measure: "isolated http: requests per second, process / inline",
      value: ratioOf(rates.get(process)!, rates.get(inline)!).median,
      unit: "x",
      target: { atLeast: 0.98 },
    }],
  };
}

async function replicas(settings: Settings): Promise<Part> {
  const [one, two] = [hosted("cpu", "process", 1), hosted("cpu", "process", 2)];
  const rates = await ratesOf([one, two], settings, 16, "replicas");
  return {
    tables: [rateTable("A handler that computes, 16 connections", rates)],
    goals: [{
      measure: "replicas: requests per second, 2 / 1, where two cores are free",
      value: ratioOf(rates.get(two)!, rates.get(one)!).median,
      unit: "x",
      target: { atLeast: 1.7 },
    }],
  };
}

type Rates = ReadonlyMap<Contender, readonly number[]>;

async function ratesOf(
  contenders: readonly Contender[],
  { rounds, seconds, progress }: Settings,
  connections: number,
  what: string,
): Promise<Rates> {
  const outcomes: ReadonlyMap<Contender, readonly HttpOutcome[]> = await interleave(
    contenders,
    rounds,
    (contender, round) => {
      progress(`${what}: ${contender.name}, round ${round + 1}`);
      return loadHttp(contender, { connections }, Math.max(1, Math.round(seconds)));
    },
  );
  return new Map([...outcomes].map(([contender, each]) => [contender, each.map(requestRate)]));
}

function rateTable(title: string, rates: Rates): Table {
  const [base] = rates.values();
  return {
    title,
    columns: ["", "requests/s", "ratio"],
    rows: [...rates].map(([{ name }, each]) => [
      name,
      spreadFigure(spreadOf(each)),
      figure(ratioOf(each, base!).median),
    ]),
  };
}

async function recovery({ progress }: Settings): Promise<Part> {
  const rows: string[][] = [];
  const goals: Goal[] = [];
  for (const [isolate, atMost] of [["inline", 5], ["process", 150]] as const) {
    progress(`crash to ready again: ${isolate}`);
    const command = denoCommand("contenders/isolated.ts", "http", isolate, 1, CRASHES);
    const times: number[] = JSON.parse(await runProcess(command, 60_000));
    rows.push([isolate, spreadFigure(spreadOf(times))]);
    goals.push({
      measure: `crash to ready again, ${isolate}, without backoff`,
      value: median(times),
      unit: " ms",
      target: { atMost },
    });
  }
  return {
    tables: [{
      title: "From a crash (a failure; kill -9) until ready again",
      columns: ["", "ms"],
      rows,
    }],
    goals,
  };
}
