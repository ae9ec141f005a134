import { z } from "zod";
import { duration } from "../plugin/zod.ts";

const SIGNALS = ["SIGTERM", "SIGINT", "SIGQUIT", "SIGHUP", "SIGUSR1", "SIGUSR2", "SIGKILL"] as const;

/** A program and its arguments, as a list: no shell is between, so nothing needs to be escaped. */
export const commandOption = z.tuple([z.string().min(1)], z.string())
  .describe('The program and its arguments: ["node", "server.js"]; for a shell, ["sh", "-c", "..."]');

/** The options of whatever runs a program. */
export const processOptions = {
  cwd: z.string().min(1).optional().describe("Its working folder; default: where Heddle was started"),
  env: z.record(z.string().regex(/^[^=\0]+$/, "must be a variable's name"), z.string()).default({})
    .describe("Variables set in its environment"),
  clearEnv: z.boolean().default(false).describe("Give it nothing of Heddle's environment but what env says"),
  stop: z.strictObject({
    signal: z.enum(SIGNALS).default("SIGTERM").describe("Sent to it, and to all that it started"),
    grace: duration().prefault("8s").describe("Then SIGKILL; the service's stopTimeout may come sooner"),
  }).prefault({}).describe("How it is asked to stop"),
} as const;
