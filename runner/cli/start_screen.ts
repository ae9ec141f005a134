import type { ApplicationSpec } from "../../services/application_spec.ts";
import type { Started } from "../starts.ts";
import type { SupervisorEvent } from "../../services/supervision/events.ts";
import type { Output } from "./io.ts";
import { applicationReadyLine, nameWidth, readyLine } from "./terminal_lines.ts";

/** What a start screen shows, and where. */
export interface StartScreenOptions {
  readonly spec: ApplicationSpec;
  /** A terminal on which somebody watches. */
  readonly screen: Output;
  /** Milliseconds since the process was started. */
  readonly uptime: () => number;
}

/**
 * While the application starts, shows who watches on a terminal a line per service, with where it listens and
 * how long its start took.
 */
export class StartScreen {
  readonly #options: StartScreenOptions;
  readonly #width: number;
  #starting = true;

  constructor(options: StartScreenOptions) {
    this.#options = options;
    this.#width = nameWidth(options.spec.root);
  }

  /** The start is still under way. */
  get starting(): boolean {
    return this.#starting;
  }

  /** A service has become ready. */
  started({ path, endpoints, took }: Started): void {
    if (this.#starting) this.#options.screen.print(readyLine(path, endpoints, took, this.#width));
  }

  /** To be called with each of the supervisor's events, in their order. */
  see(event: SupervisorEvent): void {
    if (!this.#starting) return;
    if (event.kind === "ready") {
      this.#options.screen.print(applicationReadyLine(this.#options.spec.name, this.#options.uptime()));
    }
    const stopping = event.kind === "state" && (event.to === "draining" || event.to === "stopped");
    this.#starting = !(stopping || event.kind === "ready" || event.kind === "ended");
  }
}
