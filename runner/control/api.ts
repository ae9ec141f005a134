import type { FileProblem } from "../../services/control/file_problem.ts";
import type { ReloadPlan, ReloadReport } from "../../services/supervision/reload.ts";
import type { UnitOutcome, UnitStatus } from "../../services/supervision/status.ts";

/**
 * What the control socket speaks, as JSON. All times are milliseconds since 1970. What is added later does not change
 * what is here; what would, gets another version.
 */

/** The first step of every path. */
export const API_VERSION = "v1";

/** The runner itself. */
export interface ApplicationInfo {
  readonly name: string;
  /** Heddle's. */
  readonly version: string;
  readonly pid: number;
  /** When the runner was started. */
  readonly startedAt: number;
  /** Now, by its clock. */
  readonly now: number;
  /** Every service has been ready or finished, once. */
  readonly ready: boolean;
  /** Seconds of CPU that its process has used. */
  readonly cpuSeconds: number;
  /** Bytes of memory that its process has resident. */
  readonly residentBytes: number;
  /** How late timers fired at worst in the last ten seconds, ms. */
  readonly loopLag: number;
}

/** A unit, with where it listens as endpoint strings. */
export interface UnitInfo extends Omit<UnitStatus, "endpoints"> {
  readonly endpoints?: readonly string[];
}

/** `GET /v1/status`. */
export interface StatusReply {
  readonly application: ApplicationInfo;
  readonly units: readonly UnitInfo[];
}

/** `POST /v1/start`, `/v1/stop`, `/v1/restart`: 200 when it is where it was asked to be, else 409. */
export interface OutcomeReply {
  readonly ok: boolean;
  readonly outcome: UnitOutcome;
}

/** `GET /v1/reload`: 200 with what a reload would do, 422 with what is wrong with the file. */
export interface PlanReply {
  readonly ok: boolean;
  readonly plan?: ReloadPlan;
  readonly problems?: readonly FileProblem[];
}

/** `POST /v1/reload`: 200 when every step is done, 409 when one is not, 422 with what is wrong with the file. */
export interface ReloadReply {
  readonly ok: boolean;
  readonly report?: ReloadReport;
  readonly problems?: readonly FileProblem[];
}

/** `GET /v1/health`: 200 when it is healthy, else 503. */
export interface HealthReply {
  readonly healthy: boolean;
  /** Why not: `backend.store: backoff: connection refused`. */
  readonly reasons: readonly string[];
}

/** Any reply of 400 and above but those above. */
export interface ErrorReply {
  readonly error: {
    /** Action first, without a full stop. */
    readonly message: string;
    /** `did you mean "web"?`. */
    readonly suggestion?: string;
  };
}
