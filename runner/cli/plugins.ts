import type { NamedPlugin } from "../app/application_schema.ts";
import { jsonSchemaOf } from "../app/json_schema_of.ts";
import { type Command, defineCommand } from "./command.ts";
import { EXIT } from "./exit_status.ts";
import { builtIn, namedBy } from "./_named_plugins.ts";
import { type OptionRow, optionRows } from "./option_rows.ts";

/** `heddle plugins` */
export const command: Command = defineCommand({
  verb: "plugins",
  summary: "list plugins and their options",
  usage: "[APP.yaml]",
  operands: { name: "application file", min: 0, max: 1 },
  flags: {
    json: { kind: "boolean", help: "print them as JSON, with the JSON Schema of their options" },
  },
  details: "Lists the plugins that a file names; without a file, those that come with Heddle.",
  async run({ flags, operands: [file] }, io) {
    const plugins = file === undefined ? await builtIn() : await namedBy(file, io);
    if (typeof plugins === "number") return plugins;
    const described = plugins.map(describe);
    io.stdout.print(
      flags.json ? `${JSON.stringify(described, null, 2)}\n` : described.map(pluginText).join("\n"),
    );
    return EXIT.ok;
  },
});

interface DescribedPlugin {
  /** What to write after `plugin:`. */
  readonly plugin: string;
  readonly name: string;
  readonly description: string | null;
  /** JSON Schema; null when the plugin's validator cannot tell. */
  readonly options: Record<string, unknown> | null;
}

function describe({ specifier, plugin: { name, description, options } }: NamedPlugin): DescribedPlugin {
  return {
    plugin: specifier,
    name,
    description: description ?? null,
    options: jsonSchemaOf(options) ?? null,
  };
}

function pluginText({ plugin, description, options }: DescribedPlugin): string {
  const title = description === null ? plugin : `${plugin}: ${description}`;
  if (options === null) {
    return `${title}\n  (its options cannot be listed: their validator offers no JSON Schema)\n`;
  }
  return [title, ...table(optionRows(options)), ""].join("\n");
}

function table(rows: readonly OptionRow[]): string[] {
  const width = (column: (row: OptionRow) => string) => Math.max(0, ...rows.map((row) => column(row).length));
  const nameWidth = width(({ name }) => name);
  const typeWidth = width(({ type }) => type);
  return rows.map(({ name, type, presence, description }) => {
    const notes = [presence, description].filter((note) => note !== "").join("; ");
    return `  ${name.padEnd(nameWidth)}  ${type.padEnd(typeWidth)}  ${notes}`.trimEnd();
  });
}
