import { assertEquals } from "./assert.ts";

/** What the files of a room may import of the others: arrows point one way, runner -> services <- plugins. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  services: ["services"],
  plugins: ["services", "plugins"],
  runner: ["services", "runner"],
};

const root = new URL("../", import.meta.url);

async function* modules(folder: URL): AsyncGenerator<URL> {
  for await (const entry of Deno.readDir(folder)) {
    const url = new URL(entry.isDirectory ? `${entry.name}/` : entry.name, folder);
    if (entry.isDirectory) yield* modules(url);
    else if (entry.name.endsWith(".ts")) yield url;
  }
}

/** Specifiers of modules in relative imports and re-exports; examples in comments do not count. */
function relativeImports(source: string): string[] {
  const code = source.replaceAll(/\/\*[\s\S]*?\*\//g, "");
  return [...code.matchAll(/^\s*(?:import|export|\} from)\b[^"\n]*"(\.{1,2}\/[^"]+\.ts)"/gm)].map((match) =>
    match[1]!
  );
}

function roomOf(url: URL): string {
  return url.href.slice(root.href.length).split("/")[0]!;
}

for (const [room, allowed] of Object.entries(MAY_IMPORT)) {
  Deno.test(`${room}/ imports only ${allowed.join(" and ")}`, async () => {
    const wrong: string[] = [];
    let seen = 0;
    for await (const module of modules(new URL(`${room}/`, root))) {
      for (const specifier of relativeImports(await Deno.readTextFile(module))) {
        seen++;
        const target = new URL(specifier, module);
        if (!allowed.includes(roomOf(target))) {
          wrong.push(`${module.href.slice(root.href.length)} -> ${specifier}`);
        }
      }
    }
    assertEquals(wrong, []);
    assertEquals(seen > 0, true, "no imports were found: the search itself is broken");
  });
}

Deno.test("a plugin imports no other plugin", async () => {
  const wrong: string[] = [];
  const plugins = new URL("plugins/", root);
  for await (const module of modules(plugins)) {
    const own = module.href.slice(plugins.href.length).split("/")[0];
    for (const specifier of relativeImports(await Deno.readTextFile(module))) {
      const target = new URL(specifier, module);
      if (roomOf(target) !== "plugins") continue;
      if (target.href.slice(plugins.href.length).split("/")[0] !== own) {
        wrong.push(`${module.href} -> ${specifier}`);
      }
    }
  }
  assertEquals(wrong, []);
});
