import {
  type ApplicationSpec,
  type Backoff,
  DEFAULT_BACKOFF,
  type GiveUp,
  type GroupSpec,
  SERVICE_DEFAULTS,
  type ServiceSpec,
  SIGNIFICANT_GIVE_UP,
  type Strategy,
  UNIT_DEFAULTS,
  type UnitSpec,
} from "../../services/application_spec.ts";
import type { Plugin, UnitDefaults } from "../../services/plugin/plugin.ts";
import type { ProcessOptions } from "../../services/process_spec.ts";
import { LOG_FILE_DEFAULTS } from "../../services/log_file/log_file_options.ts";
import { LOG_DEFAULTS, type LogOptions } from "../log/options.ts";
import type { Dependencies, Dependency } from "./dependencies.ts";
import type { Isolation } from "./isolation.ts";
import { fingerprint } from "./fingerprint.ts";
import type { GroupSettings, LogSettings, ServiceSettings } from "./schema.ts";
import type { RootGroup, ServiceUnit, Unit } from "./units.ts";

/** All that the specification is built from; everything in it is valid. */
export interface BuildInput {
  readonly name: string;
  readonly strategy: Strategy;
  readonly root: RootGroup;
  readonly dependencies: Dependencies;
  readonly plugins: ReadonlyMap<ServiceUnit, Plugin>;
  /** As the plugins' schemas returned them. */
  readonly options: ReadonlyMap<ServiceUnit, unknown>;
  /** As the plugins' schemas took them. */
  readonly inputs: ReadonlyMap<ServiceUnit, unknown>;
  /** Those that run in processes of their own. */
  readonly processes: Isolation["processes"];
}

/** The specification that the supervisor runs. */
export async function buildSpec(input: BuildInput): Promise<ApplicationSpec> {
  const root: GroupSpec = {
    kind: "group",
    name: "",
    ...UNIT_DEFAULTS,
    giveUp: null,
    strategy: input.strategy,
    children: await buildChildren(input.root.children, input),
  };
  return { name: input.name, root };
}

async function buildChildren(
  children: ReadonlyMap<string, Unit>,
  input: BuildInput,
): Promise<(ServiceSpec | GroupSpec)[]> {
  return await Promise.all([...children.values()].map((unit) => buildUnit(unit, input)));
}

async function buildUnit(unit: Unit, input: BuildInput): Promise<ServiceSpec | GroupSpec> {
  const dependencies = input.dependencies.of.get(unit) ?? [];
  if (unit.kind === "service") {
    const settings = { ...unitDefaults(unit, input), ...unit.settings! };
    return await buildService(unit, settings, buildCommon(unit.name, settings, dependencies), input);
  }
  const common = buildCommon(unit.name, unit.settings!, dependencies);
  const strategy = unit.settings!.strategy ?? "one-for-one";
  return { kind: "group", ...common, strategy, children: await buildChildren(unit.children, input) };
}

/** What the plugin would have where the file says nothing. */
function unitDefaults(unit: ServiceUnit, { plugins, options }: BuildInput): UnitDefaults {
  return plugins.get(unit)!.unitDefaults?.(options.get(unit)) ?? {};
}

async function buildService(
  unit: ServiceUnit,
  settings: ServiceSettings,
  common: UnitSpec,
  input: BuildInput,
): Promise<ServiceSpec> {
  const plugin = input.plugins.get(unit)!;
  const options = input.options.get(unit);
  const grants = [...new Set(settings.grants)].sort();
  const singleton = settings.singleton ?? false;
  return {
    kind: "service",
    ...common,
    makeService: () => plugin.makeService(options),
    startTimeout: settings.startTimeout ?? SERVICE_DEFAULTS.startTimeout,
    stopTimeout: settings.stopTimeout ?? SERVICE_DEFAULTS.stopTimeout,
    needsGrace: settings.needsGrace ?? SERVICE_DEFAULTS.needsGrace,
    holdFor: settings.holdFor ?? SERVICE_DEFAULTS.holdFor,
    healthInterval: settings.healthInterval ?? SERVICE_DEFAULTS.healthInterval,
    replace: singleton
      ? "exclusive"
      : (typeof plugin.replace === "function" ? plugin.replace(options) : plugin.replace) ??
        SERVICE_DEFAULTS.replace,
    fingerprint: await fingerprint([settings.plugin, unit.written.options ?? {}, grants, singleton]),
    options,
    plugin: settings.plugin,
    ...(singleton && { singleton }),
    ...(grants.length > 0 && { grants }),
    ...((grants.length > 0 || singleton) && {
      hosting: JSON.stringify([settings.plugin, grants, singleton]),
    }),
    ...await buildProcess(unit, input),
  };
}

/** What is different of a service in processes of its own. */
async function buildProcess(unit: ServiceUnit, input: BuildInput): Promise<Partial<ServiceSpec>> {
  const isolated = input.processes.get(unit);
  if (isolated === undefined) return {};
  const { spec, replicas, alone } = isolated;
  const options: ProcessOptions = { written: input.inputs.get(unit), replicas };
  const singleton = unit.settings!.singleton ?? false;
  // Its environment may hold secrets, and hostings are compared only.
  const hosting = await fingerprint([
    unit.settings!.plugin,
    JSON.stringify(spec),
    unit.settings!.grants ?? [],
    singleton,
  ]);
  return {
    process: spec,
    options,
    hosting,
    fingerprint: await fingerprint([hosting, unit.written.options ?? {}, replicas]),
    // Several run side by side as it is.
    ...(replicas > 1 ? { replace: "overlap" } : alone || singleton ? { replace: "exclusive" } : {}),
  };
}

function buildCommon(
  name: string,
  settings: ServiceSettings | GroupSettings,
  dependencies: readonly Dependency[],
): UnitSpec {
  const significant = settings.significant ?? UNIT_DEFAULTS.significant;
  return {
    name,
    needs: pathsOf("needs", dependencies),
    after: pathsOf("after", dependencies),
    restart: settings.restart ?? UNIT_DEFAULTS.restart,
    significant,
    backoff: buildBackoff(settings.backoff),
    giveUp: buildGiveUp(settings.giveUp, significant),
  };
}

function pathsOf(kind: Dependency["kind"], dependencies: readonly Dependency[]): string[] {
  return [...new Set(dependencies.filter((dependency) => dependency.kind === kind).map(({ to }) => to.path))];
}

function buildBackoff(settings: ServiceSettings["backoff"]): Backoff {
  return {
    initial: settings?.initial ?? DEFAULT_BACKOFF.initial,
    factor: settings?.factor ?? DEFAULT_BACKOFF.factor,
    max: settings?.max ?? DEFAULT_BACKOFF.max,
    resetAfter: settings?.resetAfter ?? DEFAULT_BACKOFF.resetAfter,
  };
}

function buildGiveUp(settings: ServiceSettings["giveUp"], significant: boolean): GiveUp | null {
  if (settings === undefined) return significant ? SIGNIFICANT_GIVE_UP : null;
  return settings === "never" ? null : settings;
}

/** The `log:` part with its defaults. */
export function buildLog(settings: LogSettings = {}): LogOptions {
  const file = typeof settings.file === "string" ? { path: settings.file } : settings.file;
  return {
    level: settings.level ?? LOG_DEFAULTS.level,
    format: settings.format ?? LOG_DEFAULTS.format,
    services: settings.services ?? LOG_DEFAULTS.services,
    file: file === undefined ? LOG_DEFAULTS.file : {
      path: file.path,
      maxSize: file.maxSize ?? LOG_FILE_DEFAULTS.maxSize,
      keep: file.keep ?? LOG_FILE_DEFAULTS.keep,
      maxAge: file.maxAge ?? LOG_FILE_DEFAULTS.maxAge,
    },
  };
}
