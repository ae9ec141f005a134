import type { ApplicationSpec } from "../../services/application_spec.ts";
import type { ReactorTime } from "../../services/async/time.ts";
import type { Logger } from "../../services/log.ts";
import { type Address, formatAddress } from "../../services/reactor/address.ts";
import type { Log } from "../log/log.ts";
import type { SupervisorEvent } from "../supervisor/events.ts";
import type { UnitStatus } from "../supervisor/status.ts";
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
  /** Milliseconds since the process was started. */
  readonly uptime: () => number;
}

/** What an announcer asks of the application that runs. */
export interface AnnouncedApplication {
  readonly time: Pick<ReactorTime, "callLater">;
  status(): readonly UnitStatus[];
}

/**
 * Tells where services listen and how long their start took: in the log, and while the application starts,
 * to whoever watches on a terminal, as a line per service. That they are ready at all is the supervisor's to
 * log.
 */
export class Announcer {
  readonly #options: AnnouncerOptions;
  readonly #width: number;
  /** When the start that is under way began, by path. */
  readonly #starts = new Map<string, number>();
  /** What the start took of those that are ready and not yet told of, by path. */
  readonly #ready = new Map<string, number>();
  #application: AnnouncedApplication | null = null;
  #starting = true;

  constructor(options: AnnouncerOptions) {
    this.#options = options;
    this.#width = nameWidth(options.spec.root);
  }

  /** The application that it tells of; before the first event. */
  attach(application: AnnouncedApplication): void {
    this.#application = application;
  }

  /** To be called with each of the supervisor's events, in their order. */
  announce(event: SupervisorEvent): void {
    if (event.kind === "ready") return this.#applicationReady();
    if (event.kind !== "state" || event.unit === "group") return;
    const { path, to, at } = event;
    if (to === "draining" || to === "stopped") this.#starting = false; // it is being stopped before it was ready
    if (to === "starting") this.#starts.set(path, at);
    if (to === "ready") this.#serviceReady(path, at - (this.#starts.get(path) ?? at));
    if (to !== "starting") this.#starts.delete(path);
  }

  /** The runner's log. Of a start that is watched, what is no trouble stands in the lines already. */
  runnerLog(): Logger {
    const log = this.#options.log.logger();
    if (this.#options.screen === null || !this.#options.logOnScreen) return log;
    return {
      debug: (message, fields) => log.debug(message, fields),
      info: (message, fields) => this.#starting ? undefined : log.info(message, fields),
      warn: (message, fields) => log.warn(message, fields),
      error: (message, fields) => log.error(message, fields),
    };
  }

  /** Told a little later, with all that become ready in this turn: asking for the status goes through all units. */
  #serviceReady(path: string, took: number): void {
    if (this.#ready.size === 0) this.#application?.time.callLater(0, () => this.#tell());
    this.#ready.set(path, took);
  }

  #applicationReady(): void {
    this.#tell();
    this.#starting = false;
    this.#options.screen?.print(applicationReadyLine(this.#options.spec.name, this.#options.uptime()));
  }

  #tell(): void {
    if (this.#ready.size === 0) return;
    const units = new Map(this.#application?.status().map((unit) => [unit.path, unit]));
    for (const [path, took] of this.#ready) this.#tellOf(path, took, units.get(path)?.endpoints ?? []);
    this.#ready.clear();
  }

  #tellOf(path: string, took: number, endpoints: readonly Address[]): void {
    const { screen, logOnScreen, log } = this.#options;
    const watched = this.#starting && screen !== null;
    if (watched) screen.print(readyLine(path, endpoints, took, this.#width));
    if (watched && logOnScreen) return;
    log.logger(path).info("Started", {
      endpoints: endpoints.map(formatAddress),
      took: Math.round(took * 10) / 10,
    });
  }
}
