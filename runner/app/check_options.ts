import type { Plugin } from "../../services/plugin/plugin.ts";
import { type Fault, unknownKey } from "./describe_issue.ts";
import type { Finding } from "./finding.ts";
import { type JsonSchema, jsonSchemaOf } from "./json_schema_of.ts";
import { findUnknownKeys } from "./unknown_keys.ts";
import type { ServiceUnit } from "./units.ts";
import { type Part, toFindings, validate } from "./validate.ts";

/** The options that plugins have accepted, and what they did not. */
export interface CheckedOptions {
  /** As the schemas returned them, by service. */
  readonly options: ReadonlyMap<ServiceUnit, unknown>;
  /** As the schemas took them: what gives the same when it is validated again. */
  readonly inputs: ReadonlyMap<ServiceUnit, unknown>;
  readonly findings: readonly Finding[];
}

/**
 * Have plugins judge the options of their services: by the schema, by keys that the schema would drop, by
 * the plugin's own `check`.
 */
export async function checkOptions(plugins: ReadonlyMap<ServiceUnit, Plugin>): Promise<CheckedOptions> {
  const options = new Map<ServiceUnit, unknown>();
  const inputs = new Map<ServiceUnit, unknown>();
  const findings: Finding[] = [];
  for (const [unit, plugin] of plugins) {
    const part: Part = { source: unit.source, path: [...unit.at, "options"] };
    // `options:` with nothing behind it is null.
    const written = unit.written.options ?? {};
    const validated = await validate(plugin.options, written, part);
    if (!validated.ok) findings.push(...validated.findings);
    else {
      const faults = [...droppedKeys(plugin, written), ...runCheck(plugin, validated.value)];
      findings.push(...toFindings(faults, part));
      options.set(unit, validated.value);
      inputs.set(unit, validated.input);
    }
  }
  return { options, inputs, findings };
}

function runCheck(plugin: Plugin, options: unknown): Fault[] {
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

function droppedKeys(plugin: Plugin, written: unknown): Fault[] {
  if (typeof written !== "object" || written === null || Object.keys(written).length === 0) return [];
  let schema = schemas.get(plugin);
  if (schema === undefined) schemas.set(plugin, schema = jsonSchemaOf(plugin.options) ?? null);
  return schema === null
    ? []
    : findUnknownKeys(schema, written).map(({ path, known }) => unknownKey(path, known));
}
