import { isAbsolute, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { closest } from "../../services/text/closest.ts";
import { quote } from "../../services/text/quote.ts";
import { PluginError } from "./plugin_error.ts";

/** What an application file's `plugin:` means. */
export type PluginReference =
  | { readonly kind: "builtin"; readonly name: string }
  /** `url`: `file:`, `npm:`, `jsr:` or `https:`. */
  | { readonly kind: "module"; readonly url: string };

/**
 * Tell what a specifier means: the name of a built-in plugin, a path that starts with `./`, `../` or `/`
 * (relative to the application file `from`), or an `npm:`, `jsr:`, `https:` or `file:` URL. `http:` is
 * allowed for this machine alone.
 * @throws {PluginError}
 */
export function resolveSpecifier(
  specifier: string,
  from: string,
  builtins: readonly string[],
): PluginReference {
  if (builtins.includes(specifier)) return { kind: "builtin", name: specifier };
  if (/^\.{1,2}\//.test(specifier) || isAbsolute(specifier)) {
    const folder = fileURLToPath(new URL(".", from));
    return { kind: "module", url: pathToFileURL(resolve(folder, specifier)).href };
  }
  if (/^(npm|jsr|https|file):./.test(specifier) || isLoopback(specifier)) {
    return { kind: "module", url: specifier };
  }
  throw unknownPlugin(specifier, builtins);
}

function isLoopback(specifier: string): boolean {
  return /^http:\/\/(localhost|127\.0\.0\.1|\[::1\])[:/]/.test(specifier);
}

function unknownPlugin(specifier: string, builtins: readonly string[]): PluginError {
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(specifier)?.[1];
  if (scheme !== undefined) {
    const reason = `"${scheme}:" is not supported; use npm:, jsr:, https: or a path`;
    return new PluginError(specifier, `Cannot load plugin ${quote(specifier)}: ${reason}`);
  }
  const names = builtins.map((name) => `"${name}"`).join(", ");
  const form = /\.[cm]?[jt]sx?$/.test(specifier)
    ? `a path starts with "./": write ${quote(`./${specifier}`)}`
    : `there is no built-in plugin of that name; there are ${names}, and paths ("./chat.ts"), npm:, jsr: and https:`;
  const name = closest(specifier, builtins);
  return new PluginError(specifier, `Cannot load plugin ${quote(specifier)}: ${form}`, {
    suggestion: name === undefined ? undefined : `did you mean "${name}"?`,
  });
}
