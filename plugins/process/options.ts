import { z } from "zod";
import { clientEndpoint, duration, parsed } from "../../services/plugin/zod.ts";
import { commandOption, processOptions } from "../../services/process/options.ts";

const port = clientEndpoint().describe("It accepts connections there");
const http = z.url({ protocol: /^https?$/ }).describe(
  "A GET of this URL is answered by a status from 200 to 399",
);

const pattern = parsed((text) => new RegExp(text), SyntaxError);

const level = z.enum(["debug", "info", "warn", "error", "off"]);

/** The options of the process plugin. */
export const options = z.strictObject({
  command: commandOption,
  ...processOptions,
  ready: z.union([
    z.strictObject({ port }),
    z.strictObject({ http }),
    z.strictObject({ line: pattern.describe("It writes a line that this regular expression matches") }),
    z.strictObject({ after: duration().describe("It has been running for so long") }),
  ]).default({ after: 0 }).describe("When it is ready; default: at once. startTimeout bounds the wait"),
  health: z.union([z.strictObject({ port }), z.strictObject({ http })]).optional()
    .describe("What is asked of it every healthInterval while it runs; default nothing"),
  successCodes: z.array(z.int().min(0).max(255)).min(1).default([0])
    .describe("Exit statuses with which it has finished on purpose; the others are failures"),
  log: z.strictObject({
    stdout: level.default("info").describe("Level of what it writes to standard output"),
    stderr: level.default("warn").describe("Level of what it writes to standard error"),
  }).prefault({}).describe("How its lines are logged; off: not at all"),
});

/** The options, as the plugin gets them. */
export type ProcessOptions = z.output<typeof options>;
