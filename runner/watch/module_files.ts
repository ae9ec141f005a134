import { fileURLToPath } from "node:url";

/** Heddle's own modules do not change under a running application that uses them. */
const OWN = new URL("../../", import.meta.url).href;

interface ModuleGraph {
  readonly modules: readonly { readonly specifier: string }[];
}

/**
 * The files of a module and of all local ones that it imports, as `deno info` tells; the module's own alone where that
 * cannot be had. Not those of Heddle itself, but for plugins beside its code.
 */
export async function moduleFiles(url: string): Promise<string[]> {
  if (!url.startsWith("file:")) return [];
  const own = fileURLToPath(url);
  try {
    const { stdout, success } = await new Deno.Command(Deno.execPath(), {
      args: ["info", "--json", "--no-lock", url],
      stdin: "null",
      stderr: "null",
    }).output();
    if (!success) return [own];
    const graph = JSON.parse(new TextDecoder().decode(stdout)) as ModuleGraph;
    const local = graph.modules.map(({ specifier }) => specifier)
      .filter((specifier) => specifier.startsWith("file:") && !isHeddles(specifier));
    return [...new Set([own, ...local.map((specifier) => fileURLToPath(specifier))])];
  } catch {
    return [own];
  }
}

function isHeddles(specifier: string): boolean {
  return ["mod.ts", "services/", "runner/", "plugins/"].some((part) => specifier.startsWith(OWN + part));
}
