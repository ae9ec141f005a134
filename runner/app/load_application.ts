import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { ApplicationSpec, Strategy } from "../../services/application_spec.ts";
import type { Token } from "../../services/context.ts";
import type { Plugin } from "../../services/plugin/plugin.ts";
import { closest } from "../../services/text/closest.ts";
import { quote } from "../../services/text/quote.ts";
import type { LogOptions } from "../log/options.ts";
import { type LoadedPlugin, loadPlugin } from "../plugins/load_plugin.ts";
import { buildLog, buildSpec, type ServiceParts } from "./build.ts";
import { findCycles } from "./cycles.ts";
import { findContradictions } from "./declaration_order.ts";
import { resolveDependencies } from "./dependencies.ts";
import { ApplicationFileError } from "./errors.ts";
import { type Finding, suggesting } from "./finding.ts";
import type { Environment } from "./interpolate.ts";
import { loadPlugins, type PluginLoader } from "./load_plugins.ts";
import { locate } from "./locate.ts";
import { checkOptions } from "./options.ts";
import { type ReadFile, readFileBounded } from "./read_text.ts";
import { readSources, type Sources } from "./read_sources.ts";
import type { ApplicationFile } from "./schema.ts";
import { Secrets } from "./secrets.ts";
import { findMissingTokens } from "./tokens.ts";
import {
  type Declarations,
  declareUnits,
  type Group,
  type RootGroup,
  type ServiceUnit,
  unitsWithin,
} from "./units.ts";

/** What loading needs from outside; for tests, all of it can be replaced. */
export interface LoadApplicationOptions {
  /** Where `${VAR}` comes from: `Deno.env`, or a `Map`. */
  readonly env: Environment;
  /** Default: from the disk. */
  readonly readFile?: ReadFile;
  /** Default: `loadPlugin` of `runner/plugins/`. */
  readonly loadPlugin?: PluginLoader;
  /** What the runner itself provides to any service. Default none. */
  readonly granted?: readonly Token<unknown>[];
}

/** An application file that was found good. */
export interface LoadedApplication {
  readonly spec: ApplicationSpec;
  readonly log: LogOptions;
  /** The application file, what it includes and the secrets' files, as they were named: for watching. */
  readonly files: readonly string[];
  /** The plugins in the order of their first use. */
  readonly plugins: readonly LoadedPlugin[];
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
  const sources = await readSources(path, { readFile: readFileBounded, ...options, secrets });
  const declarations = await declareUnits(sources.sources, path, secrets);
  const plugins = await loadPlugins(
    servicesOf(declarations.root),
    options.loadPlugin ?? loadPlugin,
    (file) => pathToFileURL(resolve(file)).href,
  );
  const { dependencies, findings: tree } = checkTree(
    declarations,
    sources,
    plugins.plugins,
    options.granted ?? [],
  );
  const { parts, findings: optionFindings } = await checkAllOptions(plugins.plugins, secrets);
  const findings = [
    ...sources.findings,
    ...declarations.findings,
    ...plugins.findings,
    ...tree,
    ...optionFindings,
  ].map((finding) => ({ ...finding, message: secrets.redact(finding.message) }));
  if (findings.length > 0) {
    throw new ApplicationFileError(await locate(findings, sources.files), sources.files);
  }

  const settings = declarations.settings!;
  return {
    spec: await buildSpec({
      name: settings.name ?? nameFromFile(path),
      strategy: settings.supervision?.strategy ?? "one-for-one",
      root: declarations.root,
      dependencies,
      parts,
    }),
    log: buildLog(settings.log),
    files: sources.files,
    plugins: distinctPlugins(plugins.plugins.values()),
  };
}

/** What can be said only of all units together. */
function checkTree(
  { root, settings }: Declarations,
  { sources, findings: unread }: Sources,
  plugins: ReadonlyMap<ServiceUnit, LoadedPlugin>,
  granted: readonly Token<unknown>[],
): { dependencies: ReturnType<typeof resolveDependencies>; findings: Finding[] } {
  const dependencies = resolveDependencies(root);
  // A file that could not be read may hold what is missing here.
  const isWhole = unread.every((finding) => finding.path.length > 0 && finding.path[0] !== "include");
  const main = sources.at(-1);
  const findings: Finding[] = [
    ...findCycles(root, dependencies),
    ...findContradictions(dependencies, (group) => strategyOf(group, settings)),
  ];
  if (isWhole && main !== undefined) {
    const modules = new Map([...plugins].map(([unit, { plugin }]): [ServiceUnit, Plugin] => [unit, plugin]));
    findings.push(...dependencies.findings, ...findMissingTokens(modules, dependencies, granted));
    findings.push(...unknownLogNames(main, root, settings));
    if (root.children.size === 0 && isMissing(main.value)) {
      const message = 'Cannot run an application without services: declare one under "services"';
      findings.push({ source: main, path: [], message });
    }
  }
  return { dependencies, findings };
}

/** No services at all, as against services that are wrong, which is reported where they stand. */
function isMissing(value: unknown): boolean {
  if (typeof value !== "object" || Array.isArray(value)) return false;
  const services = (value as { services?: unknown } | null)?.services ?? {};
  return typeof services === "object" && Object.keys(services).length === 0;
}

function strategyOf(group: Group, settings: ApplicationFile | undefined): Strategy {
  const strategy = group.kind === "root" ? settings?.supervision?.strategy : group.settings?.strategy;
  return strategy ?? "one-for-one";
}

function unknownLogNames(
  main: Finding["source"],
  root: RootGroup,
  settings: ApplicationFile | undefined,
): Finding[] {
  const paths = new Set([...unitsWithin(root)].map((unit) => unit.path));
  return Object.keys(settings?.log?.services ?? {}).filter((name) => !paths.has(name)).map((name) => ({
    source: main,
    path: ["log", "services", name],
    at: "key",
    message: `Cannot set the level of ${quote(name)}: there is no such service or group`,
    ...suggesting(closest(name, paths)),
  }));
}

async function checkAllOptions(
  plugins: ReadonlyMap<ServiceUnit, LoadedPlugin>,
  secrets: Secrets,
): Promise<{ parts: Map<ServiceUnit, ServiceParts>; findings: Finding[] }> {
  const parts = new Map<ServiceUnit, ServiceParts>();
  const findings: Finding[] = [];
  for (const [unit, { plugin }] of plugins) {
    const checked = await checkOptions(plugin, unit, secrets);
    findings.push(...checked.findings);
    parts.set(unit, { plugin, options: checked.options });
  }
  return { parts, findings };
}

function servicesOf(group: Group): ServiceUnit[] {
  return [...unitsWithin(group)].filter((unit) => unit.kind === "service");
}

function distinctPlugins(loaded: Iterable<LoadedPlugin>): LoadedPlugin[] {
  return [...new Map([...loaded].map((plugin) => [plugin.plugin, plugin])).values()];
}

/** `conf/shop.yaml`: `shop`. */
function nameFromFile(path: string): string {
  const base = path.split("/").at(-1)!.replace(/\.ya?ml$/, "").replace(/[^\w.-]/g, "-").slice(0, 64);
  return base === "" ? "application" : base;
}
