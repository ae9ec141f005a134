import { type JsonSchema, resolveReference } from "../app/json_schema_of.ts";

/** One option of a plugin, as `heddle plugins` shows it. */
export interface OptionRow {
  /** `listen`; `limits.idle` for one within another. */
  readonly name: string;
  /** `string`, `"a" | "b"`, `list of integer`. */
  readonly type: string;
  /** `required`, `default "tcp:7"`, or empty. */
  readonly presence: string;
  readonly description: string;
}

const MAX_DEPTH = 4;

/** The options that the JSON Schema of an object describes, in its order. */
export function optionRows(schema: JsonSchema): OptionRow[] {
  return new SchemaReader(schema).rows(schema, "", 1);
}

class SchemaReader {
  readonly #root: JsonSchema;

  constructor(root: JsonSchema) {
    this.#root = root;
  }

  rows(schema: JsonSchema, prefix: string, depth: number): OptionRow[] {
    const required = Array.isArray(schema.required) ? schema.required : [];
    return Object.entries(asObject(schema.properties)).flatMap(([key, member]) => {
      const option = this.#resolved(member);
      const name = `${prefix}${key}`;
      const presence = option.default !== undefined
        ? `default ${JSON.stringify(option.default)}`
        : required.includes(key)
        ? "required"
        : "";
      const description = typeof option.description === "string" ? option.description : "";
      const within = depth < MAX_DEPTH ? this.rows(option, `${name}.`, depth + 1) : [];
      return [{ name, type: this.#type(option, 0), presence, description }, ...within];
    });
  }

  #type(schema: JsonSchema, depth: number): string {
    const { const: constant, enum: choices, anyOf, oneOf, type, items } = schema;
    if (depth > MAX_DEPTH) return "any";
    if (constant !== undefined) return JSON.stringify(constant);
    if (Array.isArray(choices)) return choices.map((choice) => JSON.stringify(choice)).join(" | ");
    const variants = Array.isArray(anyOf) ? anyOf : Array.isArray(oneOf) ? oneOf : null;
    if (variants !== null) {
      const types = variants.map((variant) => this.#type(this.#resolved(variant), depth + 1));
      return [...new Set(types)].join(" | ");
    }
    if (Array.isArray(type)) return type.join(" | ");
    if (type === "array") return `list of ${this.#type(this.#resolved(items), depth + 1)}`;
    return typeof type === "string" ? type : "any";
  }

  #resolved(schema: unknown): JsonSchema {
    return resolveReference(this.#root, asObject(schema)) ?? {};
  }
}

function asObject(value: unknown): JsonSchema {
  return typeof value === "object" && value !== null ? value as JsonSchema : {};
}
