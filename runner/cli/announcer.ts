import type { ApplicationSpec } from "../../services/application_spec.ts";
import type { Address } from "../../services/reactor/address.ts";
import type { Log } from "../log/log.ts";
import type { StateChange, SupervisorEvent } from "../supervisor/events.ts";
import { type EventRecord, eventRecords, type Readiness } from "./event_record.ts";
import type { Output } from "./io.ts";
import { applicationReadyLine, nameWidth, readyLine } from "./terminal_lines.ts";

/** What an announcer speaks of, and through. */
export interface AnnouncerOptions {
  readonly spec: ApplicationSpec;
  readonly log: Pick<Log, "logger">;
  /** A terminal on which somebody watches the start; null: there is none. */
  readonly screen: Output | null;
  /** The log is shown on that same screen. */
  readonly logOnScreen: boolean;
  /** Where the service at a path listens now. */
  readonly endpoints: (path: string) => readonly Address[];
  /** Milliseconds since the process was started. */
  readonly uptime: () => number;
}

/**
 * Tells what the supervisor does: every event to the log; and while the application starts, whoever watches
 * on a terminal is shown a line per service instead, as it becomes ready.
 */
export class Announcer {
  readonly #options: AnnouncerOptions;
  readonly #width: number;
  /** When the start that is under way began, by path. */
  readonly #starts = new Map<string, number>();
  #starting = true;

  constructor(options: AnnouncerOptions) {
    this.#options = options;
    this.#width = nameWidth(options.spec.root);
  }

  /** To be called with each of the supervisor's events, in their order. */
  announce(event: SupervisorEvent): void {
    const { screen, logOnScreen, uptime } = this.#options;
    const readiness = event.kind === "state" ? this.#readiness(event) : undefined;
    const line = this.#starting ? this.#startingLine(event, readiness) : null;
    if (event.kind === "ready") this.#starting = false;
    if (screen !== null && line !== null) {
      screen.print(line);
      if (logOnScreen) return;
    }
    const context = readiness === undefined ? { uptime: uptime() } : { uptime: uptime(), readiness };
    for (const record of eventRecords(event, context)) this.#log(record);
  }

  /** What is shown of an event while the application starts; null: nothing. */
  #startingLine(event: SupervisorEvent, readiness: Readiness | undefined): string | null {
    const { spec, uptime } = this.#options;
    if (event.kind === "ready") return applicationReadyLine(spec.name, uptime());
    if (event.kind !== "state" || readiness === undefined) return null;
    return readyLine(event.path, readiness, this.#width);
  }

  /** How a service came to be ready, when that is what the event tells. */
  #readiness({ unit, path, to, at }: StateChange): Readiness | undefined {
    if (unit === "group") return undefined;
    if (to === "starting") this.#starts.set(path, at);
    if (to !== "ready") return undefined;
    const took = at - (this.#starts.get(path) ?? at);
    this.#starts.delete(path);
    return { endpoints: this.#options.endpoints(path), took };
  }

  #log({ level, path, message, fields }: EventRecord): void {
    this.#options.log.logger(path)[level](message, fields);
  }
}
