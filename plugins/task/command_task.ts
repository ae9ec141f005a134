import { type ProcessCommand, ProcessError } from "../../services/process/child_process.ts";
import { describeExit } from "../../services/process/describe_exit.ts";
import type { Children, ProcessStop } from "../../services/process/children.ts";
import type { Task } from "./task.ts";

/** A program as a task: status 0 is success. Its lines are logged, errors as warnings. */
export function commandTask(
  command: ProcessCommand,
  stop: ProcessStop,
  children: Children,
): Task {
  return async ({ log, signal }) => {
    let last: string | null = null;
    const process = children.run(command, stop, (stream, line) => {
      last = line.trim() === "" ? last : line;
      log[stream === "stdout" ? "info" : "warn"](line);
    });
    signal.addEventListener("abort", process.stop, { once: true });
    const exit = await process.ended;
    signal.removeEventListener("abort", process.stop);
    if (exit.code !== 0 || exit.signal !== null) throw new ProcessError(describeExit(command, exit, last));
  };
}
