import type { FileProblem } from "../../services/control/file_problem.ts";

export type { FileProblem as Problem };

/** How problems are printed. */
export interface RenderOptions {
  /** Use ANSI colours. Default false. */
  readonly color?: boolean;
}

/**
 * The text that shows problems to an operator: each with its place, its line of the file and a caret.
 *
 * ```text
 * app.yaml:12:15: services.web.options.listen: Cannot parse endpoint "tcp:80o": port must be 0-65535
 *   12 |       listen: tcp:80o
 *      |               ^
 * ```
 */
export function renderProblems(problems: readonly FileProblem[], options: RenderOptions = {}): string {
  const paint = options.color ? painted : plain;
  return problems.map((problem) => renderProblem(problem, paint)).join("\n");
}

/** `app.yaml:12:15: services.web: message`, the problem's first line. */
export function summarizeProblem(problem: FileProblem): string {
  return [place(problem), problem.path, problem.message].filter((part) => part !== "").join(": ");
}

function renderProblem(problem: FileProblem, paint: Paint): string {
  const head = [paint("bold", place(problem)), problem.path, paint("red", problem.message)]
    .filter((part) => part !== "").join(": ");
  const lines = [head];
  if (problem.line !== undefined && problem.column !== undefined && problem.sourceLine !== undefined) {
    const shown = window(problem.sourceLine, problem.column - 1);
    const gutter = String(problem.line);
    lines.push(`  ${paint("dim", `${gutter} |`)} ${shown.text}`);
    lines.push(
      `  ${paint("dim", `${" ".repeat(gutter.length)} |`)} ${" ".repeat(shown.caret)}${paint("red", "^")}`,
    );
  }
  if (problem.suggestion !== undefined) lines.push(`  ${paint("cyan", problem.suggestion)}`);
  return lines.join("\n") + "\n";
}

function place({ file, line, column }: FileProblem): string {
  return line === undefined ? file : column === undefined ? `${file}:${line}` : `${file}:${line}:${column}`;
}

const WIDTH = 100;

/** The part of a long line around its caret, with what would disturb a terminal replaced, one for one. */
function window(line: string, caret: number): { text: string; caret: number } {
  const from = line.length <= WIDTH ? 0 : Math.max(0, caret - WIDTH / 2);
  const text = line.slice(from, from + WIDTH).replace(/\t/g, " ").replace(
    /[\p{Cc}\p{Cf}\u2028\u2029]/gu,
    "?",
  );
  return { text, caret: Math.max(0, caret - from) };
}

type Style = keyof typeof STYLES;
type Paint = (style: Style, text: string) => string;

const STYLES = { bold: "1", dim: "2", red: "31", cyan: "36" } as const;

function plain(_style: Style, text: string): string {
  return text;
}

function painted(style: Style, text: string): string {
  return text === "" ? "" : `\x1b[${STYLES[style]}m${text}\x1b[0m`;
}
