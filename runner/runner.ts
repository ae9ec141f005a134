import type { ApplicationSpec } from "../services/application_spec.ts";
import { type ApplicationView, applicationView } from "../services/control/application_view.ts";
import type { Logger } from "../services/log.ts";
import { metrics } from "../services/metrics/metrics.ts";
import type { BaseReactor } from "../services/reactor/base_reactor.ts";
import { DenoReactor } from "../services/reactor/deno/deno_reactor.ts";
import { Capabilities } from "./host/capabilities.ts";
import { InlineHost } from "./host/inline_host.ts";
import { EventLog } from "./event_log.ts";
import { ServiceMetrics } from "./metrics/service_metrics.ts";
import { handleSignals } from "./signals.ts";
import { type Started, Starts } from "./starts.ts";
import { catchStrayErrors } from "./stray_errors.ts";
import type { SupervisorEvent } from "../services/supervision/events.ts";
import type { ExitVerdict } from "../services/supervision/exit_verdict.ts";
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
  /** What services count. */
  readonly metrics = new ServiceMetrics();
  readonly #options: RunnerOptions;
  readonly #log: Logger;

  constructor(spec: ApplicationSpec, options: RunnerOptions) {
    this.#options = options;
    this.#log = options.log("");
    this.reactor = options.reactor ?? new DenoReactor({ log: this.#log });
    const capabilities = new Capabilities();
    capabilities.offer(metrics, (path) => this.metrics.of(path));
    capabilities.offer(applicationView, () => this.#view(spec.name));
    const host = new InlineHost({ reactor: this.reactor, log: options.log, capabilities });
    this.supervisor = new Supervisor(spec, { host, time: this.reactor.time, log: this.#log });
    this.#announce();
  }

  /** The application as its services may see it. */
  #view(name: string): ApplicationView {
    const { supervisor, reactor } = this;
    return {
      name,
      status: () => supervisor.status(),
      statusOf: (path) => supervisor.statusOf(path),
      subscribe: (listener) => supervisor.subscribe(listener),
      now: () => reactor.now(),
    };
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
