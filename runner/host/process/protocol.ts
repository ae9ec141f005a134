import type { ProcessGrant } from "../../../services/process_spec.ts";
import type { Address } from "../../../services/reactor/address.ts";
import type { FamilySnapshot } from "../../../services/metrics/snapshot.ts";

/**
 * What the runner and the process of a service say to each other. Each message is a line of JSON: to the process
 * on its standard input, from it on its standard output behind a record separator (RFC 7464), which tells it
 * from what the plugin prints. Sockets go down a channel of their own, each named by the `id` of its request.
 */

/** Both sides must mean the same. */
export const PROTOCOL_VERSION = 1;

/** Most characters of one message. A longer one from a process ends it. */
export const MAX_MESSAGE = 4 << 20;

/** In front of every message of a process. */
export const RECORD_SEPARATOR = "\x1e";

/** What the generated entry tells the process before anything is read. */
export interface Entry {
  readonly version: number;
  readonly grant: ProcessGrant;
  /** An address that it may use before the plugin is loaded, and gives up; null: none. */
  readonly probe: string | null;
}

/** An error on its way between processes. */
export interface WireError {
  readonly name: string;
  readonly message: string;
  readonly stack?: string;
}

/** From the runner to the process. */
export type ToChild =
  | {
    readonly kind: "start";
    /** The service's path. */
    readonly name: string;
    /** As written; the process validates them. */
    readonly options: unknown;
    readonly staged: boolean;
    /** Of a singleton: what it runs by. */
    readonly fencingToken: number | null;
  }
  | { readonly kind: "activate" }
  /** Drain within so many ms; answered by `stopped`. */
  | { readonly kind: "stop"; readonly within: number }
  | { readonly kind: "reload"; readonly id: number; readonly options: unknown }
  | { readonly kind: "health"; readonly id: number }
  /** Show that the event loop turns; answered by `pong`. */
  | { readonly kind: "ping"; readonly id: number }
  /** The socket that was asked for is on its way, or cannot be had. */
  | { readonly kind: "socket"; readonly id: number; readonly host: Address }
  | { readonly kind: "noSocket"; readonly id: number; readonly error: WireError };

/** What can be counted of one process. */
export interface ProcessStats {
  readonly endpoints: readonly Address[];
  readonly connections: number;
  readonly bytesRead: number;
  readonly bytesWritten: number;
  /** CPU time so far, user and system, seconds. */
  readonly cpu: number;
  /** Resident memory, bytes. */
  readonly memory: number;
}

/** From the process to the runner. */
export type ToRunner =
  /** It has no more than its grant, and is about to load the plugin. */
  | { readonly kind: "hello"; readonly version: number }
  /** It has more than its grant, and exits. */
  | { readonly kind: "overgranted"; readonly what: readonly string[] }
  /** It wants a socket: `endpoint`'s, or once more the one that it asked for as `again`. */
  | { readonly kind: "listen"; readonly id: number; readonly endpoint: string; readonly again?: number }
  /** The socket has arrived. */
  | { readonly kind: "received"; readonly id: number }
  | { readonly kind: "ready"; readonly stats: ProcessStats }
  | { readonly kind: "startFailed"; readonly error: WireError }
  | { readonly kind: "finished"; readonly result?: unknown }
  | { readonly kind: "failed"; readonly error: WireError }
  | { readonly kind: "stopped"; readonly leftovers: readonly string[] }
  /** To `reload` (taken: whether it took them) or `health`. */
  | { readonly kind: "answer"; readonly id: number; readonly taken?: boolean; readonly error?: WireError }
  | {
    readonly kind: "pong";
    readonly id: number;
    readonly stats: ProcessStats;
    readonly metrics: readonly FamilySnapshot[];
  }
  | {
    readonly kind: "log";
    readonly level: "debug" | "info" | "warn" | "error";
    readonly message: string;
    readonly fields?: Readonly<Record<string, unknown>>;
  };

/** `error` as it travels. */
export function toWire(error: unknown): WireError {
  if (!(error instanceof Error)) return { name: "Error", message: String(error) };
  const { name, message, stack } = error;
  const told = error instanceof Deno.errors.NotCapable ? denied(message) : message;
  return stack === undefined ? { name, message: told } : { name, message: told, stack };
}

/** Deno advises a flag, which nobody here can give. */
function denied(message: string): string {
  const needs = message.replace(/, run again with the --allow-\S+ flag.*$/s, "");
  return `Denied by its permissions: ${needs}; grant it under "permissions" if it is to be allowed`;
}

/** An error that came from another process, with its name and stack. */
export function fromWire({ name, message, stack }: WireError): Error {
  const error = new Error(message);
  error.name = name;
  if (stack !== undefined) error.stack = stack;
  return error;
}
