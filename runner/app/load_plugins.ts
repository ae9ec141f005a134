import { quote } from "../../services/text/quote.ts";
import type { LoadedPlugin } from "../plugins/load_plugin.ts";
import { PluginError } from "../plugins/plugin_error.ts";
import type { Finding } from "./finding.ts";
import type { ServiceUnit } from "./units.ts";

/** Loads a plugin for an application file, given as a `file:` URL. `loadPlugin` of `runner/plugins/` does. */
export type PluginLoader = (specifier: string, options: { readonly from: string }) => Promise<LoadedPlugin>;

/** The plugins of the services whose plugin could be loaded. */
export interface PluginsOfServices {
  readonly plugins: ReadonlyMap<ServiceUnit, LoadedPlugin>;
  readonly findings: readonly Finding[];
}

/** Load the plugin of every service, all at once and each of them once. */
export async function loadPlugins(
  services: readonly ServiceUnit[],
  load: PluginLoader,
  urlOf: (file: string) => string,
): Promise<PluginsOfServices> {
  const loading = new Map<string, Promise<LoadedPlugin | PluginError>>();
  const plugins = new Map<ServiceUnit, LoadedPlugin>();
  const findings: Finding[] = [];
  const pairs = services.flatMap((unit) => {
    const specifier = unit.written.plugin;
    const at = [...unit.at, "plugin"];
    if (typeof specifier !== "string" || specifier === "" || unit.source.marks.isBroken(at)) return [];
    // A relative path means another module in a file of another folder.
    const from = urlOf(unit.source.file);
    const key = `${from}\n${specifier}`;
    if (!loading.has(key)) loading.set(key, attempt(specifier, load(specifier, { from })));
    return [{ unit, at, outcome: loading.get(key)! }];
  });
  for (const { unit, at, outcome } of pairs) {
    const loaded = await outcome;
    if (!(loaded instanceof PluginError)) plugins.set(unit, loaded);
    else {
      const { message, suggestion } = loaded;
      findings.push({
        source: unit.source,
        path: at,
        message,
        ...(suggestion !== undefined && { suggestion }),
      });
    }
  }
  return { plugins, findings };
}

async function attempt(
  specifier: string,
  loading: Promise<LoadedPlugin>,
): Promise<LoadedPlugin | PluginError> {
  try {
    return await loading;
  } catch (error) {
    if (error instanceof PluginError) return error;
    return new PluginError(specifier, `Cannot load plugin ${quote(specifier)}: ${String(error)}`);
  }
}
