import { Cron } from "croner";

/** When a task is due. */
export interface Schedule {
  /** The first time after `time`, both in milliseconds since 1970; null when there is none any more. */
  next(time: number): number | null;
}

/**
 * A cron expression of five fields, or six with seconds first, or a nickname like `@daily`.
 * @throws {RangeError} when it, or the time zone, cannot be read
 */
export function cronSchedule(expression: string, timeZone?: string): Schedule {
  let cron: Cron;
  try {
    cron = new Cron(expression, { paused: true, ...(timeZone !== undefined && { timezone: timeZone }) });
    // It reads the time zone no sooner.
    cron.nextRun();
  } catch (error) {
    throw new RangeError(error instanceof Error ? error.message : String(error), { cause: error });
  }
  return { next: (time) => cron.nextRun(new Date(time))?.getTime() ?? null };
}

/** Every `period` ms, counted from `start`: what takes longer misses its ticks and does not shift them. */
export function periodicSchedule(period: number, start: number): Schedule {
  return { next: (time) => start + (Math.floor(Math.max(0, time - start) / period) + 1) * period };
}
