import type { ApplicationSpec } from "../services/application_spec.ts";
import type { Logger } from "../services/log.ts";
import type { BaseReactor } from "../services/reactor/base_reactor.ts";
import { DenoReactor } from "../services/reactor/deno/deno_reactor.ts";
import { InlineHost } from "./host/inline_host.ts";
import { EventLog } from "./event_log.ts";
import { handleSignals } from "./signals.ts";
import { type Started, Starts } from "./starts.ts";
import { catchStrayErrors } from "./stray_errors.ts";
import type { SupervisorEvent } from "./supervisor/events.ts";
import type { ExitVerdict } from "./supervisor/exit_verdict.ts";
import { Supervisor } from "./supervisor/supervisor.ts";

/** How an application is run. */
export interface RunnerOptions {
  /** The logger of the service at a path; of the runner itself at `""`. */
  readonly log: (path: string) => Logger;
  /** Default: a `DenoReactor` of the runner's own. */
  readonly reactor?: BaseReactor;
  /** Told of every change of state, after it is logged. */
  readonly onEvent?: (event: SupervisorEvent) => void;
  /** Told of every service that has become ready. */
  readonly onStarted?: (started: Started) => void;
  /** While true, good news is not logged. Default never. */
  readonly quiet?: () => boolean;
  /** SIGHUP: read the application again. */
  readonly onReload?: () => void;
  /** SIGUSR1: open the log file again. */
  readonly onReopen?: () => void;
}

/** Runs one application on one reactor in this process: signals, stray errors, supervision, shutdown. */
export class Runner {
  readonly reactor: BaseReactor;
  readonly supervisor: Supervisor;
  readonly #options: RunnerOptions;
  readonly #log: Logger;

  constructor(spec: ApplicationSpec, options: RunnerOptions) {
    this.#options = options;
    this.#log = options.log("");
    this.reactor = options.reactor ?? new DenoReactor({ log: this.#log });
    const host = new InlineHost({ reactor: this.reactor, log: options.log });
    this.supervisor = new Supervisor(spec, { host, time: this.reactor.time, log: this.#log });
    this.#announce();
  }

  /** Tell the log, and who asked to be told, what happens. */
  #announce(): void {
    const { log, onEvent, onStarted, quiet = () => false } = this.#options;
    const eventLog = new EventLog({ log, quiet });
    const application = { time: this.reactor.time, status: () => this.supervisor.status() };
    const starts = new Starts(application, (started) => {
      onStarted?.(started);
      eventLog.started(started);
    });
    this.supervisor.subscribe((event) => {
      starts.see(event);
      eventLog.record(event);
      onEvent?.(event);
    });
  }

  /** Start the application, and run it until it ends or is stopped. Once. */
  async run(): Promise<ExitVerdict> {
    const { onReload, onReopen } = this.#options;
    const stopCatching = catchStrayErrors(this.#log);
    const stopListening = handleSignals({
      stop: (signal) => {
        this.#log.info(`${signal}: stopping; send it again to stop at once`);
        void this.supervisor.stop();
      },
      force: (signal) => {
        this.#log.warn(`${signal}: stopping at once`);
        this.supervisor.force();
      },
      ...(onReload === undefined ? {} : { reload: onReload }),
      ...(onReopen === undefined ? {} : { reopen: onReopen }),
    }, () => this.reactor.now());
    try {
      this.reactor.addSystemEventTrigger("before", "startup", () => void this.supervisor.start());
      const reactorRuns = this.reactor.run();
      const verdict = await this.supervisor.ended;
      this.reactor.stop();
      await reactorRuns;
      return verdict;
    } finally {
      stopListening();
      stopCatching();
    }
  }
}
