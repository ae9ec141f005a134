import type { Command } from "./command.ts";

/** A verb of the command line; its code is loaded when it is used. */
export interface Verb {
  /** What it does, for `heddle help`. */
  readonly summary: string;
  /** It is at its best where Deno was started with `--unstable-net`. */
  readonly needsNet?: boolean;
  load(): Promise<{ readonly command: Command }>;
}

/** Every verb by its name; `new plugin` is one. */
export const VERBS: Readonly<Record<string, Verb>> = {
  serve: {
    summary: "run the application that a file describes",
    needsNet: true,
    load: () => import("./serve.ts"),
  },
  check: { summary: "find every mistake in application files", load: () => import("./check.ts") },
  status: {
    summary: "show how a running application and its services are doing",
    load: () => import("./status.ts"),
  },
  start: {
    summary: "start services of a running application that were stopped, or have failed",
    load: () => import("./start.ts"),
  },
  stop: { summary: "stop services of a running application", load: () => import("./stop.ts") },
  restart: {
    summary: "stop services of a running application, and start them again",
    load: () => import("./restart.ts"),
  },
  reload: {
    summary: "have a running application read its file again, and do what has changed",
    load: () => import("./reload.ts"),
  },
  logs: { summary: "show the latest log of a running application", load: () => import("./logs.ts") },
  events: {
    summary: "show what happens in a running application, as it happens",
    load: () => import("./events.ts"),
  },
  top: { summary: "watch a running application in the terminal", load: () => import("./top.ts") },
  health: {
    summary: "tell whether a running application is healthy, for health checks",
    load: () => import("./health.ts"),
  },
  systemd: { summary: "print units of systemd that run an application", load: () => import("./systemd.ts") },
  plugins: { summary: "list plugins and their options", load: () => import("./plugins.ts") },
  schema: { summary: "print the JSON Schema of application files", load: () => import("./schema.ts") },
  "mail queue": {
    summary: "look after the mail that waits to be sent",
    load: () => import("./mail_queue.ts"),
  },
  "new plugin": {
    summary: "write a plugin to start from, with its test",
    load: () => import("./new_plugin.ts"),
  },
  help: { summary: "tell about Heddle, or about a verb", load: () => import("./help.ts") },
  version: { summary: "print the versions of Heddle and Deno", load: () => import("./version.ts") },
};

/** A verb that was found at the begin of a command line. */
export interface FoundVerb {
  readonly name: string;
  readonly verb: Verb;
  /** What follows it. */
  readonly rest: readonly string[];
}

/** The verb that `args` begin with; null when there is none. */
export function findVerb(args: readonly string[]): FoundVerb | null {
  for (const words of [2, 1]) {
    const name = args.slice(0, words).join(" ");
    const verb = Object.hasOwn(VERBS, name) ? VERBS[name] : undefined;
    if (verb !== undefined) return { name, verb, rest: args.slice(name.split(" ").length) };
  }
  return null;
}
