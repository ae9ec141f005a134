import { applicationSchema } from "../app/application_schema.ts";
import { type Command, defineCommand } from "./command.ts";
import { EXIT } from "./exit_status.ts";
import { builtIn, namedBy } from "./_named_plugins.ts";

/** `heddle schema` */
export const command: Command = defineCommand({
  verb: "schema",
  summary: "print the JSON Schema of application files",
  usage: "[APP.yaml]",
  operands: { name: "application file", min: 0, max: 1 },
  flags: {},
  details: `\
The schema knows the options of the plugins that come with Heddle, and of those that the file names. Many
editors complete and check a file by it that begins with a line like this:

  # yaml-language-server: $schema=./app.schema.json`,
  async run({ operands: [file] }, io) {
    const own = file === undefined ? [] : await namedBy(file, io);
    if (typeof own === "number") return own;
    const theirs = new Set(own.map(({ specifier }) => specifier));
    const others = (await builtIn()).filter(({ specifier }) => !theirs.has(specifier));
    io.stdout.print(`${JSON.stringify(applicationSchema([...own, ...others]), null, 2)}\n`);
    return EXIT.ok;
  },
});
