import type { UnitState } from "../../services/supervision/unit_state.ts";
import type { ApplicationInfo, UnitInfo } from "../control/api.ts";
import { briefDuration, briefSize } from "./quantities.ts";
import type { Cell } from "./text_table.ts";

/** Paints text for a terminal by ANSI codes; not at all where that is not wanted. */
export type Painter = (code: number, text: string) => string;

/** A painter that paints or does not. */
export function painter(on: boolean): Painter {
  return on ? (code, text) => `\x1b[${code}m${text}\x1b[0m` : (_, text) => text;
}

const BOLD = 1;
const DIM = 2;
const COLOURS: Readonly<Record<UnitState, number>> = {
  ready: 32,
  finished: 32,
  starting: 33,
  waiting: 33,
  draining: 33,
  backoff: 31,
  failed: 31,
  stopped: DIM,
};

/** `demo: ready, up 3m4s, pid 1870, CPU 1.2 s, 80 MiB, loop lag 2 ms` */
export function applicationLine(application: ApplicationInfo, paint: Painter): string {
  const { name, ready, startedAt, now, pid, cpuSeconds, residentBytes, loopLag } = application;
  const facts = [
    ready ? "up" : "starting",
    briefDuration(now - startedAt),
    `pid ${pid}`,
    `CPU ${cpuSeconds.toFixed(1)}s`,
    briefSize(residentBytes),
    `loop lag ${briefDuration(loopLag)}`,
  ];
  return `${paint(BOLD, name)}  ${facts.slice(0, 2).join(" ")}, ${facts.slice(2).join(", ")}\n`;
}

/** The heads of {@linkcode unitCells}. */
export function unitHead(paint: Painter): Cell[] {
  const heads = ["SERVICE", "STATE", "FOR", "RESTARTS", "CONNECTIONS"];
  const dim = (text: string): string => paint(DIM, text);
  return [
    ...heads.map((text, i) => ({ text, paint: dim, right: i > 1 })),
    { text: "WHERE, OR WHY NOT", paint: dim },
  ];
}

/** A unit as a row: what it is called, how it does, and where it listens or why it does not. */
export function unitCells(unit: UnitInfo, now: number, paint: Painter): Cell[] {
  const { path, state, since, restarts, connections } = unit;
  return [
    { text: path },
    { text: state, paint: (text) => paint(COLOURS[state], text) },
    { text: briefDuration(now - since), right: true },
    { text: String(restarts), right: true },
    { text: connections === undefined ? "" : String(connections), right: true },
    { text: detailOf(unit, now) },
  ];
}

function detailOf(unit: UnitInfo, now: number): string {
  const { state, endpoints, nextAttemptAt, lastError, waitsFor } = unit;
  switch (state) {
    case "backoff": {
      const next = nextAttemptAt === undefined
        ? ""
        : `again in ${briefDuration(Math.max(0, nextAttemptAt - now))}: `;
      return `${next}${lastError ?? ""}`;
    }
    case "failed":
      return lastError ?? "";
    case "waiting":
      return waitsFor === undefined || waitsFor.length === 0 ? "" : `waits for ${waitsFor.join(", ")}`;
    default:
      return [...processesOf(unit), ...(endpoints ?? [])].join(" ");
  }
}

/** Of a service in processes of its own: which, or how many, and their memory. */
function processesOf({ pid, replicas, memory }: UnitInfo): string[] {
  if (pid === undefined) return [];
  const which = replicas === undefined || replicas.wanted === 1
    ? `pid ${pid}`
    : `${replicas.ready}/${replicas.wanted} ready`;
  return [which, ...(memory === undefined ? [] : [briefSize(memory)])];
}
