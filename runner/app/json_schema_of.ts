import type { StandardSchema } from "../../services/plugin/standard_schema.ts";

/** A JSON Schema, draft 2020-12. */
export type JsonSchema = Record<string, unknown>;

/** What `schema` accepts, as JSON Schema; undefined when its library cannot say. */
export function jsonSchemaOf(schema: StandardSchema<unknown, unknown>): JsonSchema | undefined {
  try {
    return schema["~standard"].jsonSchema?.input(
      // zod's own option: what JSON Schema has no words for is left open. Others ignore it.
      { target: "draft-2020-12", libraryOptions: { unrepresentable: "any" } } as { target: string },
    );
  } catch {
    // The standard lets a library throw at what it cannot express.
    return undefined;
  }
}

/** The part of a JSON Schema that describes the value at a path, or undefined where none does. */
export function subschemaAt(
  root: JsonSchema,
  schema: JsonSchema | undefined,
  path: readonly (string | number)[],
): JsonSchema | undefined {
  const here = resolveReference(root, schema);
  const [step, ...rest] = path;
  if (here === undefined || step === undefined) return here;
  const next = typeof step === "number"
    ? asSchema(here.items)
    : member(here.properties, step) ?? asSchema(here.additionalProperties);
  if (next !== undefined) return subschemaAt(root, next, rest);
  for (const branch of branchesOf(here)) {
    const found = subschemaAt(root, branch, path);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The keys that a mapping described by `schema` may have, through its alternatives too. */
export function keysOf(root: JsonSchema, schema: JsonSchema | undefined): string[] {
  const here = resolveReference(root, schema);
  if (here === undefined) return [];
  const own = Object.keys(asSchema(here.properties) ?? {});
  return [...own, ...branchesOf(here).flatMap((branch) => keysOf(root, branch))];
}

/** The schema itself, or what its `$ref` within the document names. */
export function resolveReference(root: JsonSchema, schema: JsonSchema | undefined): JsonSchema | undefined {
  let current = schema;
  for (let hops = 0; hops < 16; hops++) {
    const reference = current?.$ref;
    if (typeof reference !== "string") return current;
    if (reference === "#") return root;
    const name = /^#\/\$defs\/(.+)$/.exec(reference)?.[1];
    current = name === undefined ? undefined : member(root.$defs, name);
  }
  return undefined;
}

function member(container: unknown, key: string): JsonSchema | undefined {
  const members = asSchema(container);
  return members !== undefined && Object.hasOwn(members, key) ? asSchema(members[key]) : undefined;
}

function branchesOf(schema: JsonSchema): JsonSchema[] {
  return [schema.anyOf, schema.oneOf, schema.allOf].flatMap((branches) =>
    Array.isArray(branches) ? branches.filter((branch) => asSchema(branch) !== undefined) : []
  );
}

function asSchema(value: unknown): JsonSchema | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? value as JsonSchema
    : undefined;
}
