import type { Plugin } from "../../services/plugin/plugin.ts";
import { quote } from "../../services/text/quote.ts";
import { asPlugin } from "./as_plugin.ts";
import { builtinPlugins } from "./builtin.ts";
import { describeImportFailure } from "../../services/plugin/import_failure.ts";
import { PluginError } from "./plugin_error.ts";
import { type PluginReference, resolveSpecifier } from "./specifier.ts";

/** A plugin and where it came from. */
export interface LoadedPlugin {
  /** As the application file has it. */
  readonly specifier: string;
  readonly reference: PluginReference;
  readonly plugin: Plugin;
}

/** How a plugin is found. */
export interface LoadPluginOptions {
  /** `file:` URL of the application file, which relative paths start from. */
  readonly from: string;
  /** Milliseconds until a module that does not finish loading is given up. Default 30,000. */
  readonly timeout?: number;
  /** The built-in plugins. Default {@linkcode builtinPlugins}. */
  readonly builtins?: typeof builtinPlugins;
}

/**
 * Find a plugin by its specifier and load it. Loading one twice gives the same module.
 *
 * @example
 * ```ts ignore
 * const { plugin } = await loadPlugin("./chat.ts", { from: import.meta.url });
 * ```
 *
 * @throws {PluginError} whatever goes wrong, with the cause in words
 */
export async function loadPlugin(specifier: string, options: LoadPluginOptions): Promise<LoadedPlugin> {
  const builtins = options.builtins ?? builtinPlugins;
  const reference = resolveSpecifier(specifier, options.from, Object.keys(builtins));
  const module = await within(
    options.timeout ?? 30_000,
    specifier,
    importModule(specifier, reference, builtins),
  );
  const plugin = asPlugin(module);
  if (typeof plugin === "string") throw cannotLoad(specifier, plugin);
  return { specifier, reference, plugin };
}

async function importModule(
  specifier: string,
  reference: PluginReference,
  builtins: typeof builtinPlugins,
): Promise<object> {
  try {
    return reference.kind === "builtin" ? await builtins[reference.name]!() : await import(reference.url);
  } catch (error) {
    const url = reference.kind === "module" ? reference.url : "";
    throw cannotLoad(specifier, describeImportFailure(error, url), error);
  }
}

/** A module may wait at its top level for what never comes. */
async function within<T>(timeout: number, specifier: string, work: Promise<T>): Promise<T> {
  const expired = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => expired.reject(cannotLoad(specifier, `it does not finish loading within ${timeout / 1000} s`)),
    timeout,
  );
  try {
    return await Promise.race([work, expired.promise]);
  } finally {
    clearTimeout(timer);
  }
}

function cannotLoad(specifier: string, reason: string, cause?: unknown): PluginError {
  const options = cause === undefined ? {} : { cause };
  return new PluginError(specifier, `Cannot load plugin ${quote(specifier)}: ${reason}`, options);
}
