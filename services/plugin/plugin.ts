import type { Token } from "../context.ts";
import type { Service } from "../service.ts";
import type { InferOutput, StandardSchema } from "./standard_schema.ts";

/** What a plugin's process may do when it is isolated: Deno's permission flags, as data. */
export interface PermissionRequest {
  readonly net?: boolean | readonly string[];
  readonly read?: boolean | readonly string[];
  readonly write?: boolean | readonly string[];
  readonly env?: boolean | readonly string[];
  readonly run?: boolean | readonly string[];
  readonly sys?: boolean | readonly string[];
  readonly ffi?: boolean | readonly string[];
  readonly import?: boolean | readonly string[];
}

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
  /** May old and new run side by side while a reload replaces one by the other. Default `exclusive`. */
  readonly replace?: "overlap" | "exclusive";
}

/** Returns its argument, typed: what a plugin module default-exports. */
export function definePlugin<S extends StandardSchema<unknown, unknown>>(plugin: Plugin<S>): Plugin<S> {
  return plugin;
}
