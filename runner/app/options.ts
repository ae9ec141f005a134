import type { Plugin } from "../../services/plugin/plugin.ts";
import { unknownKey } from "./describe_issue.ts";
import type { Finding } from "./finding.ts";
import { type JsonSchema, jsonSchemaOf } from "./json_schema_of.ts";
import type { Path } from "./path.ts";
import type { Secrets } from "./secrets.ts";
import { findUnknownKeys } from "./unknown_keys.ts";
import type { ServiceUnit } from "./units.ts";
import { type Part, toFindings, validate } from "./validate.ts";

/** Options that a plugin has accepted, or undefined with the reasons. */
export interface CheckedOptions {
  readonly options?: unknown;
  readonly findings: readonly Finding[];
}

/** Have a plugin judge a service's options: its schema, keys that the schema would drop, its own `check`. */
export async function checkOptions(
  plugin: Plugin,
  unit: ServiceUnit,
  secrets: Secrets,
): Promise<CheckedOptions> {
  // `options:` with nothing behind it is null.
  const written = unit.written.options ?? {};
  const part: Part = { source: unit.source, path: [...unit.at, "options"], secrets };
  const validated = await validate(plugin.options, written, part);
  if (!validated.ok) return { findings: validated.findings };
  const dropped = unknownKeysOf(plugin, written).map(({ path, known }) => unknownKey(path, known));
  const findings = toFindings([...dropped, ...runCheck(plugin, validated.value)], part);
  return findings.length > 0 ? { findings } : { options: validated.value, findings };
}

function runCheck(plugin: Plugin, options: unknown): { path: Path; at: "value"; message: string }[] {
  try {
    return (plugin.check?.(options) ?? []).map(({ path, message }) => ({
      path: (path ?? []).map((step) => typeof step === "symbol" ? String(step) : step),
      at: "value",
      message: String(message),
    }));
  } catch (error) {
    const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    return [{ path: [], at: "value", message: `Cannot check the options: the plugin throws ${reason}` }];
  }
}

const schemas = new WeakMap<Plugin, JsonSchema | null>();

function unknownKeysOf(plugin: Plugin, written: unknown): ReturnType<typeof findUnknownKeys> {
  let schema = schemas.get(plugin);
  if (schema === undefined) schemas.set(plugin, schema = jsonSchemaOf(plugin.options) ?? null);
  return schema === null ? [] : findUnknownKeys(schema, written);
}
