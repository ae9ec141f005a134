import type { Plugin } from "../plugin/plugin.ts";
import type { InferOutput, StandardIssue, StandardSchema } from "../plugin/standard_schema.ts";

/** The options as `plugin` takes them: what the loader of an application file makes of `written`. */
export async function readOptions<S extends StandardSchema<unknown, unknown>>(
  plugin: Plugin<S>,
  written: unknown,
): Promise<InferOutput<S>> {
  const result = await plugin.options["~standard"].validate(written);
  const issues = result.issues ?? plugin.check?.(result.value as InferOutput<S>) ?? [];
  if (issues.length === 0) return (result as { readonly value: InferOutput<S> }).value;
  throw new Error([`Cannot use these options for plugin "${plugin.name}":`, ...issues.map(line)].join("\n"));
}

function line({ path = [], message }: StandardIssue): string {
  const place = path.map((step) => String(typeof step === "object" ? step.key : step));
  return `  ${["options", ...place].join(".")}: ${message}`;
}
