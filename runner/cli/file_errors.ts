import { ApplicationFileError, NoSuchFileError } from "../app/errors.ts";
import { type Problem, renderProblems } from "../app/problem.ts";
import { LogFileError } from "../../services/log_file/rotating_file.ts";
import { colourOn } from "./colour.ts";
import { EXIT } from "./exit_status.ts";
import type { CommandIO } from "./io.ts";

/** Show an operator all that is wrong with an application file. */
export function printProblems(file: string, problems: readonly Problem[], io: CommandIO): void {
  const count = problems.length;
  io.stderr.print(renderProblems(problems, { color: colourOn(io.stderr, io) }));
  io.stderr.print(`${file}: ${count} problem${count === 1 ? "" : "s"}\n`);
}

/**
 * Print why an application file cannot be used, and say with which status to end.
 * @throws {unknown} `error` itself, when it is about something else
 */
export function reportFileError(file: string, error: unknown, io: CommandIO): number {
  if (error instanceof NoSuchFileError) {
    io.stderr.print(`${error.message}\n`);
    return EXIT.noInput;
  }
  if (error instanceof LogFileError) {
    io.stderr.print(`${error.message}\n`);
    return EXIT.config;
  }
  if (error instanceof ApplicationFileError) {
    printProblems(file, error.problems, io);
    return EXIT.config;
  }
  throw error;
}
