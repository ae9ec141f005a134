import type { ApplicationSpec } from "../services/application_spec.ts";
import { applicationControl } from "../services/control/application_control.ts";
import { applicationView } from "../services/control/application_view.ts";
import type { Logger } from "../services/log.ts";
import { MetricSet } from "../services/metrics/metric_set.ts";
import { metrics } from "../services/metrics/metrics.ts";
import type { FamilySnapshot } from "../services/metrics/snapshot.ts";
import type { BaseReactor } from "../services/reactor/base_reactor.ts";
import { DenoReactor } from "../services/reactor/deno/deno_reactor.ts";
import { grantFor } from "./app/grants.ts";
import { ApplicationController } from "./control/application_controller.ts";
import { LogTail } from "./control/log_tail.ts";
import { type ApplicationSource, Reloader } from "./control/reloader.ts";
import { Capabilities } from "./host/capabilities.ts";
import { DrainHooks } from "./host/drain_hooks.ts";
import { Hosts } from "./host/hosts.ts";
import { InlineHost } from "./host/inline_host.ts";
import { ProcessHost } from "./host/process/process_host.ts";
import { Provisions } from "./host/provisions.ts";
import { RegistryElections } from "./host/registry_elections.ts";
import { EventLog } from "./event_log.ts";
import { joinFamilies } from "./metrics/join_families.ts";
import { LoopLag } from "./metrics/loop_lag.ts";
import { processMetrics } from "./metrics/process_metrics.ts";
import { ServiceMetrics } from "./metrics/service_metrics.ts";
import { unitMetrics } from "./metrics/unit_metrics.ts";
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
  /** Where the application is read from, for reloads. Default: it was made in code, and cannot be reloaded. */
  readonly source?: ApplicationSource;
  /** SIGHUP. */
  readonly onReload?: () => void;
  /** SIGUSR1: open the log file again. */
  readonly onReopen?: () => void;
}

/** Runs one application on one reactor in this process: signals, stray errors, supervision, shutdown. */
export class Runner {
  readonly reactor: BaseReactor;
  readonly supervisor: Supervisor;
  /** What services count. */
  readonly metrics = new ServiceMetrics((path, error) =>
    this.#options.log(path).error("Cannot bring metrics up to date", { error })
  );
  /** The application, to be seen and steered. */
  readonly control: ApplicationController;
  /** How busy the loop is. */
  readonly loopLag: LoopLag;
  /** When the process began, ms since 1970. */
  readonly startedAt: number = performance.timeOrigin;
  readonly #own = new MetricSet();
  /** The runner's own. */
  readonly log: Logger;
  readonly #options: RunnerOptions;
  /** What times in status and events lack of milliseconds since 1970. */
  readonly #epoch: number;
  readonly #processes: ProcessHost;

  /** @param logs what of the log is kept for who asks: whoever writes the log adds to it; default nothing */
  constructor(spec: ApplicationSpec, options: RunnerOptions, logs: LogTail = new LogTail()) {
    this.#options = options;
    this.log = options.log("");
    this.reactor = options.reactor ?? new DenoReactor({ log: this.log });
    this.#epoch = Date.now() - this.reactor.now();
    this.loopLag = new LoopLag(this.reactor.time, this.#own);
    const capabilities = new Capabilities();
    capabilities.offer(metrics, (path) => this.metrics.of(path));
    capabilities.offer(applicationView, () => this.control);
    capabilities.offer(applicationControl, () => this.control, grantFor(applicationControl));
    const drainHooks = new DrainHooks(this.reactor.time, this.log);
    this.#processes = new ProcessHost({
      time: this.reactor.time,
      log: options.log,
      measure: (path, collect) => this.metrics.collectFrom(path, collect),
      drainHooks,
    });
    const provisions = new Provisions(capabilities);
    const inline = new InlineHost({ reactor: this.reactor, log: options.log, provisions, drainHooks });
    const host = new Hosts(inline, this.#processes);
    this.supervisor = new Supervisor(spec, {
      host,
      elections: new RegistryElections({
        application: spec.name,
        provisions,
        time: this.reactor.time,
        log: options.log,
      }),
      time: this.reactor.time,
      log: this.log,
    });
    this.control = new ApplicationController({
      name: spec.name,
      supervisor: this.supervisor,
      reloader: new Reloader({
        source: options.source ?? null,
        supervisor: this.supervisor,
        log: this.log,
      }),
      logs,
      drainHooks,
      metrics: () => this.#collect(),
      now: () => this.reactor.now(),
    });
    this.#announce();
  }

  /** Milliseconds since 1970 of a time in status and events. */
  epochOf(time: number): number {
    return this.#epoch + time;
  }

  #collect(): FamilySnapshot[] {
    return joinFamilies([
      ...unitMetrics(this.supervisor.status(), (time) => this.epochOf(time)),
      ...this.#own.collect(),
      ...processMetrics(this.startedAt),
      ...this.metrics.collect(),
    ]);
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
      if (event.kind === "reloaded") this.#forgetRemoved();
      onEvent?.(event);
    });
  }

  #forgetRemoved(): void {
    this.metrics.retain((path) => this.supervisor.statusOf(path) !== undefined);
  }

  /** Start the application, and run it until it ends or is stopped. Once. */
  async run(): Promise<ExitVerdict> {
    const { onReload, onReopen } = this.#options;
    const stopCatching = catchStrayErrors(this.log);
    const stopListening = handleSignals({
      stop: (signal) => {
        this.log.info(`${signal}: stopping; send it again to stop at once`);
        void this.supervisor.stop();
      },
      force: (signal) => {
        this.log.warn(`${signal}: stopping at once`);
        this.supervisor.force();
      },
      ...(onReload === undefined ? {} : { reload: onReload }),
      ...(onReopen === undefined ? {} : { reopen: onReopen }),
    }, () => this.reactor.now());
    const stopLooking = this.loopLag.start();
    try {
      this.reactor.addSystemEventTrigger("before", "startup", () => void this.supervisor.start());
      const reactorRuns = this.reactor.run();
      const verdict = await this.supervisor.ended;
      this.reactor.stop();
      await reactorRuns;
      await this.#processes.close();
      return verdict;
    } finally {
      stopLooking();
      stopListening();
      stopCatching();
    }
  }
}
