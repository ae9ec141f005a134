import type { ApplicationSpec } from "../../services/application_spec.ts";
import type { Logger } from "../../services/log.ts";
import { ApplicationFileError } from "../app/errors.ts";
import type { LoadedApplication } from "../app/load_application.ts";
import { summarizeProblem } from "../app/problem.ts";
import type { LogOptions } from "../log/options.ts";

/** What reloading an application takes. */
export interface ReloadSteps {
  /** Read and check the file. */
  load(): Promise<LoadedApplication>;
  /** Take the log's options. Throws when its file cannot be opened. */
  configureLog(options: LogOptions): void;
  /** Bring the running application to `spec`; the supervisor tells what it did. */
  apply(spec: ApplicationSpec): Promise<unknown>;
  readonly log: Logger;
}

/**
 * Read the application file again and do what it takes to run what it says now. All of it is checked first:
 * when anything is wrong, that is logged and nothing changes. Never rejects.
 */
export async function reload({ load, configureLog, apply, log }: ReloadSteps): Promise<void> {
  try {
    const { spec, log: options } = await load();
    configureLog(options);
    await apply(spec);
  } catch (error) {
    if (error instanceof ApplicationFileError) {
      for (const problem of error.problems) {
        log.error(summarizeProblem(problem), { suggestion: problem.suggestion });
      }
    } else {
      log.error(error instanceof Error ? error.message : String(error));
    }
    log.error("Cannot reload the application: nothing has changed");
  }
}
