import type { Plugin } from "../../services/plugin/plugin.ts";
import { type JsonSchema, jsonSchemaOf } from "./json_schema_of.ts";
import { applicationFileSchema, groupSchema, serviceSchema, UNIT_NAME } from "./schema.ts";

/** A plugin under the specifier that a file uses. */
export interface NamedPlugin {
  readonly specifier: string;
  readonly plugin: Plugin;
}

/**
 * JSON Schema (draft 2020-12) of the whole application file, from which an editor completes and checks:
 * the options of a service follow the schema of its plugin. The plugins are those that the file names, and
 * those that it could name.
 */
export function applicationSchema(plugins: readonly NamedPlugin[]): JsonSchema {
  const options = new OptionsSchemas(plugins);
  const units = {
    type: "object",
    propertyNames: { pattern: UNIT_NAME.source },
    additionalProperties: ref("unit"),
  };
  const file = ownSchema(applicationFileSchema);
  const group = ownSchema(groupSchema);
  const service = ownSchema(serviceSchema);
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "Heddle application file",
    ...withProperty(file, "services", units),
    $defs: {
      unit: { if: { type: "object", required: ["services"] }, then: ref("group"), else: ref("service") },
      group: withProperty(group, "services", units),
      service: {
        ...withProperty(service, "plugin", { anyOf: [{ enum: plugins.map(nameOf) }, { type: "string" }] }),
        allOf: options.conditions,
      },
      ...options.definitions,
    },
  };
}

function ref(definition: string): JsonSchema {
  return { $ref: `#/$defs/${definition}` };
}

function nameOf({ specifier }: NamedPlugin): string {
  return specifier;
}

function ownSchema(schema: Plugin["options"]): JsonSchema {
  const { $schema: _, ...rest } = allowInterpolation(jsonSchemaOf(schema)!) as JsonSchema;
  return rest;
}

/** The same schema with one property's type replaced; its description stays. */
function withProperty(schema: JsonSchema, name: string, replacement: JsonSchema): JsonSchema {
  const properties = schema.properties as Record<string, JsonSchema>;
  const { description } = properties[name]!;
  return { ...schema, properties: { ...properties, [name]: { ...replacement, description } } };
}

/** The plugins' own schemas, as definitions, and when each of them holds. */
class OptionsSchemas {
  readonly definitions: Record<string, JsonSchema> = {};
  readonly conditions: JsonSchema[] = [];

  constructor(plugins: readonly NamedPlugin[]) {
    const names = new Map<Plugin, string>();
    for (const { specifier, plugin } of plugins) {
      const schema = jsonSchemaOf(plugin.options);
      if (schema === undefined) continue;
      let name = names.get(plugin);
      if (name === undefined) {
        names.set(plugin, name = this.#freeName(`options-${plugin.name}`));
        this.definitions[name] = embed(schema, `#/$defs/${name}`);
      }
      const { required } = schema;
      const mustBeGiven = Array.isArray(required) && required.length > 0;
      this.conditions.push({
        if: { type: "object", properties: { plugin: { const: specifier } }, required: ["plugin"] },
        then: { properties: { options: ref(name) }, ...(mustBeGiven && { required: ["options"] }) },
      });
    }
  }

  #freeName(wanted: string): string {
    let name = wanted;
    for (let i = 2; Object.hasOwn(this.definitions, name); i++) name = `${wanted}-${i}`;
    return name;
  }
}

/** A schema document as a part of another: its references start from where it is put. */
function embed(schema: JsonSchema, pointer: string): JsonSchema {
  const { $schema: _, $id: __, ...rest } = allowInterpolation(schema) as JsonSchema;
  return mapReferences(
    rest,
    (reference) => reference.startsWith("#") ? pointer + reference.slice(1) : reference,
  );
}

function mapReferences(schema: JsonSchema, map: (reference: string) => string): JsonSchema {
  const visit = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(visit);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) =>
        key === "$ref" && typeof item === "string" ? [key, map(item)] : [key, visit(item)]
      ),
    );
  };
  return visit(schema) as JsonSchema;
}

const INTERPOLATED = { type: "string", pattern: "\\$\\{", description: "Text with ${VAR} or ${file:path}" };

/** Where a schema holds other schemas: by name, in a list, or directly. */
const NAMED = ["properties", "$defs", "patternProperties"];
const LISTED = ["anyOf", "oneOf", "allOf", "prefixItems"];
const DIRECT = ["items", "additionalProperties", "if", "then", "else", "not"];

/** Whatever is a scalar can be written as `${VAR}`, which the editor sees as text. */
function allowInterpolation(schema: unknown): unknown {
  if (typeof schema !== "object" || schema === null) return schema;
  const node = schema as JsonSchema;
  if (isRestrictedScalar(node)) {
    const { description, default: value, ...rest } = node;
    return {
      anyOf: [rest, INTERPOLATED],
      ...(description !== undefined && { description }),
      ...(value !== undefined && { default: value }),
    };
  }
  return Object.fromEntries(
    Object.entries(node).map(([key, item]) => {
      if (NAMED.includes(key)) {
        return [
          key,
          Object.fromEntries(Object.entries(item as object).map(([k, v]) => [k, allowInterpolation(v)])),
        ];
      }
      if (LISTED.includes(key)) return [key, (item as unknown[]).map(allowInterpolation)];
      return [key, DIRECT.includes(key) ? allowInterpolation(item) : item];
    }),
  );
}

function isRestrictedScalar(
  { type, enum: values, const: value, pattern, format, minLength }: JsonSchema,
): boolean {
  if (type === "number" || type === "integer" || type === "boolean") return true;
  return values !== undefined || value !== undefined || pattern !== undefined || format !== undefined ||
    (typeof minLength === "number" && minLength > 1);
}
