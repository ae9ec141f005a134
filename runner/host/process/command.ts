import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ProcessGrant, ProcessSpec } from "../../../services/process_spec.ts";
import { flagsOf } from "./grant.ts";
import { type Entry, PROTOCOL_VERSION } from "./protocol.ts";

/** How a process is started. */
export interface ChildCommand {
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** What the runner's own process tells of how to start another. */
export interface Surroundings {
  /** Deno's executable. */
  readonly program: string;
  /** The configuration file with the import map; null: none. */
  readonly config: string | null;
  /** An environment variable of the runner. */
  readonly variable: (name: string) => string | undefined;
}

/** Without these Deno does not find what it has downloaded; they say nothing that is secret. */
const DENO_VARIABLES = ["DENO_DIR", "HOME", "XDG_CACHE_HOME", "NO_COLOR"];

/** As `deno task serve` has it: short-lived objects of traffic are collected while they are young. */
const YOUNG_GENERATION = "--max-semi-space-size=8";

const CHILD_MAIN = new URL("./child/main.ts", import.meta.url).href;

/** What plugins, and what they load, import of Heddle: the exports of its package. */
const PUBLIC = [
  "mod.ts",
  "services/http/mod.ts",
  "services/plugin/zod.ts",
  "plugins/smtp/hooks/mod.ts",
  "plugins/task/task.ts",
]
  .map((path) => new URL(`../../../${path}`, import.meta.url).href);

/** Addresses of this machine that nobody means when granting something. */
const PROBES = ["127.255.255.254", "127.255.255.253", "127.255.255.252"];

/**
 * The command that starts a process for a service. The entry is a data URL with static imports: neither it nor the
 * plugin's source takes a permission to read.
 */
export function childCommand(
  spec: Pick<ProcessSpec, "module" | "grant" | "memory" | "umask" | "env">,
  { program, config, variable }: Surroundings,
): ChildCommand {
  const probe = probeFor(spec.grant);
  const flags = flagsOf({ ...spec.grant, net: withProbe(spec.grant.net, probe) });
  const args = [
    "run",
    "--quiet",
    "--unstable-net",
    ...(config === null ? ["--no-config"] : [`--config=${config}`]),
    ...flags,
    `--v8-flags=${[YOUNG_GENERATION, ...heapFlags(spec.memory)].join()}`,
    entryUrl({ version: PROTOCOL_VERSION, grant: spec.grant, probe }, spec),
  ];
  const own = DENO_VARIABLES.flatMap((name) => {
    const value = variable(name);
    return value === undefined ? [] : [[name, value] as const];
  });
  const env = { ...Object.fromEntries(own), ...spec.env };
  if (spec.umask === null) return { program, args, env };
  // Deno can set it for itself alone, and the plugin's process only with a permission.
  return { program: "/bin/sh", args: ["-c", `umask ${spec.umask}; exec "$@"`, "sh", program, ...args], env };
}

function heapFlags(memory: number | null): string[] {
  return memory === null ? [] : [`--max-old-space-size=${Math.ceil(memory / (1 << 20))}`];
}

function probeFor(grant: ProcessGrant): string | null {
  if (grant.net === true) return "127.0.0.1";
  const listed = grant.net === false ? [] : grant.net;
  return PROBES.find((address) => listed.every((one) => !one.startsWith(address))) ?? null;
}

function withProbe(net: ProcessGrant["net"], probe: string | null): ProcessGrant["net"] {
  if (net === true || probe === null) return net;
  return [...(net === false ? [] : net), probe];
}

function entryUrl(entry: Entry, { module, grant }: Pick<ProcessSpec, "module" | "grant">): string {
  // What is named here may be imported later without a permission to read it: by what a plugin loads itself,
  // handlers and hooks. It is loaded only then.
  const known = grant.read === false ? [] : PUBLIC.map((url) => `import(${JSON.stringify(url)})`);
  const source = `import { runChild } from ${JSON.stringify(CHILD_MAIN)};
export const known = () => [${known.join(", ")}];
await runChild(${JSON.stringify(entry)}, () => import(${JSON.stringify(module)}));
`;
  const bytes = new TextEncoder().encode(source);
  return `data:application/typescript;base64,${bytes.toBase64()}`;
}

/**
 * The configuration file that Deno found for `mainModule`, the program that runs: beside it or above; of a program
 * from elsewhere, in the working folder or above.
 */
export function findConfig(mainModule: string): string | null {
  const start = mainModule.startsWith("file:") ? dirname(fileURLToPath(mainModule)) : Deno.cwd();
  for (let folder = start;; folder = dirname(folder)) {
    for (const name of ["deno.json", "deno.jsonc"]) {
      const path = join(folder, name);
      try {
        if (Deno.statSync(path).isFile) return path;
      } catch {
        // Not here.
      }
    }
    if (folder === dirname(folder)) return null;
  }
}
