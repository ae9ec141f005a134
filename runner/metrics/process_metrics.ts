import type { FamilySnapshot, MetricKind } from "../../services/metrics/snapshot.ts";

/** What this process uses. */
export interface ProcessUsage {
  /** Seconds of CPU since its begin. */
  readonly cpuSeconds: number;
  /** Bytes of memory that are resident. */
  readonly residentBytes: number;
}

/** What this process has used so far. */
export function processUsage(): ProcessUsage {
  // Not imported: loading it takes a tenth of the time of a start, in which nobody asks for it.
  // deno-lint-ignore no-process-global
  const { user, system } = process.cpuUsage();
  return { cpuSeconds: (user + system) / 1e6, residentBytes: Deno.memoryUsage().rss };
}

/**
 * The runner's own process, by the names that Prometheus' client libraries use.
 *
 * @param startedAt milliseconds since 1970
 */
export function processMetrics(startedAt: number): FamilySnapshot[] {
  const { cpuSeconds, residentBytes } = processUsage();
  const one = (name: string, kind: MetricKind, help: string, value: number): FamilySnapshot => ({
    name,
    kind,
    help,
    labels: [],
    samples: [{ labels: [], value }],
  });
  return [
    one("process_cpu_seconds_total", "counter", "CPU time of the runner's process", cpuSeconds),
    one("process_resident_memory_bytes", "gauge", "Resident memory of the runner's process", residentBytes),
    one(
      "process_start_time_seconds",
      "gauge",
      "When the runner was started, in seconds since 1970",
      startedAt / 1000,
    ),
  ];
}
