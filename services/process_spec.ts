/** How a service runs in processes of its own: plain data, all of it valid. */
export interface ProcessSpec {
  /** URL of the plugin's module. */
  readonly module: string;
  /** What it may do; all else is denied. */
  readonly grant: ProcessGrant;
  /** The places where it may listen (`placeOf`); the runner opens the sockets. */
  readonly places: readonly string[];
  /** Most bytes of its heap; null: what V8 takes by default. */
  readonly memory: number | null;
  /** Whose rights the process has; null: the runner's. Names or numbers. */
  readonly user: string | number | null;
  /** Null: that of the user, else the runner's. */
  readonly group: string | number | null;
  /** Three octal digits; null: the runner's. */
  readonly umask: string | null;
  /** Absolute path of its working folder; null: the runner's. */
  readonly cwd: string | null;
  /** Its whole environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Milliseconds for which its event loop may be silent before it is killed. */
  readonly heartbeat: number;
}

/** One kind of permission, by the name of Deno's flag. */
export type PermissionKind = "net" | "read" | "write" | "env" | "run" | "sys" | "ffi" | "import";

/** Every kind. */
export const PERMISSIONS: readonly PermissionKind[] = [
  "net",
  "read",
  "write",
  "env",
  "run",
  "sys",
  "ffi",
  "import",
];

/** What a process may do, kind by kind: everything, what is listed, or nothing (false). */
export type ProcessGrant = Readonly<Record<PermissionKind, boolean | readonly string[]>>;

/** What instances of a service in processes of its own are started and reloaded with. */
export interface ProcessOptions {
  /** The plugin's options as written: each process validates them again. */
  readonly written: unknown;
  /** How many processes, at least 1. */
  readonly replicas: number;
}

/** The `heartbeat` of a service that says nothing else, ms. */
export const DEFAULT_HEARTBEAT = 10_000;
