import type { FamilySnapshot, MetricKind, Sample } from "../../services/metrics/snapshot.ts";
import type { UnitStatus } from "../../services/supervision/status.ts";
import { UNIT_STATES } from "../../services/supervision/unit_state.ts";

/**
 * What the runner itself knows of the services, as metrics.
 *
 * @param epochOf the milliseconds since 1970 of a time in a status
 */
export function unitMetrics(
  units: readonly UnitStatus[],
  epochOf: (time: number) => number,
): FamilySnapshot[] {
  const services = units.filter(({ kind }) => kind === "service");
  const family = (
    name: string,
    kind: MetricKind,
    help: string,
    valueOf: (unit: UnitStatus) => number | undefined,
  ): FamilySnapshot => ({
    name,
    kind,
    help,
    labels: ["service"],
    samples: services.flatMap((unit): Sample[] => {
      const value = valueOf(unit);
      return value === undefined ? [] : [{ labels: [unit.path], value }];
    }),
  });
  return [
    {
      name: "heddle_service_state",
      kind: "gauge",
      help: "1 for the state that the service is in, 0 for the others",
      labels: ["service", "state"],
      samples: services.flatMap(({ path, state }) =>
        UNIT_STATES.map((each) => ({ labels: [path, each], value: each === state ? 1 : 0 }))
      ),
    },
    family(
      "heddle_service_restarts_total",
      "counter",
      "How often the service was started again",
      (unit) => unit.restarts,
    ),
    family(
      "heddle_service_start_time_seconds",
      "gauge",
      "Since when the service is ready, in seconds since 1970",
      (unit) => unit.state === "ready" ? epochOf(unit.since) / 1000 : undefined,
    ),
    family(
      "heddle_service_connections",
      "gauge",
      "Connections of the service that are open",
      (unit) => unit.connections,
    ),
    family(
      "heddle_service_read_bytes_total",
      "counter",
      "Bytes that this life of the service has received",
      (unit) => unit.bytesRead,
    ),
    family(
      "heddle_service_written_bytes_total",
      "counter",
      "Bytes that this life of the service has sent",
      (unit) => unit.bytesWritten,
    ),
    family(
      "heddle_service_cpu_seconds_total",
      "counter",
      "CPU time of the service's own processes",
      (unit) => unit.cpu,
    ),
    family(
      "heddle_service_memory_bytes",
      "gauge",
      "Resident memory of the service's own processes",
      (unit) => unit.memory,
    ),
  ];
}
