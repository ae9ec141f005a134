import { dirname } from "node:path";

/** Milliseconds after which what a test waits for is taken not to come. */
const DEADLINE = 30_000;

/** Wait until the file at `path` exists and contains `text`; resolves to all of its text. */
export async function fileWith(path: string, text: string): Promise<string> {
  const watcher = Deno.watchFs(dirname(path));
  const timer = setTimeout(() => watcher.close(), DEADLINE);
  try {
    let found = await textOf(path);
    if (found?.includes(text)) return found;
    for await (const _ of watcher) {
      found = await textOf(path);
      if (found?.includes(text)) return found;
    }
    throw new Error(`Within ${DEADLINE / 1000} s, "${path}" does not contain "${text}": ${found}`);
  } finally {
    clearTimeout(timer);
    watcher.close();
  }
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
