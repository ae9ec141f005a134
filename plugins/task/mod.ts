/**
 * Runs something once (a migration that others need), or by a schedule: a program, or a module of one's own.
 *
 * @module
 */
import { definePlugin, type Plugin } from "../../services/plugin/plugin.ts";
import { spawnProcess } from "../../services/process/child_process.ts";
import { options, type TaskOptions } from "./options.ts";
import { cronSchedule } from "./schedule.ts";
import { TaskService } from "./task_service.ts";

/** A run may take as long as it takes; a number, since a deadline is one: a hundred years. */
const NO_LIMIT = 36_500 * 86_400_000;

type Problems = { path: readonly PropertyKey[]; message: string }[];

export default definePlugin({
  name: "task",
  description: "Run a program or a module once, or by a schedule",
  options,
  permissions: ({ command, run }) => command === undefined ? { read: [run!] } : { run: [command[0]] },
  check,
  unitDefaults: (options) =>
    isScheduled(options) ? {} : {
      restart: "transient",
      startTimeout: options.timeout === undefined ? NO_LIMIT : options.timeout + options.stop.grace,
    },
  makeService: (options) => new TaskService(options, { spawn: spawnProcess, wallClock: Date.now }),
}) as Plugin<typeof options>;

function isScheduled({ schedule, every }: TaskOptions): boolean {
  return schedule !== undefined || every !== undefined;
}

function check(options: TaskOptions): Problems {
  const { command, run, schedule, timeZone, every, atStart, retries } = options;
  const problems: Problems = [];
  if ((command === undefined) === (run === undefined)) {
    problems.push({ path: [], message: "needs either command or run: a program, or a module" });
  }
  if (schedule !== undefined && every !== undefined) {
    problems.push({ path: ["every"], message: "cannot stand beside schedule: choose one of them" });
  }
  if (every !== undefined && every < 1000) {
    problems.push({ path: ["every"], message: "must be 1s at least" });
  }
  if (timeZone !== undefined && schedule === undefined) {
    problems.push({ path: ["timeZone"], message: "means nothing without schedule" });
  }
  if (!isScheduled(options) && atStart) {
    problems.push({
      path: ["atStart"],
      message: "means nothing without schedule or every: it runs once anyway",
    });
  }
  if (!isScheduled(options) && retries > 0) {
    problems.push({
      path: ["retries"],
      message: "means nothing without schedule or every: the supervisor starts it again, with backoff",
    });
  }
  if (schedule !== undefined) {
    try {
      cronSchedule(schedule, timeZone);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      const path = error.message.includes("zone") ? ["timeZone"] : ["schedule"];
      problems.push({ path, message: error.message });
    }
  }
  return problems;
}
