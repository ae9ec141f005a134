import type { NamedPlugin } from "../../runner/app/application_schema.ts";
import { type JsonSchema, jsonSchemaOf } from "../../runner/app/json_schema_of.ts";
import { applicationFileSchema, groupSchema, serviceSchema } from "../../runner/app/schema.ts";
import { type OptionRow, optionRows } from "../../runner/cli/option_rows.ts";
import { builtinPlugins } from "../../runner/plugins/builtin.ts";
import { loadPlugin } from "../../runner/plugins/load_plugin.ts";
import { markdownTable } from "./_markdown_table.ts";

const ORIGIN = "Written by `deno task docs` from the schemas that `deno task check` uses.\n";

/** The pages of this folder that are made from schemas: text by file name. */
export async function referencePages(): Promise<ReadonlyMap<string, string>> {
  const names = Object.keys(builtinPlugins).sort();
  const plugins = await Promise.all(names.map((name) => loadPlugin(name, { from: import.meta.url })));
  return new Map([["application_file.md", applicationFilePage()], ["plugins.md", pluginsPage(plugins)]]);
}

function applicationFilePage(): string {
  const keys = (schema: Parameters<typeof jsonSchemaOf>[0]) =>
    keyTable(optionRows(jsonSchemaOf(schema)!, { alternatives: true }));
  return [
    "# Keys of the application file\n",
    ORIGIN,
    "What they do together is told in [The application file](../application.md).\n",
    "## The file\n",
    keys(applicationFileSchema),
    "An included file has `include` and `services` alone.\n",
    "## A service\n",
    keys(serviceSchema),
    "## A group\n",
    keys(groupSchema),
  ].join("\n");
}

function pluginsPage(plugins: readonly NamedPlugin[]): string {
  const sections = plugins.map(({ specifier, plugin }) =>
    [
      `## ${specifier}\n`,
      `${plugin.description}.\n`,
      keyTable(optionRows(jsonSchemaOf(plugin.options) as JsonSchema)),
    ].join("\n")
  );
  const intro = "`deno task heddle plugins app.yaml` tells the same of the plugins that a file names.\n";
  return ["# The plugins that come with Heddle\n", ORIGIN, intro, ...sections].join("\n");
}

function keyTable(rows: readonly OptionRow[]): string {
  return markdownTable(
    ["key", "value", "", "meaning"],
    rows.map(({ name, type, presence, description }) => [
      `\`${name}\``,
      type.split(" | ").map((choice) => /^["\d]/.test(choice) ? `\`${choice}\`` : choice).join(", "),
      presence.replace(/^default (.*)$/, "default `$1`"),
      description,
    ]),
  );
}
