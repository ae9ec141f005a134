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
  /** Of a key: what is wrong with it. */
  readonly issues?: readonly DetailedIssue[];
  /** Of what is too small or too big: a kind of value, and the bound. */
  readonly origin?: string;
  readonly minimum?: number | bigint;
  readonly maximum?: number | bigint;
  readonly inclusive?: boolean;
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
  if (issue.code === "invalid_key" && Array.isArray(issue.issues) && isStock(issue)) {
    return issue.issues.map((inner: DetailedIssue) => ({ path, at: "key", message: String(inner.message) }));
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
    const list = issue.values.map(showWanted).join(", ");
    const wanted = issue.values.length === 1 ? list : `one of ${list}`;
    return {
      message: found === undefined ? `Missing: must be ${wanted}` : `Must be ${wanted}, not ${show(found)}`,
      ...(typeof found === "string" ? suggesting(closest(found, issue.values.map(String))) : {}),
    };
  }
  if (issue.code === "invalid_type") {
    const wanted = nameType(String(issue.expected));
    return {
      message: found === undefined ? `Missing: must be ${wanted}` : `Must be ${wanted}, not ${show(found)}`,
    };
  }
  const bound = describeBound(issue, found);
  return { message: bound ?? message };
}

/** Of what is too small or too big; null for other kinds. What a text is stays untold: it may be a secret. */
function describeBound(
  { code, origin, minimum, maximum, inclusive }: DetailedIssue,
  found: unknown,
): string | null {
  const bound = code === "too_small" ? minimum : code === "too_big" ? maximum : undefined;
  if (bound === undefined) return null;
  const than = code === "too_small" ? ["at least", "more than"] : ["at most", "less than"];
  const wanted = `${inclusive === false ? than[1] : than[0]} ${bound}`;
  if (typeof found === "number") return `Must be ${wanted}, not ${show(found)}`;
  const parts = origin === "string" ? "character" : origin === "array" ? "item" : null;
  return parts === null ? null : `Must have ${wanted} ${parts}${Number(bound) === 1 ? "" : "s"}`;
}

/** Is the message the library's own? An author's message is never replaced. */
function isStock(issue: DetailedIssue): boolean {
  return /^(?:Invalid (?:input|option|key)|Too (?:small|big))/.test(issue.message);
}

/**
 * Of a union's alternatives, the only one that the value resembles: its type is right, something within is not. Where
 * a parser refuses the whole and a list only one of its items, it is the list.
 */
function closestBranch(errors: readonly (readonly DetailedIssue[])[]): readonly DetailedIssue[] | undefined {
  const near = errors.filter((issues) => !issues.some(isTopLevelMismatch));
  if (near.length < 2) return near[0];
  const [first, ...others] = near.filter((issues) => issues.every((issue) => (issue.path ?? []).length > 0));
  return others.length === 0 ? first : undefined;
}

function isTopLevelMismatch(issue: DetailedIssue): boolean {
  return (issue.path ?? []).length === 0 && (issue.code === "invalid_type" || issue.code === "invalid_value");
}

function describeAlternatives(
  errors: readonly (readonly DetailedIssue[])[],
  found: unknown,
): { message: string } {
  const wanted = errors.flatMap((issues) => issues.filter(isTopLevelMismatch)).map((issue) =>
    Array.isArray(issue.values) ? issue.values.map(showWanted).join(", ") : nameType(String(issue.expected))
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

/** A value as one would write it. */
function showWanted(value: unknown): string {
  return typeof value === "string" ? quote(value) : String(value);
}

function show(value: unknown): string {
  if (value === null) return "empty";
  if (typeof value === "string") return quote(value);
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a mapping";
  return typeof value === "number" ? `the number ${value}` : String(value);
}
