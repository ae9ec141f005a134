import { type Contender, missingRow, presentContenders } from "./contender.ts";
import { flood } from "./flood.ts";
import { cpuPerRequest, type HttpLoad, type HttpOutcome, loadHttp, requestRate } from "./http_load.ts";
import { figure, type Goal, type Report, spreadFigure } from "./report.ts";
import { interleave } from "./rounds.ts";
import { ratioOf, spreadOf } from "./statistics.ts";
import type { Settings } from "./suite.ts";

/** What one of ours is to reach beside another server. */
export interface HttpGoal {
  /** Default the first contender. */
  readonly of?: Contender;
  readonly against: Contender;
  /** Requests for the same CPU time, or in the same time. */
  readonly by: "CPU" | "rate";
  readonly atLeast: number;
}

/** One kind of traffic, the servers that bear it, ours first, and what is to come of it. */
export interface HttpComparison {
  readonly title: string;
  readonly contenders: readonly Contender[];
  /** What `wrk` asks for, or a flood by clients that never sleep. */
  readonly load: HttpLoad | SteadyLoad;
  readonly goals: readonly HttpGoal[];
  readonly notes?: readonly string[];
}

/** Requests, or WebSocket messages of a size, by clients that never sleep: none costs the server a wake-up. */
export interface SteadyLoad {
  readonly kind: "request" | "websocket";
  readonly connections: number;
  readonly size: number;
}

const COLUMNS = ["server", "CPU, us each", "for the same CPU", "each second", "in the same time"];

/**
 * Compare. Ratios are of requests, against the second contender: higher is better. There are many comparisons, so
 * that a measurement lasts a third of what the settings say, in whole seconds.
 */
export async function compareHttp(comparison: HttpComparison, settings: Settings): Promise<Report> {
  const { title, contenders, load, notes = [] } = comparison;
  const { present, missing } = await presentContenders(contenders);
  const seconds = Math.max(1, Math.round(settings.seconds / 3));
  const outcomes = await interleave(present, settings.rounds, (contender, round) => {
    settings.progress(`${title}: ${contender.name}, round ${round + 1}`);
    return "kind" in load ? floodSteadily(contender, load, seconds) : loadHttp(contender, load, seconds);
  });
  const base = outcomes.get(contenders[1]!) ?? [];
  const rows = present.map((contender) => {
    const own = outcomes.get(contender)!;
    return [
      contender.name,
      spreadFigure(spreadOf(own.map(cpuPerRequest))),
      figure(ratioBy("CPU", own, base)),
      spreadFigure(spreadOf(own.map(requestRate))),
      figure(ratioBy("rate", own, base)),
    ];
  });
  return {
    tables: [{
      title,
      columns: COLUMNS,
      rows: [...rows, ...missing.map((contender) => missingRow(contender, COLUMNS.length))],
      notes,
    }],
    goals: comparison.goals.map((goal) => measuredGoal(comparison, goal, outcomes)),
  };
}

async function floodSteadily(contender: Contender, load: SteadyLoad, seconds: number): Promise<HttpOutcome> {
  const { messages, seconds: taken, serverCpu } = await flood(contender, { ...load, seconds });
  return { requests: messages, seconds: taken, serverCpu };
}

function measuredGoal(
  { title, contenders }: HttpComparison,
  { of = contenders[0]!, against, by, atLeast }: HttpGoal,
  outcomes: ReadonlyMap<Contender, readonly HttpOutcome[]>,
): Goal {
  const measure = `${title}: ${by}, ${of.name} / ${against.name}`;
  const [own, theirs] = [outcomes.get(of), outcomes.get(against)];
  const target = { atLeast };
  if (own === undefined || theirs === undefined) {
    const absent = own === undefined ? of : against;
    return { measure, value: null, unit: `not installed: ${absent.install ?? absent.name}`, target };
  }
  return { measure, value: ratioBy(by, own, theirs), unit: "x", target };
}

function ratioBy(
  by: HttpGoal["by"],
  own: readonly HttpOutcome[],
  theirs: readonly HttpOutcome[],
): number {
  if (by === "rate") return ratioOf(own.map(requestRate), theirs.map(requestRate)).median;
  return ratioOf(theirs.map(cpuPerRequest), own.map(cpuPerRequest)).median;
}
