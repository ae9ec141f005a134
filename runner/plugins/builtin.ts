/**
 * The plugins that come with Heddle, by the name that an application file uses. Loaded when named, so that
 * an application pays only for what it uses; static imports, so that bundlers and `deno publish` see them.
 */
export const builtinPlugins: Readonly<Record<string, () => Promise<{ readonly default: unknown }>>> = {
  echo: () => import("../../plugins/echo/mod.ts"),
  http: () => import("../../plugins/http/mod.ts"),
  smtp: () => import("../../plugins/smtp/mod.ts"),
};
