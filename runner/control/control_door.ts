import type { SupervisorEvent } from "../../services/supervision/events.ts";
import type { Runner } from "../runner.ts";

/** Until the control API is served where the start of the application takes long, ms. */
const LATEST = 250;

/**
 * Serves the control API of a runner at a socket. What that takes is loaded when the application is ready, or
 * has been starting for a while: it is not to delay the start.
 */
export class ControlDoor {
  readonly #socket: string;
  readonly #runner: Runner;
  #ready = false;
  #opened: Promise<void> | null = null;

  constructor(socket: string, runner: Runner) {
    this.#socket = socket;
    this.#runner = runner;
    runner.reactor.callWhenRunning(() => void runner.reactor.callLater(LATEST, () => this.#open()));
    runner.supervisor.subscribe((event) => this.#see(event));
  }

  /** Settles when nothing more is to be loaded. */
  async settled(): Promise<void> {
    await this.#opened;
  }

  #see(event: SupervisorEvent): void {
    if (event.kind !== "ready") return;
    this.#ready = true;
    this.#open();
  }

  #open(): void {
    this.#opened ??= this.#serve();
  }

  async #serve(): Promise<void> {
    const { reactor, control, log } = this.#runner;
    try {
      const [{ serveControl }, { runnerInfo }] = await Promise.all([
        import("./control_server.ts"),
        import("./runner_info.ts"),
      ]);
      await serveControl(reactor, this.#socket, {
        control,
        info: () => runnerInfo(this.#runner, this.#ready),
        epochOf: (time) => this.#runner.epochOf(time),
      }, log);
      log.debug("Control socket open", { socket: this.#socket });
    } catch (error) {
      if (reactor.running) {
        log.error("Cannot open the control socket: the application runs without it", { error });
      }
    }
  }
}
