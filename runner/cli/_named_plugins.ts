import type { NamedPlugin } from "../app/application_schema.ts";
import { loadApplication } from "../app/load_application.ts";
import { builtinPlugins } from "../plugins/builtin.ts";
import { loadPlugin } from "../plugins/load_plugin.ts";
import { reportFileError } from "./file_errors.ts";
import type { CommandIO } from "./io.ts";

/** The plugins that come with Heddle, by name. */
export async function builtIn(): Promise<readonly NamedPlugin[]> {
  const names = Object.keys(builtinPlugins).sort();
  return await Promise.all(names.map((name) => loadPlugin(name, { from: import.meta.url })));
}

/** The plugins that an application file names; when it cannot be used, the exit status, and why is printed. */
export async function namedBy(file: string, io: CommandIO): Promise<readonly NamedPlugin[] | number> {
  try {
    return (await loadApplication(file, { env: { get: io.env } })).plugins;
  } catch (error) {
    return reportFileError(file, error, io);
  }
}
