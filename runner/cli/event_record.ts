import type { LogFields } from "../../services/log.ts";
import { type Address, formatAddress } from "../../services/reactor/address.ts";
import type { LogLevel } from "../log/options.ts";
import type { StateChange, SupervisorEvent } from "../supervisor/events.ts";
import type { ReloadReport } from "../supervisor/reload_plan.ts";

/** What the log says of an event. */
export interface EventRecord {
  readonly level: LogLevel;
  /** The unit that it is about; absent for the application as a whole. */
  readonly path?: string;
  readonly message: string;
  readonly fields: LogFields;
}

/** What is known of a service that has become ready, beyond the event. */
export interface Readiness {
  readonly endpoints: readonly Address[];
  /** Milliseconds from the begin of its start. */
  readonly took: number;
}

/** What is known at the time of an event, beyond the event. */
export interface EventContext {
  /** Milliseconds since the process was started. */
  readonly uptime: number;
  /** Comes with a service's change to `ready`. */
  readonly readiness?: Readiness;
}

/** The records that tell of an event: one, but for a reload, which has one for each of its steps. */
export function eventRecords(event: SupervisorEvent, context: EventContext): EventRecord[] {
  switch (event.kind) {
    case "state":
      return [{ path: event.path, ...stateRecord(event, context.readiness) }];
    case "leftovers": {
      const { path, leftovers } = event;
      return [{ level: "warn", path, message: "Did not stop in time", fields: { leftovers } }];
    }
    case "ready":
      return [{ level: "info", message: "Application ready", fields: { took: tenths(context.uptime) } }];
    case "reloaded":
      return reloadRecords(event.report);
    case "ended": {
      const { status, reason } = event.verdict;
      return [{
        level: status === 0 ? "info" : "error",
        message: "Application ended",
        fields: { status, reason },
      }];
    }
  }
}

type Said = Omit<EventRecord, "path">;

function stateRecord({ to, unit, reason, attempt, delay }: StateChange, readiness?: Readiness): Said {
  // A group's states follow from those of its members, which are told already.
  const level = (own: LogLevel): LogLevel => unit === "group" && to !== "failed" ? "debug" : own;
  switch (to) {
    case "waiting":
      return { level: "debug", message: "Waiting", fields: { reason } };
    case "starting":
      return { level: "debug", message: "Starting", fields: { reason } };
    case "ready":
      return { level: level("info"), message: "Ready", fields: { ...readinessFields(readiness), reason } };
    case "draining":
      return { level: "debug", message: "Stopping", fields: { reason } };
    case "stopped":
      return { level: level("info"), message: "Stopped", fields: { reason } };
    case "backoff":
      return {
        level: level("warn"),
        message: "Failed, will be started again",
        fields: { reason, attempt, delay: delay && Math.round(delay) },
      };
    case "finished":
      return { level: level("info"), message: "Finished", fields: { reason } };
    case "failed":
      return { level: level("error"), message: "Failed for good", fields: { reason } };
  }
}

function readinessFields(readiness: Readiness | undefined): LogFields {
  if (readiness === undefined) return {};
  const { endpoints, took } = readiness;
  return { endpoints: endpoints.map(formatAddress), took: tenths(took) };
}

function reloadRecords({ results }: ReloadReport): EventRecord[] {
  const failures = results.filter(({ result }) => result !== "done").length;
  const steps = results.map(({ path, action, replace, result, reason }): EventRecord => ({
    level: result === "done" ? "info" : "error",
    path,
    message: `Reload: ${action} ${result}`,
    fields: { replace, reason },
  }));
  const sum: EventRecord = failures === 0
    ? { level: "info", message: "Application reloaded", fields: { changes: results.length } }
    : {
      level: "error",
      message: "Application reloaded in part",
      fields: { changes: results.length, failures },
    };
  return [...steps, sum];
}

function tenths(milliseconds: number): number {
  return Math.round(milliseconds * 10) / 10;
}
