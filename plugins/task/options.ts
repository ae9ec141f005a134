import { z } from "zod";
import { duration } from "../../services/plugin/zod.ts";
import { commandOption, processOptions } from "../../services/process/options.ts";

/** The options of the task plugin. */
export const options = z.strictObject({
  command: commandOption.optional(),
  run: z.string().min(1).optional()
    .describe("A TypeScript module, relative to the working directory, whose default export is the task"),
  ...processOptions,
  schedule: z.string().min(1).optional().describe(
    'When, as a cron expression: "0 3 * * *", with seconds first where there are six fields; "@daily"',
  ),
  timeZone: z.string().optional().describe("Of the schedule: Europe/Berlin; default the system's"),
  every: duration().optional().describe("Instead of a schedule: so often, counted from the start"),
  atStart: z.boolean().default(false).describe("With a schedule: also once when the service starts"),
  timeout: duration().optional().describe("A run that takes longer is stopped, and has failed; default none"),
  retries: z.int().min(0).max(100).default(0)
    .describe("With a schedule: how often a failed run is tried again before the next one is due"),
  retryDelay: duration().prefault("10s").describe("Between two tries"),
});

/** The options, as the plugin gets them. */
export type TaskOptions = z.output<typeof options>;
