import type { ReactorTime } from "../../services/async/time.ts";
import type { Logger } from "../../services/log.ts";
import { type Leadership, registry } from "../../services/registry/registry.ts";
import type { Candidacy, Candidate, Elections } from "../supervisor/elections.ts";
import type { Provisions } from "./provisions.ts";

/** Before an election is tried again that failed, ms. */
const RETRY = 1_000;

/** What elections by a registry work with. */
export interface RegistryElectionsOptions {
  /** Name of the application: runners of another one do not stand against each other. */
  readonly application: string;
  readonly provisions: Provisions;
  readonly time: ReactorTime;
  /** The logger of the service at a path. */
  readonly log: (path: string) => Logger;
}

/** Elects singletons in the registry that is provided among their needs. */
export class RegistryElections implements Elections {
  readonly #options: RegistryElectionsOptions;

  constructor(options: RegistryElectionsOptions) {
    this.#options = options;
  }

  stand(candidate: Candidate): Candidacy {
    const standing = new Standing(candidate, this.#options);
    void standing.run();
    return standing;
  }
}

class Standing implements Candidacy {
  readonly #candidate: Candidate;
  readonly #options: RegistryElectionsOptions;
  readonly #left = new AbortController();
  #leadership: Leadership | null = null;

  constructor(candidate: Candidate, options: RegistryElectionsOptions) {
    this.#candidate = candidate;
    this.#options = options;
  }

  async run(): Promise<void> {
    const { path } = this.#candidate;
    while (!this.#left.signal.aborted) {
      try {
        return this.#take(await this.#elect());
      } catch (error) {
        if (this.#left.signal.aborted) return;
        this.#options.log(path).error("Cannot be elected", { error });
        await this.#pause();
      }
    }
  }

  leave(hasStopped: boolean): void {
    this.#left.abort();
    if (hasStopped) this.#leadership?.resign().catch(() => {});
    else this.#leadership?.abandon();
  }

  async #elect(): Promise<Leadership> {
    const { provisions, application } = this.#options;
    const { path, needs, stopTimeout } = this.#candidate;
    const { signal } = this.#left;
    // Later than the call that it stands by, whatever the registry is.
    await Promise.resolve();
    return await provisions.get(path, needs, registry).elect(`${application}.${path}`, {
      stopTimeout,
      signal,
    });
  }

  #take(leadership: Leadership): void {
    if (this.#left.signal.aborted) return void leadership.resign().catch(() => {});
    this.#leadership = leadership;
    this.#candidate.won(leadership);
    const { lost } = leadership;
    const tell = (): void => {
      if (!this.#left.signal.aborted) this.#candidate.lost(reasonOf(lost.reason));
    };
    if (lost.aborted) tell();
    else lost.addEventListener("abort", tell, { once: true });
  }

  #pause(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const call = this.#options.time.callLater(RETRY, resolve);
    this.#left.signal.addEventListener("abort", () => {
      call.cancel();
      resolve();
    }, { once: true });
    return promise;
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
