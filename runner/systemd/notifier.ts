import type { ReactorTime } from "../../services/async/time.ts";
import type { SupervisorEvent } from "../../services/supervision/events.ts";
import type { UnitState } from "../../services/supervision/unit_state.ts";
import type { OperationObserver } from "../control/operations.ts";
import type { Notify } from "./notify_socket.ts";

/** Changes of state are told together, so many ms after the first. */
const GATHER = 100;

/** What the service manager is told of. */
export interface NotifierOptions {
  readonly notify: Notify;
  readonly time: ReactorTime;
  /** WATCHDOG_USEC of the environment, in ms; null: it does not watch. */
  readonly watchdog: number | null;
}

/**
 * Tells systemd how the application is doing, sd_notify(3): READY once all is, or once everything has had its first
 * try and what has failed waits to be tried again: the rest of the machine need not wait for a database that is away.
 * The watchdog is fed from the loop on which the services run.
 */
export class Notifier {
  readonly #options: NotifierOptions;
  readonly #states = new Map<string, UnitState>();
  #phase: "starting" | "ready" | "stopping" = "starting";
  #gathering = false;

  constructor(options: NotifierOptions) {
    this.#options = options;
    if (options.watchdog !== null) this.#feed(options.watchdog / 2);
  }

  /** To be called with each of the supervisor's events, in their order. */
  see(event: SupervisorEvent): void {
    switch (event.kind) {
      case "ready":
        return this.#becomeReady();
      case "ended":
        return this.#stop(event.verdict.reason);
      case "reloaded":
        for (const { action, path } of event.report.results) if (action === "remove") this.#forget(path);
        return;
      case "state":
        if (event.path === "" && event.to === "draining") return this.#stop("stopping");
        if (event.unit === "service") this.#note(event.path, event.to);
    }
  }

  /** To be told of operations: a reload is shown as one. */
  readonly observe: OperationObserver = ({ kind }) => {
    if (kind !== "reload" || this.#phase !== "ready") return () => {};
    this.#options.notify("RELOADING=1\nSTATUS=reloading");
    return (failure) => {
      const told = failure === undefined ? this.#summary() : `reload failed: ${oneLine(failure)}`;
      if (this.#phase === "ready") this.#options.notify(`READY=1\nSTATUS=${told}`);
    };
  };

  #note(path: string, state: UnitState): void {
    this.#states.set(path, state);
    if (this.#gathering) return;
    this.#gathering = true;
    this.#options.time.callLater(GATHER, () => {
      this.#gathering = false;
      this.#tell();
    });
  }

  /** A service, or all in a group, is no longer part of the application. */
  #forget(removed: string): void {
    for (const path of this.#states.keys()) {
      if (path === removed || path.startsWith(`${removed}.`)) this.#states.delete(path);
    }
  }

  #tell(): void {
    if (this.#phase === "stopping") return;
    const states = [...this.#states.values()];
    const isAsReadyAsItGets = !states.includes("starting") &&
      states.some((state) => state === "backoff" || state === "failed");
    if (this.#phase === "starting" && isAsReadyAsItGets) this.#becomeReady();
    else this.#options.notify(`STATUS=${this.#summary()}`);
  }

  #becomeReady(): void {
    if (this.#phase !== "starting") return;
    this.#phase = "ready";
    this.#options.notify(`READY=1\nSTATUS=${this.#summary()}`);
  }

  #stop(reason: string): void {
    if (this.#phase === "stopping") return;
    this.#phase = "stopping";
    this.#options.notify(`STOPPING=1\nSTATUS=${oneLine(reason)}`);
  }

  /** `12 services: 11 ready, 1 backoff (store)` */
  #summary(): string {
    const byState = new Map<UnitState, string[]>();
    for (const [path, state] of this.#states) byState.set(state, [...byState.get(state) ?? [], path]);
    const parts = [...byState].map(([state, paths]) => {
      const names = state === "failed" || state === "backoff" ? ` (${paths.slice(0, 3).join(", ")})` : "";
      return `${paths.length} ${state}${names}`;
    });
    return `${this.#states.size} services: ${parts.join(", ")}`;
  }

  #feed(interval: number): void {
    this.#options.time.callLater(interval, () => {
      this.#options.notify("WATCHDOG=1");
      this.#feed(interval);
    });
  }
}

/** A state is a line; what follows a line end would be another state. */
function oneLine(text: string): string {
  return text.replaceAll(/[\r\n]+/g, " ");
}
