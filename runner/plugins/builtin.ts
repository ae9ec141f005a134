/**
 * The plugins that come with Heddle, by the name that an application file uses. Loaded when named, so that
 * an application pays only for what it uses; static imports, so that bundlers and `deno publish` see them.
 */
export const builtinPlugins: Readonly<Record<string, () => Promise<{ readonly default: unknown }>>> = {
  dashboard: () => import("../../plugins/dashboard/mod.ts"),
  discovery: () => import("../../plugins/discovery/mod.ts"),
  echo: () => import("../../plugins/echo/mod.ts"),
  http: () => import("../../plugins/http/mod.ts"),
  pop3: () => import("../../plugins/pop3/mod.ts"),
  process: () => import("../../plugins/process/mod.ts"),
  smtp: () => import("../../plugins/smtp/mod.ts"),
  task: () => import("../../plugins/task/mod.ts"),
};

/** Where a built-in plugin's module is. */
export function builtinUrl(name: string): string {
  return new URL(`../../plugins/${name}/mod.ts`, import.meta.url).href;
}
