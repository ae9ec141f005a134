import type { ServiceSpec } from "../application_spec.ts";
import type { Token } from "../context.ts";
import type { Service } from "../service.ts";
import type { InferOutput, StandardSchema } from "./standard_schema.ts";

/** What a plugin's process may do when it is isolated: Deno's permission flags, as data. */
export interface PermissionRequest {
  /** Hosts, with or without port, to connect to or listen on. */
  readonly net?: boolean | readonly string[];
  /** Files and folders to read. */
  readonly read?: boolean | readonly string[];
  /** Files and folders to write. */
  readonly write?: boolean | readonly string[];
  /** Environment variables. */
  readonly env?: boolean | readonly string[];
  /** Programs. */
  readonly run?: boolean | readonly string[];
  /** Facts about the system: `hostname`, `osRelease`, ... */
  readonly sys?: boolean | readonly string[];
  /** Dynamic libraries. */
  readonly ffi?: boolean | readonly string[];
  /** Hosts to import modules from. */
  readonly import?: boolean | readonly string[];
}

/** What a plugin can have a say in, where the application file says nothing. Durations are milliseconds. */
export type UnitDefaults = Partial<Pick<ServiceSpec, "restart" | "startTimeout" | "stopTimeout">>;

/** How a reload replaces a service: the new one is ready before the old one goes, or the other way round. */
export type Replacement = "overlap" | "exclusive";

/**
 * What a plugin module default-exports: a kind of service that an application file can name.
 * `S` is the schema of its options.
 */
export interface Plugin<S extends StandardSchema<unknown, unknown> = StandardSchema<unknown, unknown>> {
  /** Lower-case words joined by dashes. */
  readonly name: string;
  /** One line for `heddle plugins`. */
  readonly description?: string;
  /** Any Standard Schema. Of zod, use `strictObject`: it reports misspelt keys. */
  readonly options: S;
  /** Make the service; called again for every start. */
  makeService(options: InferOutput<S>): Service<InferOutput<S>> | Promise<Service<InferOutput<S>>>;
  /** What its services offer to those that need them. */
  readonly provides?: readonly Token<unknown>[];
  /** What its services must be able to get from the services they need. */
  readonly needs?: readonly Token<unknown>[];
  /** What its process must be allowed to do, beyond listening and connecting as its options say. */
  permissions?(options: InferOutput<S>): PermissionRequest;
  /** Further checks of valid options, without I/O; run by `heddle check`. Returns what is wrong. */
  check?(options: InferOutput<S>): readonly { path?: readonly PropertyKey[]; message: string }[];
  /** Settings of its services that differ from the usual defaults; what the application file says comes first. */
  unitDefaults?(options: InferOutput<S>): UnitDefaults;
  /**
   * Of a plugin that provides a registry: for how long leadership in it outlives a leader that dies, in
   * milliseconds; null when it is agreed on within this process alone, so that no singleton can be elected.
   */
  leadershipTtl?(options: InferOutput<S>): number | null;
  /**
   * May old and new run side by side while a reload replaces one by the other, perhaps only with some options.
   * Default `exclusive`.
   */
  readonly replace?: Replacement | ((options: InferOutput<S>) => Replacement);
}

/** Returns its argument, typed: what a plugin module default-exports. */
export function definePlugin<S extends StandardSchema<unknown, unknown>>(plugin: Plugin<S>): Plugin<S> {
  return plugin;
}
