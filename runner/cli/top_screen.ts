import type { StatusReply, UnitInfo } from "../control/api.ts";
import { briefSize } from "./quantities.ts";
import { type Cell, textTable } from "./text_table.ts";
import { applicationLine, type Painter, unitCells, unitHead } from "./unit_rows.ts";

/** What a screen of `heddle top` is made of. */
export interface TopView {
  /** How it was before; absent at the begin. Rates are measured between the two. */
  readonly before?: StatusReply;
  readonly now: StatusReply;
  /** Lines that there is room for. */
  readonly height: number;
  readonly paint: Painter;
}

/** The whole screen: the application, then its services, those in trouble first where there is no room for all. */
export function topScreen({ before, now: status, height, paint }: TopView): string {
  const { application } = status;
  const earlier = new Map((before?.units ?? []).map((unit) => [unit.path, unit]));
  const elapsed = before === undefined ? 0 : application.now - before.application.now;
  const services = status.units.filter(({ kind }) => kind === "service");
  const room = Math.max(1, height - 4);
  const shown = services.length <= room ? services : [...services].sort(byTrouble).slice(0, room);
  const rows = shown.map((unit) => {
    const [name, state, since, restarts, connections, detail] = unitCells(unit, application.now, paint);
    const [received, sent] = rates(unit, earlier.get(unit.path), elapsed);
    const cpu = cpuOf(unit, earlier.get(unit.path), elapsed);
    return [name!, state!, since!, restarts!, connections!, received!, sent!, cpu, detail!];
  });
  const [service, state, since, restarts, connections, detail] = unitHead(paint);
  const head = (text: string): Cell => ({ ...connections!, text });
  const table = textTable([
    [service!, state!, since!, restarts!, head("CONN"), head("IN/s"), head("OUT/s"), head("CPU"), detail!],
    ...rows,
  ]);
  const hidden = services.length - shown.length;
  return applicationLine(application, paint) + countsLine(services, cpuShare(before, status)) + table +
    (hidden === 0 ? "" : `... and ${hidden} more\n`);
}

const TROUBLE = ["failed", "backoff", "draining", "starting", "waiting", "stopped", "finished", "ready"];

function byTrouble(a: UnitInfo, b: UnitInfo): number {
  return TROUBLE.indexOf(a.state) - TROUBLE.indexOf(b.state) || (b.connections ?? 0) - (a.connections ?? 0);
}

/** Share of one core since the sample before, in percent; null at the begin. */
function cpuShare(before: StatusReply | undefined, { application }: StatusReply): number | null {
  if (before === undefined) return null;
  const elapsed = application.now - before.application.now;
  if (elapsed <= 0) return null;
  return 100_000 * (application.cpuSeconds - before.application.cpuSeconds) / elapsed;
}

function countsLine(services: readonly UnitInfo[], cpu: number | null): string {
  const counts = new Map<string, number>();
  for (const { state } of services) counts.set(state, (counts.get(state) ?? 0) + 1);
  const states = [...counts].map(([state, count]) => `${count} ${state}`).join(", ");
  return `${services.length} services: ${states}${cpu === null ? "" : `; runner ${cpu.toFixed(1)} % CPU`}\n`;
}

function rates(now: UnitInfo, before: UnitInfo | undefined, elapsed: number): Cell[] {
  return (["bytesRead", "bytesWritten"] as const).map((key) => {
    const [to, from] = [now[key], before?.[key]];
    // After a restart it counts from 0 again.
    const isKnown = to !== undefined && from !== undefined && elapsed > 0 && to >= from;
    return { text: isKnown ? briefSize((to - from) * 1000 / elapsed) : "", right: true };
  });
}

/** Share of one core that the service's own processes use, where it has such. */
function cpuOf(now: UnitInfo, before: UnitInfo | undefined, elapsed: number): Cell {
  const isKnown = now.cpu !== undefined && before?.cpu !== undefined && elapsed > 0 && now.cpu >= before.cpu;
  return {
    text: isKnown ? `${(100_000 * (now.cpu! - before!.cpu!) / elapsed).toFixed(0)} %` : "",
    right: true,
  };
}
