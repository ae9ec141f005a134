import type { Finding, Place } from "./finding.ts";
import { formatPath } from "./path.ts";
import type { Problem } from "./problem.ts";
import { SourceMap, type Yaml } from "./source_map.ts";

/** Nobody reads more, and each costs a search through the text. */
const MAX_PROBLEMS = 200;

/**
 * Turn findings into problems: look up their places, sort them by file (in the order of `files`) and place.
 * The library that knows places is loaded only here, so that a good file never pays for it.
 */
export async function locate(findings: readonly Finding[], files: readonly string[]): Promise<Problem[]> {
  const shown = findings.slice(0, MAX_PROBLEMS);
  const yaml = shown.some((finding) => finding.place === undefined) ? await import("yaml") : undefined;
  const maps = new Map<string, SourceMap>();
  const problems = shown.map((finding) => {
    const place = finding.place === undefined ? lookUp(finding, maps, yaml!) : finding.place;
    return problemOf(finding, place);
  });
  const sorted = distinct(problems).sort((a, b) =>
    files.indexOf(a.file) - files.indexOf(b.file) || (a.line ?? 0) - (b.line ?? 0) ||
    (a.column ?? 0) - (b.column ?? 0)
  );
  const left = findings.length - shown.length;
  return left === 0 ? sorted : [...sorted, { file: files[0]!, path: "", message: `${left} more problems` }];
}

function problemOf(finding: Finding, place: Place | null): Problem {
  const { source, path, message, suggestion } = finding;
  return {
    file: source.file,
    path: formatPath(path),
    message: oneLine(message),
    ...(place !== null && place),
    ...(place !== null && source.text !== "" && { sourceLine: lineOf(source.text, place.line) }),
    ...(suggestion !== undefined && { suggestion: oneLine(suggestion) }),
  };
}

/** Messages of validators may quote anything: nothing in them may end the line or steer the terminal. */
function oneLine(message: string): string {
  return message.replace(/\s*\n\s*/g, " ").replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, "?");
}

function lineOf(text: string, line: number): string {
  return text.split("\n", line)[line - 1]?.replace(/\r$/, "") ?? "";
}

function distinct(problems: readonly Problem[]): Problem[] {
  const seen = new Set<string>();
  return problems.filter((problem) => {
    const key = JSON.stringify([problem.file, problem.line, problem.column, problem.path, problem.message]);
    return !seen.has(key) && seen.add(key);
  });
}

function lookUp(finding: Finding, maps: Map<string, SourceMap>, yaml: Yaml): Place | null {
  const { source, path } = finding;
  let map = maps.get(source.file);
  if (map === undefined) maps.set(source.file, map = new SourceMap(source, yaml));
  return map.find(path, finding.at ?? "value");
}
