import type { LogFields, Logger } from "../services/log.ts";
import { formatAddress } from "../services/reactor/address.ts";
import type { Started } from "./starts.ts";
import type { StateChange, SupervisorEvent } from "../services/supervision/events.ts";

/** Where events are logged. */
export interface EventLogOptions {
  /** The logger of the unit at a path; of the application at `""`. */
  readonly log: (path: string) => Logger;
  /** While true, good news is not logged: somebody is being shown it. */
  readonly quiet: () => boolean;
}

/** Writes what an operator should know of a supervisor's events, each under the unit that it is about. */
export class EventLog {
  readonly #options: EventLogOptions;

  constructor(options: EventLogOptions) {
    this.#options = options;
  }

  /** A service has become ready. */
  started({ path, endpoints, took }: Started): void {
    this.#info(path, "Started", {
      endpoints: endpoints.map(formatAddress),
      took: Math.round(took * 10) / 10,
    });
  }

  /** To be called with each of the supervisor's events, in their order. */
  record(event: SupervisorEvent): void {
    switch (event.kind) {
      case "state":
        return this.#change(event);
      case "leftovers":
        return this.#options.log(event.path).warn("Did not stop in time", { leftovers: event.leftovers });
      case "ready":
        return this.#info("", "Application ready");
      case "reloaded":
        return this.#info("", "Application reloaded", { results: event.report.results });
      case "ended": {
        const { status, reason } = event.verdict;
        if (status === 0) this.#info("", "Application ended", { status, reason });
        else this.#options.log("").error("Application ended", { status, reason });
      }
    }
  }

  #change(change: StateChange): void {
    const fields = detail(change);
    switch (change.to) {
      case "failed":
        return this.#options.log(change.path).error("Failed for good", fields);
      case "backoff":
        return this.#options.log(change.path).warn("Failed, will be started again", fields);
      case "finished":
      case "stopped":
        // What a group is follows from its services, which have been told of.
        if (change.unit === "service") return this.#info(change.path, capitalized(change.to), fields);
        break;
      case "ready":
        // Told with its endpoints by `started`.
        if (change.unit === "service") return;
    }
    this.#options.log(change.path).debug(capitalized(change.to), fields);
  }

  #info(path: string, message: string, fields?: LogFields): void {
    if (!this.#options.quiet()) this.#options.log(path).info(message, fields);
  }
}

/** Names of errors that say all there is to say: where in Heddle they were thrown helps nobody. */
const SELF_EXPLANATORY: ReadonlySet<string> = new Set(["CannotListenError", "TimeoutError"]);

function detail({ reason, error, attempt, delay }: StateChange): LogFields {
  return {
    ...(reason === undefined ? {} : { reason }),
    ...(error instanceof Error && !SELF_EXPLANATORY.has(error.name) ? { error } : {}),
    ...(attempt === undefined ? {} : { attempt }),
    ...(delay === undefined ? {} : { delay: Math.round(delay) }),
  };
}

function capitalized(word: string): string {
  return word[0]!.toUpperCase() + word.slice(1);
}
