import type { StandardIssue } from "../../services/plugin/standard_schema.ts";
import { closest } from "../../services/text/closest.ts";
import { quote } from "../../services/text/quote.ts";
import { suggesting } from "./finding.ts";
import { type Path, valueAt } from "./path.ts";

/** What a schema found wrong, in the words of this project. */
export interface Fault {
  /** From the validated value. */
  readonly path: Path;
  readonly at: "key" | "value";
  readonly message: string;
  readonly suggestion?: string;
}

/** The keys that a mapping at a path may have. */
export type KnownKeys = (path: Path) => readonly string[];

/** What zod adds to an issue; other libraries leave it out. */
interface DetailedIssue extends StandardIssue {
  readonly code?: string;
  readonly expected?: unknown;
  readonly keys?: readonly string[];
  readonly values?: readonly unknown[];
  /** Of a union: the issues of each alternative. */
  readonly errors?: readonly (readonly DetailedIssue[])[];
}

/** The faults of `value` that a schema's issues stand for. */
export function describeIssues(
  issues: readonly StandardIssue[],
  value: unknown,
  knownKeys: KnownKeys,
): Fault[] {
  return withoutConsequences(issues).flatMap((issue) => describe(issue, value, knownKeys, []));
}

/** Of a value whose type is wrong, zod may say besides that it is too short. */
function withoutConsequences(issues: readonly DetailedIssue[]): DetailedIssue[] {
  const mistyped = new Set(issues.filter(isMistyped).map((issue) => pathOf(issue).join("\0")));
  return issues.filter((issue) => isMistyped(issue) || !mistyped.has(pathOf(issue).join("\0")));
}

function isMistyped(issue: DetailedIssue): boolean {
  return issue.code === "invalid_type";
}

function describe(issue: DetailedIssue, value: unknown, knownKeys: KnownKeys, base: Path): Fault[] {
  const path = [...base, ...pathOf(issue)];
  const found = valueAt(value, path);
  if (issue.code === "unrecognized_keys" && Array.isArray(issue.keys)) {
    return issue.keys.map((key: string) => unknownKey([...path, key], knownKeys(path)));
  }
  if (issue.code === "invalid_union" && Array.isArray(issue.errors)) {
    const branch = closestBranch(issue.errors);
    if (branch !== undefined) return branch.flatMap((inner) => describe(inner, value, knownKeys, path));
    if (isStock(issue)) return [{ path, at: "value", ...describeAlternatives(issue.errors, found) }];
  }
  return [{ path, at: "value", ...describeValue(issue, found) }];
}

/** The fault of a key that is not known. */
export function unknownKey(path: Path, known: readonly string[]): Fault {
  const key = String(path.at(-1));
  const near = closest(key, known);
  const list = near === undefined && known.length > 0 ? `; known are ${known.map(quote).join(", ")}` : "";
  return { path, at: "key", message: `Unknown key ${quote(key)}${list}`, ...suggesting(near) };
}

function pathOf(issue: StandardIssue): Path {
  return (issue.path ?? []).map((segment) => {
    const key = typeof segment === "object" ? segment.key : segment;
    return typeof key === "symbol" ? String(key) : key;
  });
}

function describeValue(issue: DetailedIssue, found: unknown): { message: string; suggestion?: string } {
  const message = String(issue.message);
  if (!isStock(issue)) return { message };
  if (issue.code === "invalid_value" && Array.isArray(issue.values)) {
    const values = issue.values.map(String);
    const list = values.map(quote).join(", ");
    const wanted = values.length === 1 ? list : `one of ${list}`;
    return {
      message: found === undefined ? `Missing: must be ${wanted}` : `Must be ${wanted}, not ${show(found)}`,
      ...(typeof found === "string" ? suggesting(closest(found, values)) : {}),
    };
  }
  if (issue.code === "invalid_type") {
    const wanted = nameType(String(issue.expected));
    return {
      message: found === undefined ? `Missing: must be ${wanted}` : `Must be ${wanted}, not ${show(found)}`,
    };
  }
  return { message };
}

/** Is the message the library's own? An author's message is never replaced. */
function isStock(issue: DetailedIssue): boolean {
  return /^Invalid (input|option)/.test(issue.message);
}

/** Of a union's alternatives, the only one that the value resembles: its type is right, something within is not. */
function closestBranch(errors: readonly (readonly DetailedIssue[])[]): readonly DetailedIssue[] | undefined {
  const near = errors.filter((issues) => !issues.some(isTopLevelMismatch));
  return near.length === 1 ? near[0] : undefined;
}

function isTopLevelMismatch(issue: DetailedIssue): boolean {
  return (issue.path ?? []).length === 0 && (issue.code === "invalid_type" || issue.code === "invalid_value");
}

function describeAlternatives(
  errors: readonly (readonly DetailedIssue[])[],
  found: unknown,
): { message: string } {
  const wanted = errors.flatMap((issues) => issues.filter(isTopLevelMismatch)).map((issue) =>
    Array.isArray(issue.values)
      ? issue.values.map((value) => quote(String(value))).join(", ")
      : nameType(String(issue.expected))
  );
  const list = [...new Set(wanted)].join(" or ");
  if (list === "") return { message: "None of the allowed forms fits" };
  return {
    message: found === undefined ? `Missing: must be ${list}` : `Must be ${list}, not ${show(found)}`,
  };
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  string: "text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "a mapping",
  record: "a mapping",
  null: "null",
};

function nameType(expected: string): string {
  return TYPE_NAMES[expected] ?? expected;
}

function show(value: unknown): string {
  if (value === null) return "empty";
  if (typeof value === "string") return quote(value);
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a mapping";
  return typeof value === "number" ? `the number ${value}` : String(value);
}
