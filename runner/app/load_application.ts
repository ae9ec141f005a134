import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { ApplicationSpec } from "../../services/application_spec.ts";
import { applicationView } from "../../services/control/application_view.ts";
import type { Token } from "../../services/context.ts";
import { metrics } from "../../services/metrics/metrics.ts";
import type { Plugin } from "../../services/plugin/plugin.ts";
import type { LogOptions } from "../log/options.ts";
import { type LoadedPlugin, loadPlugin } from "../plugins/load_plugin.ts";
import { buildLog, buildSpec } from "./build.ts";
import { checkOptions } from "./check_options.ts";
import { checkSingletons } from "./check_singletons.ts";
import { checkTree } from "./check_tree.ts";
import { type Declarations, declareUnits } from "./declare_units.ts";
import { ApplicationFileError } from "./errors.ts";
import type { Finding } from "./finding.ts";
import type { Environment } from "./interpolate.ts";
import { isolate, type IsolationNote } from "./isolation.ts";
import { loadPlugins, type PluginLoader, type PluginsOfServices } from "./load_plugins.ts";
import { locate } from "./locate.ts";
import { readSources, type Sources } from "./read_sources.ts";
import { type ReadFile, readFileBounded } from "./read_text.ts";
import { Secrets } from "./secrets.ts";
import { type ServiceUnit, unitsWithin } from "./units.ts";

/** What loading needs from outside; for tests, all of it can be replaced. */
export interface LoadApplicationOptions {
  /** Where `${VAR}` comes from: `Deno.env`, or a `Map`. */
  readonly env: Environment;
  /** Default: from the disk. */
  readonly readFile?: ReadFile;
  /** Default: `loadPlugin` of `runner/plugins/`. */
  readonly loadPlugin?: PluginLoader;
  /** What the runner provides to any service. Default {@linkcode GRANTED_TO_ALL}. */
  readonly granted?: readonly Token<unknown>[];
}

/** What every service can get from the runner, without naming it. */
export const GRANTED_TO_ALL: readonly Token<unknown>[] = [applicationView, metrics];

/** An application file that was found good. */
export interface LoadedApplication {
  readonly spec: ApplicationSpec;
  readonly log: LogOptions;
  /** Where its control socket is to be, as it is written; null: none; undefined: wherever they are. */
  readonly control: string | null | undefined;
  /** The application file, what it includes and the files of its secrets, as they were named: for watching. */
  readonly files: readonly string[];
  /** The plugins, one for each specifier, in the order of their first use. */
  readonly plugins: readonly LoadedPlugin[];
  /** What is to be said of how services are isolated. */
  readonly isolation: readonly IsolationNote[];
}

/**
 * Read an application file with all that belongs to it, check everything and make the specification that
 * the supervisor runs. Starts nothing; imports the plugins' modules.
 *
 * @param path the file, relative to the working directory; messages name it so
 * @throws {NoSuchFileError} when the file does not exist
 * @throws {ApplicationFileError} with every problem at once
 */
export async function loadApplication(
  path: string,
  options: LoadApplicationOptions,
): Promise<LoadedApplication> {
  const secrets = new Secrets();
  const { sources, declarations, loaded } = await readDeclarations(path, options, secrets);
  const plugins = new Map<ServiceUnit, Plugin>();
  for (const [unit, { plugin }] of loaded.plugins) plugins.set(unit, plugin);
  const tree = checkTree(declarations, sources, plugins, options.granted ?? GRANTED_TO_ALL);
  const checked = await checkOptions(plugins);
  const isolation = isolate({
    loaded: loaded.plugins,
    options: checked.options,
    dependencies: tree.dependencies,
    env: options.env,
    cwd: resolve(""),
    processors: navigator.hardwareConcurrency,
  });

  const singletons = checkSingletons(plugins, checked.options, tree.dependencies);
  const findings = [sources, declarations, loaded, tree, checked, isolation, singletons].flatMap((step) =>
    step.findings
  );
  if (findings.length > 0) {
    const safe = findings.map((finding) => redact(finding, secrets));
    throw new ApplicationFileError(await locate(safe, sources.files), sources.files);
  }
  const settings = declarations.settings!;
  return {
    spec: await buildSpec({
      name: settings.name ?? nameFromFile(path),
      strategy: settings.supervision?.strategy ?? "one-for-one",
      root: declarations.root,
      dependencies: tree.dependencies,
      plugins,
      options: checked.options,
      inputs: checked.inputs,
      processes: isolation.processes,
    }),
    log: buildLog(settings.log),
    control: settings.control === false || settings.control === "off" ? null : settings.control,
    files: sources.files,
    plugins: bySpecifier(loaded),
    isolation: isolation.notes,
  };
}

/**
 * The plugins that an application file names, as far as they load, whatever else is wrong with it: what an
 * editor's schema is made from while the file is being written.
 *
 * @throws {NoSuchFileError} when the file does not exist
 */
export async function loadNamedPlugins(
  path: string,
  options: LoadApplicationOptions,
): Promise<readonly LoadedPlugin[]> {
  return bySpecifier((await readDeclarations(path, options, new Secrets())).loaded);
}

async function readDeclarations(path: string, options: LoadApplicationOptions, secrets: Secrets): Promise<{
  readonly sources: Sources;
  readonly declarations: Declarations;
  readonly loaded: PluginsOfServices;
}> {
  const { env, readFile = readFileBounded } = options;
  const sources = await readSources(path, { env, readFile, secrets });
  const declarations = await declareUnits(sources.sources, path);
  const services = [...unitsWithin(declarations.root)].filter((unit) => unit.kind === "service");
  const loaded = await loadPlugins(services, options.loadPlugin ?? loadPlugin, fileUrl);
  return { sources, declarations, loaded };
}

function fileUrl(file: string): string {
  return pathToFileURL(resolve(file)).href;
}

function redact(finding: Finding, secrets: Secrets): Finding {
  const { suggestion, ...rest } = finding;
  const isSecret = finding.source.marks?.isSecret(finding.path) ?? false;
  return {
    ...rest,
    message: secrets.redact(finding.message, isSecret),
    // What is suggested in place of a secret is close to it.
    ...(suggestion !== undefined && !isSecret && { suggestion: secrets.redact(suggestion) }),
  };
}

function bySpecifier({ plugins }: PluginsOfServices): LoadedPlugin[] {
  return [...new Map([...plugins.values()].map((loaded) => [loaded.specifier, loaded])).values()];
}

/** `conf/shop.yaml`: `shop`. */
function nameFromFile(path: string): string {
  const base = path.split("/").at(-1)!.replace(/\.ya?ml$/, "").replace(/[^\w.-]/g, "-").slice(0, 64);
  return base === "" ? "application" : base;
}
