import { type JsonSchema, resolveReference } from "./json_schema_of.ts";
import type { Path } from "./path.ts";

/** A key that the schema does not know. */
export interface UnknownKey {
  readonly path: Path;
  readonly known: readonly string[];
}

/**
 * The keys of `value` that `schema` does not mention: for schemas that drop what they do not know, where a
 * misspelt key would be lost in silence. Alternatives (`anyOf` and the like) and mappings that say what
 * their other keys hold are left alone.
 */
export function findUnknownKeys(schema: JsonSchema, value: unknown): UnknownKey[] {
  return search(schema, schema, value, []);
}

function search(root: JsonSchema, at: unknown, value: unknown, path: Path): UnknownKey[] {
  const schema = resolveReference(root, at as JsonSchema | undefined);
  if (typeof schema !== "object" || typeof value !== "object" || value === null) return [];
  if (Array.isArray(value)) {
    return value.flatMap((item, index) => search(root, schema.items, item, [...path, index]));
  }
  const { properties, additionalProperties, patternProperties } = schema;
  if (typeof properties !== "object" || properties === null) return [];
  const known = Object.keys(properties);
  const isOpen = ALTERNATIVES.some((key) => key in schema) || patternProperties !== undefined ||
    (additionalProperties !== undefined && additionalProperties !== false);
  return Object.entries(value).flatMap(([key, item]) => {
    const here = [...path, key];
    if (Object.hasOwn(properties, key)) {
      return search(root, (properties as Record<string, unknown>)[key], item, here);
    }
    return isOpen ? [] : [{ path: here, known }];
  });
}

const ALTERNATIVES = ["anyOf", "oneOf", "allOf", "if", "$dynamicRef"];
