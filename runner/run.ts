import { Application } from "../services/application.ts";
import type { ApplicationSpec } from "../services/application_spec.ts";
import { LogTail } from "./control/log_tail.ts";
import { tailedLogger } from "./control/tailed_logger.ts";
import { LOG_DEFAULTS } from "./log/options.ts";
import { openLog } from "./log/log.ts";
import { standardError } from "./log/standard_error.ts";
import { Runner, type RunnerOptions } from "./runner.ts";
import type { ExitVerdict } from "../services/supervision/exit_verdict.ts";

/** How `run` runs an application. */
export type RunOptions = Partial<RunnerOptions>;

/**
 * Run an application made in code, supervised as one from a file, until SIGINT or SIGTERM, or until it ends by
 * itself. Without a `log` option, records go to standard error.
 *
 * The verdict's `status` is meant for `Deno.exit`: 0 after a clean stop, 69 when it failed before it was
 * first ready, 70 later.
 *
 * @example
 * ```ts no-run
 * import { Application, Protocol, run } from "@heddle/heddle";
 *
 * const application = new Application("demo");
 * application.addService("silence", () => ({
 *   start: (ctx) => ctx.reactor.listen("tcp:127.0.0.1:7009", () => new Protocol()),
 * }));
 * const { status } = await run(application);
 * Deno.exit(status);
 * ```
 */
export async function run(
  application: Application | ApplicationSpec,
  options: RunOptions = {},
): Promise<ExitVerdict> {
  const spec = application instanceof Application ? application.toApplicationSpec() : application;
  const logs = new LogTail();
  const { log } = options;
  if (log !== undefined) {
    const tailed = (path: string) => tailedLogger(log(path), path, logs);
    return await new Runner(spec, { ...options, log: tailed }, logs).run();
  }
  await using opened = openLog(LOG_DEFAULTS, { ...standardError(), onRecord: (record) => logs.add(record) });
  return await new Runner(spec, { ...options, log: (path) => opened.logger(path || undefined) }, logs).run();
}
