import { type Problem, summarizeProblem } from "./problem.ts";

/** An application file that cannot be used, with all that is wrong with it, sorted by place. */
export class ApplicationFileError extends Error {
  override readonly name = "ApplicationFileError";
  readonly problems: readonly Problem[];
  /** Every file that was read until then, for watching. */
  readonly files: readonly string[];

  constructor(problems: readonly Problem[], files: readonly string[] = []) {
    super(problems.map(summarizeProblem).join("\n"));
    this.problems = problems;
    this.files = files;
  }
}

/** The application file itself does not exist. */
export class NoSuchFileError extends Error {
  override readonly name = "NoSuchFileError";
  readonly file: string;

  constructor(file: string, options?: ErrorOptions) {
    super(`Cannot read "${file}": no such file`, options);
    this.file = file;
  }
}
