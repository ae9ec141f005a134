import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { quote } from "../../../services/text/quote.ts";
import type { MailHooks } from "./hooks.ts";

const names = ["onConnect", "onMail", "onRecipient", "onMessage"] as const satisfies (keyof MailHooks)[];

/**
 * Load a module of hooks.
 * @param path relative to the working directory
 * @throws {Error} when it cannot be loaded, or exports no hooks
 */
export async function loadHooks(path: string): Promise<MailHooks> {
  let module: { readonly default?: unknown };
  try {
    module = await import(pathToFileURL(resolve(path)).href);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`Cannot load hooks ${quote(path)}: ${reason}`, { cause: error });
  }
  const fail = (reason: string) => new Error(`Cannot use hooks ${quote(path)}: ${reason}`);
  const hooks = module.default;
  if (typeof hooks !== "object" || hooks === null) throw fail("it must default-export an object of hooks");
  for (const [name, hook] of Object.entries(hooks)) {
    if (!names.some((known) => known === name)) {
      throw fail(`unknown hook ${quote(name)}, known are ${names.join(", ")}`);
    }
    if (typeof hook !== "function") throw fail(`${name} must be a function`);
  }
  return hooks as MailHooks;
}
