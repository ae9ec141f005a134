import { z } from "zod";
import { duration, endpoint } from "../../../services/plugin/zod.ts";
import { definePlugin, type Plugin } from "../../../services/plugin/plugin.ts";
import type { LoadedPlugin } from "../../../runner/plugins/load_plugin.ts";
import { PluginError } from "../../../runner/plugins/plugin_error.ts";
import { ApplicationFileError } from "../../../runner/app/errors.ts";
import {
  loadApplication,
  type LoadApplicationOptions,
  type LoadedApplication,
} from "../../../runner/app/load_application.ts";
import { renderProblems } from "../../../runner/app/problem.ts";
import type { ReadFile } from "../../../runner/app/read_text.ts";
import { assertRejects } from "../../assert.ts";

/** A plugin like those that come with Heddle. */
export const echo: Plugin = definePlugin({
  name: "echo",
  options: z.strictObject({
    listen: endpoint().prefault("tcp:127.0.0.1:7007"),
    idleTimeout: duration().prefault("5m"),
    maxConnections: z.int().min(1).optional(),
    verbose: z.boolean().optional(),
    password: z.string().min(12).optional(),
  }),
  makeService: (options) => ({ start: () => void options }),
}) as Plugin;

/** A plugin with an option that must be given. */
export const files: Plugin = definePlugin({
  name: "files",
  options: z.strictObject({
    root: z.string(),
    users: z.array(z.strictObject({ name: z.string() })).optional(),
  }),
  makeService: () => ({ start() {} }),
}) as Plugin;

/** Plugins by specifier, as an application's loader. */
export function pluginsFrom(plugins: Readonly<Record<string, Plugin>>): LoadApplicationOptions["loadPlugin"] {
  return (specifier): Promise<LoadedPlugin> => {
    const plugin = Object.hasOwn(plugins, specifier) ? plugins[specifier] : undefined;
    if (plugin === undefined) {
      return Promise.reject(new PluginError(specifier, `Cannot load plugin "${specifier}": there is none`));
    }
    return Promise.resolve({ specifier, reference: { kind: "builtin", name: specifier }, plugin });
  };
}

/** A disk in memory. */
export function filesFrom(texts: Readonly<Record<string, string | Uint8Array>>): ReadFile {
  return (path, limit) => {
    const content = Object.hasOwn(texts, path) ? texts[path]! : undefined;
    if (content === undefined) return Promise.reject(new Deno.errors.NotFound(path));
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
    return Promise.resolve(bytes.slice(0, limit));
  };
}

export interface Setting {
  /** Other files by path. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly plugins?: Readonly<Record<string, Plugin>>;
}

/** Load `app.yaml` with this text. */
export function load(text: string | Uint8Array, setting: Setting = {}): Promise<LoadedApplication> {
  return loadApplication("app.yaml", {
    env: new Map(Object.entries(setting.env ?? {})),
    readFile: filesFrom({ "app.yaml": text, ...setting.files }),
    loadPlugin: pluginsFrom({ echo, files, ...setting.plugins })!,
  });
}

/** What is printed for an `app.yaml` that is not good. */
export async function complaint(text: string | Uint8Array, setting: Setting = {}): Promise<string> {
  const error = await assertRejects(() => load(text, setting), ApplicationFileError);
  return renderProblems(error.problems);
}
