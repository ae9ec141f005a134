import type { LogFields, Logger } from "../../services/log.ts";
import type { StateChange, SupervisorEvent } from "./events.ts";

/** Write what an operator should know of an event. */
export function logEvent(log: Logger, event: SupervisorEvent): void {
  switch (event.kind) {
    case "state":
      return logChange(log, event);
    case "leftovers":
      return log.warn("Service did not stop in time", { unit: event.path, leftovers: event.leftovers });
    case "ready":
      return log.info("Application ready");
    case "reloaded":
      return log.info("Application reloaded", { results: event.report.results });
    case "ended": {
      const { status, reason } = event.verdict;
      if (status === 0) log.info("Application ended", { status, reason });
      else log.error("Application ended", { status, reason });
    }
  }
}

function logChange(log: Logger, change: StateChange): void {
  const fields: LogFields = { unit: change.path, from: change.from, ...detail(change) };
  const what = change.unit === "group" ? "Group" : "Service";
  switch (change.to) {
    case "failed":
      return log.error(`${what} failed for good`, fields);
    case "backoff":
      return log.warn(`${what} is to be restarted`, fields);
    case "ready":
    case "finished":
    case "stopped":
      // What a group is follows from its services, which have been told of.
      return change.unit === "group"
        ? log.debug(`${what} ${change.to}`, fields)
        : log.info(`${what} ${change.to}`, fields);
    default:
      return log.debug(`${what} ${change.to}`, fields);
  }
}

function detail({ reason, attempt, delay }: StateChange): LogFields {
  return {
    ...(reason === undefined ? {} : { reason }),
    ...(attempt === undefined ? {} : { attempt }),
    ...(delay === undefined ? {} : { delay: Math.round(delay) }),
  };
}
