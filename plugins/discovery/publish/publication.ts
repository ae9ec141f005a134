import type { Logger } from "../../../services/log.ts";
import type { Registration, RegistrationOptions, Registry } from "../../../services/registry/registry.ts";

/** What should stand in the registry under one id; null: nothing. */
export type Wanted = RegistrationOptions & { readonly id: string } | null;

/**
 * Brings one instance in the registry to what is wanted, one step after the other. What is wanted may change
 * faster than the registry takes it; then only the latest counts.
 */
export class Publication {
  readonly #registry: Registry;
  readonly #log: Logger;
  readonly #onGone: () => void;
  #wanted: Wanted = null;
  #registration: Registration | null = null;
  #running: Promise<void> | null = null;
  /** The registry has what is wanted, and it is still there. */
  #isDone = false;
  /** Ends a registration that waits for a backend. */
  #waiting: AbortController | null = null;

  /** `onGone` is called when nothing is registered, or wanted, any more. */
  constructor(registry: Registry, log: Logger, onGone: () => void) {
    this.#registry = registry;
    this.#log = log;
    this.#onGone = onGone;
  }

  /** Want something else. Resolves when the registry has it, or never will. */
  want(wanted: Wanted): Promise<void> {
    const isSame = JSON.stringify(wanted) === JSON.stringify(this.#wanted);
    this.#wanted = wanted;
    if (isSame && this.#isDone) return this.#running ?? Promise.resolve();
    this.#isDone = false;
    if (wanted === null) {
      // At once: a step that is under way may wait for a backend that is away.
      this.#waiting?.abort(new Error("The service has ended"));
      this.#registration?.deregister().catch(() => {});
    }
    return this.#running ??= this.#run();
  }

  /** Want the same in another state; not if something else is wanted in this turn still, as it is when it ends. */
  wantState(state: "draining" | "failed"): void {
    queueMicrotask(() => {
      if (this.#wanted !== null) void this.want({ ...this.#wanted, state });
    });
  }

  async #run(): Promise<void> {
    let done: Wanted | undefined;
    while (done !== this.#wanted) {
      done = this.#wanted;
      try {
        await this.#bringAbout(done);
      } catch (error) {
        if (this.#wanted !== done) continue;
        this.#log.error("Cannot publish a service", { instance: done?.id, error });
        this.#wanted = null;
        break;
      }
    }
    // In the turn in which it ends: what is wanted from here on needs another run.
    this.#running = null;
    this.#isDone = this.#wanted !== null;
    if (this.#wanted === null) this.#onGone();
  }

  async #bringAbout(wanted: Wanted): Promise<void> {
    if (wanted === null) {
      const registration = this.#registration;
      this.#registration = null;
      return await registration?.deregister();
    }
    if (this.#registration !== null) {
      const { endpoint, tags, metadata, weight, state } = wanted;
      return await this.#registration.update(definedOf({ endpoint, tags, metadata, weight, state }));
    }
    this.#waiting = new AbortController();
    const registration = await this.#registry.register({ ...wanted, signal: this.#waiting.signal });
    this.#waiting = null;
    this.#registration = registration;
    registration.ended.addEventListener("abort", () => this.#lost(registration), { once: true });
  }

  /** The registration has ended, and that was not wanted. It is tried again when the service is looked at next. */
  #lost(registration: Registration): void {
    if (this.#registration !== registration || this.#wanted === null) return;
    this.#log.warn("A published service is registered no more", {
      instance: registration.instance.id,
      error: registration.ended.reason,
    });
    this.#registration = null;
    this.#isDone = false;
  }
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

function definedOf<T extends object>(value: T): Defined<T> {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as Defined<T>;
}
