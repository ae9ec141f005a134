import { resolve } from "node:path";
import type { PermissionRequest, Plugin } from "../../services/plugin/plugin.ts";
import { DEFAULT_HEARTBEAT, type ProcessGrant, type ProcessSpec } from "../../services/process_spec.ts";
import { metrics } from "../../services/metrics/metrics.ts";
import { quote } from "../../services/text/quote.ts";
import {
  describeGrant,
  endpointsIn,
  grantOf,
  type OptionEndpoints,
  permissionsFor,
  placesOf,
} from "../host/process/grant.ts";
import { builtinUrl } from "../plugins/builtin.ts";
import type { LoadedPlugin } from "../plugins/load_plugin.ts";
import type { Dependencies } from "./dependencies.ts";
import type { Finding } from "./finding.ts";
import type { Environment } from "./interpolate.ts";
import { PROCESS_KEYS, type ServiceSettings } from "./schema.ts";
import { servicesNeededBy } from "./tokens.ts";
import type { ServiceUnit } from "./units.ts";

/** What an operator should know of how a service is isolated, and is no mistake. */
export interface IsolationNote {
  /** The service's path. */
  readonly path: string;
  /** What its process may do, in words; absent: it runs on the runner's reactor. */
  readonly grant?: string;
  /** What was asked for and cannot be had, or gives away more than it seems to. */
  readonly warnings: readonly string[];
}

/** A service in processes of its own. */
export interface IsolatedService {
  readonly spec: ProcessSpec;
  readonly replicas: number;
  /** It binds what only one process can have: old and new cannot run side by side. */
  readonly alone: boolean;
}

/** Services that run in processes of their own, and what is to be said of that. */
export interface Isolation {
  readonly processes: ReadonlyMap<ServiceUnit, IsolatedService>;
  readonly notes: readonly IsolationNote[];
  readonly findings: readonly Finding[];
}

/** What isolating is decided from. */
export interface IsolationInput {
  readonly loaded: ReadonlyMap<ServiceUnit, LoadedPlugin>;
  /** Valid options. */
  readonly options: ReadonlyMap<ServiceUnit, unknown>;
  readonly dependencies: Dependencies;
  readonly env: Environment;
  /** The runner's working folder. */
  readonly cwd: string;
  /** How many processors there are: what `auto` means. */
  readonly processors: number;
}

/** Tokens whose values reach into a process of its own. */
const REMOTABLE: ReadonlySet<string> = new Set([metrics.id]);

/** Decide which services run in processes of their own, and with what rights. */
export function isolate(input: IsolationInput): Isolation {
  const processes = new Map<ServiceUnit, IsolatedService>();
  const notes: IsolationNote[] = [];
  const findings: Finding[] = [];
  for (const [unit, { plugin, reference }] of input.loaded) {
    const { settings } = unit;
    if (settings === undefined || !input.options.has(unit)) continue;
    if (settings.isolate !== "process") {
      const warnings = inlineWarnings(settings);
      if (warnings.length > 0) notes.push({ path: unit.path, warnings });
      continue;
    }
    const options = input.options.get(unit);
    const endpoints = endpointsIn(options);
    const cwd = resolve(input.cwd, settings.cwd ?? "");
    const grant = grantOf([
      plugin.permissions?.(options) ?? {},
      permissionsFor(endpoints),
      (settings.permissions ?? {}) as PermissionRequest,
      { env: namesOf(settings.env) },
    ], cwd);
    const replicas = settings.replicas === "auto" ? input.processors : settings.replicas ?? 1;
    findings.push(...tokenFindings(unit, plugin, input), ...endpointFindings(unit, endpoints, replicas));
    const spec: ProcessSpec = {
      module: reference.kind === "builtin" ? builtinUrl(reference.name) : reference.url,
      grant,
      places: placesOf(endpoints),
      memory: settings.memory ?? null,
      user: settings.user ?? null,
      group: settings.group ?? null,
      umask: settings.umask ?? null,
      cwd: settings.cwd === undefined ? null : cwd,
      env: environmentOf(settings.env, grant, input.env),
      heartbeat: settings.heartbeat ?? DEFAULT_HEARTBEAT,
    };
    processes.set(unit, { spec, replicas, alone: endpoints.datagrams.length > 0 });
    notes.push({ path: unit.path, grant: describeGrant(grant), warnings: processWarnings(grant, endpoints) });
  }
  return { processes, notes, findings };
}

function inlineWarnings(settings: ServiceSettings): string[] {
  return PROCESS_KEYS.filter((key) => settings[key as keyof ServiceSettings] !== undefined)
    .filter((key) => key !== "replicas" || settings.replicas !== 1)
    .map((key) =>
      `${quote(key)} has no effect on the runner's reactor: write "isolate: process", or remove it`
    );
}

function processWarnings(grant: ProcessGrant, { datagrams }: OptionEndpoints): string[] {
  const warnings: string[] = [];
  for (const kind of ["run", "ffi"] as const) {
    if (grant[kind] !== false) {
      const what = kind === "run" ? "a program that it runs" : "a library that it loads";
      warnings.push(`"permissions: ${kind}" undoes the isolation: ${what} may do whatever its user may`);
    }
  }
  if (datagrams.length > 0 && grant.net !== true) {
    warnings.push(
      'it can answer datagrams only of peers that "permissions: net" names: write "net: true" for all',
    );
  }
  return warnings;
}

/** What crosses no process. */
function tokenFindings(
  unit: ServiceUnit,
  plugin: Plugin,
  { dependencies, loaded }: IsolationInput,
): Finding[] {
  const at = { source: unit.source, path: [...unit.at, "isolate"] };
  const findings: Finding[] = (plugin.needs ?? []).filter(({ id }) => !REMOTABLE.has(id)).map(({ id }) => ({
    ...at,
    message:
      `Cannot run ${quote(unit.name)} in a process of its own: it needs ${quote(id)}, which does not reach ` +
      'into one; write "isolate: inline"',
  }));
  const provided = new Set((plugin.provides ?? []).map(({ id }) => id));
  for (const [other, { plugin: { needs = [] } }] of loaded) {
    const wanted = needs.find(({ id }) => provided.has(id));
    if (wanted === undefined || !servicesNeededBy(other, dependencies).includes(unit)) continue;
    findings.push({
      ...at,
      message: `Cannot run ${quote(unit.name)} in a process of its own: ${quote(other.path)} needs ` +
        `${quote(wanted.id)} of it, which does not reach out of one; write "isolate: inline"`,
    });
  }
  return findings;
}

function endpointFindings(
  unit: ServiceUnit,
  { servers, datagrams }: OptionEndpoints,
  replicas: number,
): Finding[] {
  const findings: Finding[] = [];
  if (servers.some(({ kind }) => kind === "stdio")) {
    findings.push({
      source: unit.source,
      path: [...unit.at, "isolate"],
      message: 'Cannot use "stdio:" in a process of its own: write "isolate: inline"',
    });
  }
  if (replicas > 1 && datagrams.length > 0) {
    findings.push({
      source: unit.source,
      path: [...unit.at, "replicas"],
      message:
        "Cannot have several replicas: a UDP port belongs to one process; write 1, or take the endpoint out",
    });
  }
  return findings;
}

function namesOf(env: ServiceSettings["env"]): string[] {
  return env === undefined ? [] : Array.isArray(env) ? env : Object.keys(env);
}

/** What is given by value, and of the runner's own environment what is named, here or by a permission. */
function environmentOf(
  env: ServiceSettings["env"],
  grant: ProcessGrant,
  runner: Environment,
): Readonly<Record<string, string>> {
  const given = env === undefined || Array.isArray(env) ? {} : env;
  const listed = typeof grant.env === "boolean" ? namesOf(env) : grant.env;
  const passed = listed.flatMap((name) => {
    const value = runner.get(name);
    return value === undefined ? [] : [[name, value] as const];
  });
  return { ...Object.fromEntries(passed), ...given };
}
