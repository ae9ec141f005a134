import { PLUGINS } from "./_scene.ts";

/** How often each victim's options have been changed, by path. */
export type Generations = Readonly<Record<string, number>>;

/** A victim: what its plugin does with new options, and the settings of its service. */
interface Draft {
  readonly plugin: "pliable" | "stiff" | "doubled";
  readonly settings?: Readonly<Record<string, unknown>>;
}

type Group = Readonly<Record<string, Draft>>;

const OWN = { isolate: "process", heartbeat: "4s", memory: "48MiB", startTimeout: "6s" };
const PAIR = { ...OWN, replicas: 2 };

/** Hosts, strategies, restarts and bonds, all of them. */
const GROUPS: Readonly<Record<string, { readonly settings?: object; readonly services: Group }>> = {
  within: {
    services: {
      plain: { plugin: "pliable" },
      passing: { plugin: "stiff", settings: { restart: "transient" } },
      fleeting: { plugin: "doubled", settings: { restart: "temporary" } },
      limited: { plugin: "pliable", settings: { giveUp: { failures: 2, within: "24h" } } },
      double: { plugin: "doubled" },
    },
  },
  apart: {
    services: {
      plain: { plugin: "pliable", settings: OWN },
      passing: { plugin: "stiff", settings: { ...OWN, restart: "transient" } },
      fleeting: { plugin: "pliable", settings: { ...OWN, restart: "temporary" } },
      double: { plugin: "doubled", settings: OWN },
    },
  },
  pairs: {
    services: {
      left: { plugin: "pliable", settings: PAIR },
      right: { plugin: "doubled", settings: PAIR },
    },
  },
  whole: {
    settings: { strategy: "one-for-all" },
    services: { a: { plugin: "pliable" }, b: { plugin: "stiff", settings: OWN }, c: { plugin: "doubled" } },
  },
  rest: {
    settings: { strategy: "rest-for-one" },
    services: {
      a: { plugin: "stiff" },
      b: { plugin: "pliable", settings: OWN },
      c: { plugin: "doubled" },
      d: { plugin: "pliable", settings: { restart: "transient" } },
    },
  },
  chain: {
    services: {
      store: { plugin: "pliable" },
      cache: { plugin: "stiff", settings: { ...OWN, needs: ["store"] } },
      api: { plugin: "doubled", settings: { needs: ["cache"] } },
      front: { plugin: "pliable", settings: { after: ["api"] } },
    },
  },
  vital: {
    services: {
      heart: { plugin: "pliable", settings: { significant: true, giveUp: { failures: 1, within: "24h" } } },
      limb: { plugin: "doubled" },
    },
  },
  quiet: {
    services: { steady: { plugin: "pliable" }, beside: { plugin: "pliable", settings: OWN } },
  },
};

/** Settings that let things happen soon, and forget nothing meanwhile. */
const COMMON = {
  backoff: { initial: "5ms", max: "100ms", resetAfter: "24h" },
  startTimeout: "3s",
  stopTimeout: "5s",
  holdFor: "30s",
};

/** The group in which nothing is ever struck. */
export const QUIET = "quiet";
/** The service that reloads add and remove. */
export const EXTRA: string = `${QUIET}.extra`;

/** What the test knows of a victim. */
export interface VictimKind {
  readonly plugin: Draft["plugin"];
  readonly hosting: "inline" | "process" | "replicas";
  /** It survives a failed start. */
  readonly isPatient: boolean;
}

/** All victims, by path. */
export const VICTIMS: ReadonlyMap<string, VictimKind> = new Map(
  Object.entries(GROUPS).flatMap(([group, { services }]) =>
    Object.entries(services).map(([name, { plugin, settings = {} }]): [string, VictimKind] => [
      `${group}.${name}`,
      {
        plugin,
        hosting: "replicas" in settings ? "replicas" : "isolate" in settings ? "process" : "inline",
        isPatient: !("giveUp" in settings) && settings.restart !== "temporary",
      },
    ])
  ),
);

/** Programs that the process plugin runs, by path: the number of seconds for which each sleeps. */
export const PROGRAMS: ReadonlyMap<string, string> = new Map([
  ["programs.one", "98765"],
  ["programs.two", "98764"],
]);

/** The application file: YAML, in the part of it that is JSON. */
export function applicationFile(generations: Generations, hasExtra: boolean): string {
  const service = (path: string, { plugin, settings }: Draft, n: number) => ({
    ...COMMON,
    ...settings,
    plugin: `${PLUGINS}${plugin}.ts`,
    options: {
      // A UNIX socket that the runner keeps for a process is inherited by others, and is not closed at a stop.
      listen: n % 2 === 0 || settings?.["isolate"] !== undefined
        ? "tcp:127.0.0.1:0"
        : `unix:run/${path}.sock`,
      traps: "traps",
      generation: generations[path] ?? 0,
    },
  });
  const group = (name: string, services: Group) =>
    Object.fromEntries(
      Object.entries(services).map(([key, draft], n) => [key, service(`${name}.${key}`, draft, n)]),
    );
  const program = (seconds: string) => ({
    ...COMMON,
    plugin: "process",
    options: { command: ["sleep", seconds] },
  });
  const groups: Record<string, { services: object }> = Object.fromEntries(
    Object.entries(GROUPS).map(([name, { settings, services }]) => [
      name,
      { ...settings, services: group(name, services) },
    ]),
  );
  Object.assign(groups[QUIET]!.services, {
    echo: { plugin: "echo", options: { listen: "tcp:127.0.0.1:0" } },
    web: { plugin: "http", options: { listen: "tcp:127.0.0.1:0", routes: [{ respond: "here" }] } },
    registry: { plugin: "discovery" },
    ticks: { plugin: "task", options: { command: ["true"], every: "1s" } },
    ...(hasExtra ? { extra: { plugin: "echo", options: { listen: "unix:run/extra.sock" } } } : {}),
  });
  const programs = Object.fromEntries(
    [...PROGRAMS].map(([path, seconds]) => [path.split(".")[1], program(seconds)]),
  );
  return JSON.stringify({
    name: "demo",
    log: { level: "debug" },
    services: { ...groups, programs: { services: programs } },
  });
}
