import { formatAddress } from "../../../services/reactor/address.ts";
import type { UnitStatus } from "../../../services/supervision/status.ts";

/** What the page knows of a unit, but for what it uses. Times are milliseconds since 1970. */
export interface UnitRow {
  /** Short for the path, for as long as the dashboard runs. */
  readonly id: number;
  readonly path: string;
  readonly kind: UnitStatus["kind"];
  readonly state: UnitStatus["state"];
  readonly since: number;
  readonly restarts: number;
  readonly lastError?: string;
  readonly nextAttemptAt?: number;
  readonly waitsFor?: readonly string[];
  /** It waits for nothing in this application: another runner has its place, as it should be. */
  readonly standby?: true;
  readonly endpoints?: readonly string[];
  readonly pid?: number;
  readonly replicas?: { readonly ready: number; readonly wanted: number };
}

/** Longer messages are cut: a stack trace is for the log. */
const LONGEST_ERROR = 500;

/** What a row is made with. */
export interface RowSurroundings {
  /** The milliseconds since 1970 of a time in the status. */
  readonly epochOf: (time: number) => number;
  /** Whether there is a unit at a path. */
  readonly isUnit: (path: string) => boolean;
}

/** The row of a unit as it is now. */
export function unitRow(id: number, unit: UnitStatus, { epochOf, isUnit }: RowSurroundings): UnitRow {
  const { path, kind, state, since, restarts, lastError, nextAttemptAt, waitsFor, endpoints, pid, replicas } =
    unit;
  return {
    id,
    path,
    kind,
    state,
    since: Math.round(epochOf(since)),
    restarts,
    ...(lastError !== undefined && { lastError: lastError.slice(0, LONGEST_ERROR) }),
    ...(nextAttemptAt !== undefined && { nextAttemptAt: Math.round(epochOf(nextAttemptAt)) }),
    ...(waitsFor !== undefined && waitsFor.length > 0 && { waitsFor }),
    ...(waitsFor !== undefined && waitsFor.length > 0 && !waitsFor.some(isUnit) && { standby: true }),
    ...(endpoints !== undefined && endpoints.length > 0 && { endpoints: endpoints.map(formatAddress) }),
    ...(pid !== undefined && { pid }),
    ...(replicas !== undefined && { replicas: { ready: replicas.ready, wanted: replicas.wanted } }),
  };
}
