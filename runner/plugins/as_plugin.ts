import type { Plugin } from "../../services/plugin/plugin.ts";

/** A module's default export as a plugin, or what keeps it from being one, to complete `Cannot load plugin "x": `. */
export function asPlugin(module: object): Plugin | string {
  if (!("default" in module)) return `it has no default export; ${FORM}`;
  const plugin: unknown = module.default;
  if (!isObject(plugin)) return `its default export is ${describe(plugin)}, not a plugin; ${FORM}`;
  const lacks = missingParts(plugin);
  if (lacks.length > 0) return `its default export is not a plugin: ${lacks.join("; ")}`;
  return plugin as unknown as Plugin;
}

const FORM = 'write "export default definePlugin({ name, options, makeService })"';

/** Lower-case words joined by dashes. */
const NAME = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;

function missingParts(plugin: Record<string, unknown>): string[] {
  const lacks: string[] = [];
  if (plugin.name === undefined) lacks.push('"name" is missing');
  else if (typeof plugin.name !== "string" || !NAME.test(plugin.name)) {
    lacks.push('"name" must be lower-case words joined by dashes');
  }
  if (plugin.options === undefined) {
    lacks.push('"options" is missing: without options, write "options: z.strictObject({})"');
  } else if (!isStandardSchema(plugin.options)) {
    lacks.push('"options" must be a Standard Schema (zod, valibot, arktype)');
  }
  if (plugin.makeService === undefined) lacks.push('"makeService" is missing');
  else if (typeof plugin.makeService !== "function") lacks.push('"makeService" must be a function');
  for (const key of ["check", "permissions", "unitDefaults"]) {
    if (plugin[key] !== undefined && typeof plugin[key] !== "function") {
      lacks.push(`"${key}" must be a function`);
    }
  }
  for (const key of ["provides", "needs"]) {
    if (plugin[key] !== undefined && !isTokens(plugin[key])) {
      lacks.push(`"${key}" must be an array of tokens`);
    }
  }
  const { replace } = plugin;
  const isKnown = replace === undefined || replace === "overlap" || replace === "exclusive";
  if (!isKnown && typeof replace !== "function") {
    lacks.push('"replace" must be "overlap", "exclusive", or a function that says which');
  }
  return lacks;
}

function isStandardSchema(schema: unknown): boolean {
  // arktype's schemas are functions.
  if (typeof schema !== "function" && !isObject(schema)) return false;
  const standard = (schema as { "~standard"?: unknown })["~standard"];
  return isObject(standard) && standard.version === 1 && typeof standard.validate === "function";
}

function isTokens(value: unknown): boolean {
  return Array.isArray(value) && value.every((token) => isObject(token) && typeof token.id === "string");
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}
