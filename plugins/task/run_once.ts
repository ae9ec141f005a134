import type { ServiceContext } from "../../services/context.ts";
import { formatDuration } from "../../services/units/duration.ts";
import type { Task } from "./task.ts";

/** A run that was stopped because it took too long. */
export class TaskTimeoutError extends Error {
  /** Always `"TaskTimeoutError"`. */
  override readonly name = "TaskTimeoutError";
}

/** Run `task`, for at most `timeout` ms if that is given. @throws whatever it throws; {@linkcode TaskTimeoutError} */
export async function runOnce(
  task: Task,
  { name, log, reactor, draining, signal }: ServiceContext,
  due: number,
  timeout: number | undefined,
): Promise<unknown> {
  const late = new AbortController();
  const overdue = Promise.withResolvers<never>();
  overdue.promise.catch(() => {});
  const call = timeout === undefined ? null : reactor.callLater(timeout, () => {
    const error = new TaskTimeoutError(`Took longer than its timeout of ${formatDuration(timeout)}`);
    late.abort(error);
    overdue.reject(error);
  });
  const run = Promise.try(task, {
    name,
    log,
    reactor,
    due,
    signal: AbortSignal.any([late.signal, draining, signal]),
  });
  try {
    return await Promise.race([run, overdue.promise]);
  } catch (error) {
    // A program is waited for until it is gone, lest the next run overlaps it; what it says then is known.
    if (late.signal.aborted) await run.catch(() => {});
    throw error;
  } finally {
    call?.cancel();
  }
}
