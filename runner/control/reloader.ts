import type { ApplicationSpec } from "../../services/application_spec.ts";
import type {
  ReloadOutcome,
  ReloadPreview,
  ReloadRefusal,
} from "../../services/control/application_control.ts";
import type { FileProblem } from "../../services/control/file_problem.ts";
import type { Logger } from "../../services/log.ts";
import type { ReloadPlan, ReloadReport } from "../../services/supervision/reload.ts";
import { ApplicationFileError } from "../app/errors.ts";
import { summarizeProblem } from "../app/problem.ts";

/** Where an application is read from, again and again. */
export interface ApplicationSource {
  /**
   * Read and check it.
   * @throws {ApplicationFileError} when it is not good
   */
  read(): Promise<ReadApplication>;
}

/** An application that was read and found good. */
export interface ReadApplication {
  /** What the supervisor is to run. */
  readonly spec: ApplicationSpec;
  /** Take over what is not the supervisor's: the log's options. Throws, and changes nothing, when it cannot. */
  adopt?(): void;
}

/** What reloading takes. */
export interface ReloaderOptions {
  /** Null: the application was made in code. */
  readonly source: ApplicationSource | null;
  /** The supervisor of the running application. */
  readonly supervisor: {
    plan(spec: ApplicationSpec): ReloadPlan;
    apply(spec: ApplicationSpec): Promise<ReloadReport>;
  };
  /** The runner's. */
  readonly log: Logger;
}

/**
 * Reads the application anew and does what it takes to run what it says now. All of it is checked first: when
 * anything is wrong, nothing changes. One reload after the other, each with what it finds when its turn comes.
 */
export class Reloader {
  readonly #options: ReloaderOptions;
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: ReloaderOptions) {
    this.#options = options;
  }

  /** What `reload` would do now. */
  async plan(): Promise<ReloadPreview> {
    try {
      const { spec } = await this.#read();
      return { ok: true, plan: this.#options.supervisor.plan(spec) };
    } catch (error) {
      return refusal(error);
    }
  }

  /** Do it. What is wrong is logged, too. Never rejects. */
  reload(): Promise<ReloadOutcome> {
    const turn = this.#last.then(() => this.#reload());
    this.#last = turn;
    return turn;
  }

  async #reload(): Promise<ReloadOutcome> {
    const { supervisor, log } = this.#options;
    try {
      const { spec, adopt } = await this.#read();
      adopt?.();
      return { ok: true, report: await supervisor.apply(spec) };
    } catch (error) {
      const refused = refusal(error);
      for (const problem of refused.problems) {
        log.error(summarizeProblem(problem), { suggestion: problem.suggestion });
      }
      log.error("Cannot reload the application: nothing has changed");
      return refused;
    }
  }

  async #read(): Promise<ReadApplication> {
    const { source } = this.#options;
    if (source === null) {
      throw new Error("Cannot read the application again: it was made in code, not in a file");
    }
    return await source.read();
  }
}

function refusal(error: unknown): ReloadRefusal {
  if (error instanceof ApplicationFileError) return { ok: false, problems: error.problems };
  const message = error instanceof Error ? error.message : String(error);
  const problem: FileProblem = { file: "", path: "", message };
  return { ok: false, problems: [problem] };
}
