import type { StandardResult, StandardSchema } from "../../services/plugin/standard_schema.ts";
import { describeIssues, type Fault, type KnownKeys } from "./describe_issue.ts";
import type { Finding } from "./finding.ts";
import { type JsonSchema, jsonSchemaOf, keysOf, subschemaAt } from "./json_schema_of.ts";
import { type Path, valueAt } from "./path.ts";
import type { Source } from "./source.ts";

/** A part of a source that is being validated. */
export interface Part {
  readonly source: Source;
  /** Where it is in the source. */
  readonly path: Path;
}

/** A validation's outcome: the value, or what is wrong. */
export type Validated<T> =
  /** `input`: what was validated, with the scalars that interpolation gave as text. */
  | { readonly ok: true; readonly value: T; readonly input: unknown }
  | { readonly ok: false; readonly findings: readonly Finding[] };

/** Validate a part of a source with any Standard Schema. */
export async function validate<T>(
  schema: StandardSchema<unknown, T>,
  value: unknown,
  part: Part,
): Promise<Validated<T>> {
  let input = value;
  let result = await run(schema, input);
  const converted = result.issues && convertScalars(result.issues, input, part);
  if (converted !== undefined) {
    const again = await run(schema, converted);
    if (again.issues === undefined || again.issues.length < result.issues!.length) {
      [input, result] = [converted, again];
    }
  }
  if (result.issues === undefined) return { ok: true, value: result.value, input };
  const knownKeys = lazyKnownKeys(schema);
  const faults = describeIssues(result.issues, input, knownKeys);
  return { ok: false, findings: toFindings(faults, part) };
}

/** Faults of a part as findings: placed in the source, without what follows from other faults. */
export function toFindings(faults: readonly Fault[], { source, path }: Part): Finding[] {
  return faults.map((fault) => ({ ...fault, source, path: [...path, ...fault.path] }))
    .filter((finding) => !source.marks.isBroken(finding.path));
}

async function run<T>(schema: StandardSchema<unknown, T>, value: unknown): Promise<StandardResult<T>> {
  try {
    const result = await schema["~standard"].validate(value);
    if (typeof result === "object" && result !== null) return result;
    return { issues: [{ message: "Cannot validate: the schema returns neither a value nor issues" }] };
  } catch (error) {
    return { issues: [{ message: `Cannot validate: the schema throws ${String(error)}` }] };
  }
}

/**
 * Interpolation yields text, and a variable cannot say that it means a number. So where a schema refuses an
 * interpolated text that reads as a number or a boolean, it is asked again with that.
 */
function convertScalars(
  issues: NonNullable<StandardResult<unknown>["issues"]>,
  value: unknown,
  { source, path }: Part,
): unknown {
  const places = new Map<string, Path>();
  for (const fault of describeIssues(issues, value, () => [])) {
    if (source.marks.isInterpolated([...path, ...fault.path])) places.set(fault.path.join("\0"), fault.path);
  }
  let converted: unknown;
  for (const place of places.values()) {
    const scalar = readScalar(valueAt(value, place));
    if (scalar === undefined) continue;
    if (place.length === 0) return scalar;
    converted ??= structuredClone(value);
    const container = valueAt(converted, place.slice(0, -1)) as Record<string | number, unknown>;
    container[place.at(-1)!] = scalar;
  }
  return converted;
}

function readScalar(text: unknown): number | boolean | undefined {
  if (text === "true" || text === "false") return text === "true";
  return typeof text === "string" && /^[-+]?\d+(\.\d+)?$/.test(text) ? Number(text) : undefined;
}

/** The schema is translated only when a key has to be explained. */
function lazyKnownKeys(schema: StandardSchema<unknown, unknown>): KnownKeys {
  let json: JsonSchema | undefined;
  return (path) => {
    json ??= jsonSchemaOf(schema);
    return json === undefined ? [] : keysOf(json, subschemaAt(json, json, path));
  };
}
