import type { FamilySnapshot } from "../../../services/metrics/snapshot.ts";
import type { UnitStatus } from "../../../services/supervision/status.ts";

/** What a service, or the whole application, uses. Null: not known, as of a service within the runner's process. */
export interface Figures {
  readonly connections: number | null;
  /** Bytes per second, received and sent. */
  readonly traffic: number | null;
  /** Processors: 1 is one of them all the time. */
  readonly cpu: number | null;
  /** Bytes resident. */
  readonly memory: number | null;
}

/** Their names, in the order in which they are sent. */
export const FIGURES = ["connections", "traffic", "cpu", "memory"] as const;

/** What is counted, at a moment: what only grows is not yet a rate. */
export interface Counts {
  /** Milliseconds. */
  readonly at: number;
  readonly connections: number | null;
  /** Received and sent so far. */
  readonly bytes: number | null;
  /** Seconds of CPU so far. */
  readonly cpuSeconds: number | null;
  readonly memory: number | null;
}

/** The figures of what was counted `before` and `now`. */
export function figuresOf(before: Counts | null, now: Counts): Figures {
  const elapsed = before === null ? 0 : (now.at - before.at) / 1000;
  return {
    connections: now.connections,
    traffic: rate(before?.bytes ?? null, now.bytes, elapsed, 1),
    cpu: rate(before?.cpuSeconds ?? null, now.cpuSeconds, elapsed, 1000),
    memory: now.memory,
  };
}

/**
 * Per second, in steps of 1 / `steps`. What has shrunk has begun anew, since a service's life was replaced: then
 * nothing is known of what the old one did last.
 */
function rate(before: number | null, now: number | null, elapsed: number, steps: number): number | null {
  if (now === null) return null;
  if (before === null || elapsed <= 0) return 0;
  return Math.round(Math.max(0, now - before) / elapsed * steps) / steps;
}

/** What processes use, by the path of their service. */
export type ProcessCounts = ReadonlyMap<string, { cpuSeconds?: number; memory?: number }>;

/** What the programs of `process` services use: they count it themselves. */
export function programCounts(families: readonly FamilySnapshot[]): ProcessCounts {
  const counts = new Map<string, { cpuSeconds?: number; memory?: number }>();
  const take = (name: string, key: "cpuSeconds" | "memory"): void => {
    for (const { labels, value } of families.find((family) => family.name === name)?.samples ?? []) {
      const [service = ""] = labels;
      counts.set(service, { ...counts.get(service), [key]: value });
    }
  };
  take("program_cpu_seconds", "cpuSeconds");
  take("program_resident_memory_bytes", "memory");
  return counts;
}

/** What was counted of a service. */
export function serviceCounts(unit: UnitStatus, programs: ProcessCounts, at: number): Counts {
  const { bytesRead, bytesWritten } = unit;
  // A program that has ended has left its last figures behind.
  const program = unit.state === "ready" || unit.state === "starting" ? programs.get(unit.path) : undefined;
  return {
    at,
    connections: unit.connections ?? null,
    bytes: bytesRead === undefined && bytesWritten === undefined
      ? null
      : (bytesRead ?? 0) + (bytesWritten ?? 0),
    cpuSeconds: unit.cpu ?? program?.cpuSeconds ?? null,
    memory: unit.memory ?? program?.memory ?? null,
  };
}

/** What was counted of the runner's own process. */
export function runnerCounts(families: readonly FamilySnapshot[], at: number): Counts {
  const own = (name: string): number | null =>
    families.find((family) => family.name === name && family.labels.length === 0)?.samples[0]?.value ?? null;
  return {
    at,
    connections: null,
    bytes: null,
    cpuSeconds: own("process_cpu_seconds_total"),
    memory: own("process_resident_memory_bytes"),
  };
}

/** All of them together; what is not known of one counts as nothing. */
export function sumOf(figures: readonly Figures[]): Figures {
  const sum = (key: keyof Figures): number => figures.reduce((total, each) => total + (each[key] ?? 0), 0);
  return { connections: sum("connections"), traffic: sum("traffic"), cpu: sum("cpu"), memory: sum("memory") };
}
