import { isAbsolute, join, resolve } from "node:path";
import { quote } from "../../services/text/quote.ts";
import { type Command, defineCommand } from "./command.ts";
import { EXIT } from "./exit_status.ts";
import { systemReason } from "../../services/log_file/system_reason.ts";
import { UsageError } from "./usage_error.ts";
import { pluginFiles } from "./_plugin_template.ts";

/** Where the new plugin listens until somebody says otherwise. */
const LISTEN = "tcp:127.0.0.1:7070";

const NAME = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
const MAX_NAME_LENGTH = 64;

/** `heddle new plugin` */
export const command: Command = defineCommand({
  verb: "new plugin",
  summary: "write a plugin to start from, with its test",
  usage: "NAME",
  operands: { name: "plugin", min: 1, max: 1 },
  flags: {
    dir: {
      kind: "string",
      placeholder: "DIR",
      help: "the folder to write NAME/ in; default: the current one",
    },
  },
  details:
    "Writes NAME/mod.ts and NAME/mod_test.ts. What exists is never overwritten: then the status is 73.",
  async run({ flags: { dir = "." }, operands: [name = ""] }, io) {
    if (!NAME.test(name) || name.length > MAX_NAME_LENGTH) {
      throw new UsageError(
        `Cannot name a plugin ${
          quote(name)
        }: use lower-case words joined by dashes, at most ${MAX_NAME_LENGTH} characters`,
      );
    }
    const folder = join(dir, name);
    const refusal = await writeNew(resolve(io.cwd, folder), pluginFiles(name, LISTEN));
    if (refusal !== null) {
      io.stderr.print(`Cannot write the plugin to ${quote(folder)}: ${refusal}\n`);
      return EXIT.cannotCreate;
    }
    io.stdout.print(nextSteps(name, folder));
    return EXIT.ok;
  },
});

/** Write `files` where none of them is yet; why not, when that cannot be done. */
async function writeNew(folder: string, files: Readonly<Record<string, string>>): Promise<string | null> {
  try {
    await Deno.mkdir(folder, { recursive: true });
    for (const file of Object.keys(files)) {
      if (await exists(join(folder, file))) return `${file} exists already; choose another name or --dir`;
    }
    for (const [file, text] of Object.entries(files)) {
      await Deno.writeTextFile(join(folder, file), text, { createNew: true });
    }
    return null;
  } catch (error) {
    return systemReason(error);
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.lstat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

function nextSteps(name: string, folder: string): string {
  const module = isAbsolute(folder) ? join(folder, "mod.ts") : `./${join(folder, "mod.ts")}`;
  return `\
Wrote ${join(folder, "mod.ts")} and ${join(folder, "mod_test.ts")}

Test it:     deno test ${folder}
Declare it:  in app.yaml, under "services"

  ${name}:
    plugin: ${module}
    options: { listen: "${LISTEN}" }
`;
}
