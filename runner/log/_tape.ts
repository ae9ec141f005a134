import { configureSync, getConfig, type LogRecord as TapeRecord, resetSync } from "@logtape/logtape";
import type { LogLevel } from "./options.ts";

/** What one open log wants of LogTape. */
export interface Route {
  /** The category that all of its own records are under. */
  readonly root: string;
  readonly level: LogLevel;
  /** Levels of what is under the root, by path. */
  readonly levels: readonly (readonly [path: readonly string[], level: LogLevel])[];
  readonly write: (record: TapeRecord) => void;
}

/** LogTape's names for the levels, by ours. */
export const TO_TAPE = { debug: "debug", info: "info", warn: "warning", error: "error" } as const;

/** The routes of the logs that are open, the oldest first, which also takes what libraries log. */
const routes = new Map<string, Route>();
let configuration: unknown = null;

/**
 * Add a route, or replace the one of the same root. LogTape's configuration is the process's: it is made of
 * the routes of all open logs.
 * @throws {Error} when the program has configured LogTape for itself
 */
export function setRoute(route: Route): void {
  if (getConfig() !== configuration) {
    throw new Error(
      "Cannot open a log: the program has configured LogTape for itself; give a logger that writes to that",
    );
  }
  routes.set(route.root, route);
  configure();
}

/** Remove the route of a log that is closed. */
export function removeRoute(root: string): void {
  routes.delete(root);
  if (getConfig() !== configuration) return;
  configure();
}

function configure(): void {
  const [oldest] = routes.values();
  if (oldest === undefined) {
    resetSync();
    configuration = null;
    return;
  }
  const loggers: { category: string[]; lowestLevel: TapeRecord["level"]; root: string }[] = [
    { category: [], lowestLevel: TO_TAPE[oldest.level], root: oldest.root },
    { category: ["logtape", "meta"], lowestLevel: "warning", root: oldest.root }, // its remarks on itself
  ];
  for (const { root, level, levels } of routes.values()) {
    loggers.push({ category: [root], lowestLevel: TO_TAPE[level], root });
    for (const [path, own] of levels) {
      loggers.push({ category: [root, ...path], lowestLevel: TO_TAPE[own], root });
    }
  }
  const config = {
    reset: true,
    sinks: Object.fromEntries([...routes.values()].map(({ root, write }) => [root, write])),
    // Each with a sink of its own: one that is inherited would hold the parent's level, too.
    loggers: loggers.map(({ category, lowestLevel, root }) => ({
      category,
      lowestLevel,
      sinks: [root],
      parentSinks: "override" as const,
    })),
  };
  configureSync(config);
  configuration = config;
}
