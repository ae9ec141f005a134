import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { quote } from "../../services/text/quote.ts";
import type { Task } from "./task.ts";

/**
 * The task that a module exports.
 * @param path relative to the working directory
 * @throws {Error} when it cannot be loaded, or its default export is no function
 */
export async function loadTask(path: string): Promise<Task> {
  let module: { readonly default?: unknown };
  try {
    module = await import(pathToFileURL(resolve(path)).href);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`Cannot load task ${quote(path)}: ${reason}`, { cause: error });
  }
  if (typeof module.default !== "function") {
    throw new Error(`Cannot use task ${quote(path)}: it must default-export a function`);
  }
  return module.default as Task;
}
