import type { ReactorTime } from "../services/async/time.ts";
import type { Address } from "../services/reactor/address.ts";
import type { SupervisorEvent } from "../services/supervision/events.ts";
import type { UnitStatus } from "../services/supervision/status.ts";

/** A service has become ready. */
export interface Started {
  /** The service's path. */
  readonly path: string;
  /** Where it listens now. */
  readonly endpoints: readonly Address[];
  /** Milliseconds that its start took. */
  readonly took: number;
}

/** What is asked of the application that starts. */
export interface StartingApplication {
  readonly time: Pick<ReactorTime, "callLater">;
  status(): readonly UnitStatus[];
}

/**
 * Finds out where services listen and how long their start took. All that become ready in one turn are told of
 * together, a little later: asking for the status goes through all units.
 */
export class Starts {
  readonly #application: StartingApplication;
  readonly #tell: (started: Started) => void;
  /** When the start that is under way began, by path. */
  readonly #begun = new Map<string, number>();
  /** What the start took of those that are ready and not yet told of, by path. */
  readonly #ready = new Map<string, number>();

  constructor(application: StartingApplication, tell: (started: Started) => void) {
    this.#application = application;
    this.#tell = tell;
  }

  /** To be called with each of the supervisor's events, in their order. */
  see(event: SupervisorEvent): void {
    if (event.kind === "ready" || event.kind === "ended") return this.#tellAll();
    if (event.kind !== "state" || event.unit === "group") return;
    const { path, to, at } = event;
    if (to === "starting") return void this.#begun.set(path, at);
    if (to === "ready") this.#noteReady(path, at - (this.#begun.get(path) ?? at));
    this.#begun.delete(path);
  }

  #noteReady(path: string, took: number): void {
    if (this.#ready.size === 0) this.#application.time.callLater(0, () => this.#tellAll());
    this.#ready.set(path, took);
  }

  #tellAll(): void {
    if (this.#ready.size === 0) return;
    const units = new Map(this.#application.status().map((unit) => [unit.path, unit]));
    for (const [path, took] of this.#ready) {
      this.#tell({ path, took, endpoints: units.get(path)?.endpoints ?? [] });
    }
    this.#ready.clear();
  }
}
