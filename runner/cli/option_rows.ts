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

/** How deep options are listed. */
export interface OptionRowsSettings {
  /** List what is in an option also where it may be a mapping or something else. Default false. */
  readonly alternatives?: boolean;
}

/** The options that the JSON Schema of an object describes, in its order. */
export function optionRows(schema: JsonSchema, settings: OptionRowsSettings = {}): OptionRow[] {
  return new SchemaReader(schema, settings).rows(schema, "", 1);
}

class SchemaReader {
  readonly #root: JsonSchema;
  readonly #alternatives: boolean;

  constructor(root: JsonSchema, { alternatives = false }: OptionRowsSettings) {
    this.#root = root;
    this.#alternatives = alternatives;
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
      const within = depth < MAX_DEPTH ? this.#within(option, `${name}.`, depth + 1) : [];
      return [{ name, type: this.#type(option, 0), presence, description }, ...within];
    });
  }

  #within(option: JsonSchema, prefix: string, depth: number): OptionRow[] {
    const mappings = [option, ...(this.#alternatives ? alternativesOf(option) : [])];
    return mappings.flatMap((mapping) => this.rows(this.#resolved(mapping), prefix, depth));
  }

  #type(schema: JsonSchema, depth: number): string {
    const { const: constant, enum: choices, type, items } = schema;
    if (depth > MAX_DEPTH) return "any";
    if (constant !== undefined) return JSON.stringify(constant);
    if (Array.isArray(choices)) return choices.map((choice) => JSON.stringify(choice)).join(" | ");
    const variants = alternativesOf(schema);
    if (variants.length > 0) {
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

function alternativesOf({ anyOf, oneOf }: JsonSchema): JsonSchema[] {
  return Array.isArray(anyOf) ? anyOf : Array.isArray(oneOf) ? oneOf : [];
}

function asObject(value: unknown): JsonSchema {
  return typeof value === "object" && value !== null ? value as JsonSchema : {};
}
