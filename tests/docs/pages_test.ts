import { loadApplication } from "../../runner/app/load_application.ts";
import { assert, assertEquals } from "../assert.ts";

/**
 * What the pages show is run. A block whose first line names a file (`// hits.ts`, `# app.yaml`) becomes that
 * file, beside the others of its page: tests among them are run, application files are loaded with their
 * plugins, and every block of TypeScript is type-checked.
 */

const root = new URL("../../", import.meta.url);
const PAGES = [
  "README.md",
  "docs/plugin.md",
  "docs/application.md",
  "docs/twisted.md",
  "docs/smtp.md",
  "docs/pop3.md",
  "docs/processes.md",
  "docs/isolation.md",
  "docs/operating.md",
  "docs/control.md",
  "docs/dashboard.md",
  "docs/http.md",
  "docs/proxy.md",
  "docs/discovery.md",
];

interface Block {
  readonly language: string;
  readonly name: string | null;
  readonly text: string;
}

function blocksOf(markdown: string): Block[] {
  return [...markdown.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(([, language, text]) => ({
    language: language!,
    name: /^(?:\/\/|#) ([\w.]+\.(?:ts|yaml))\n/.exec(text!)?.[1] ?? null,
    text: text!,
  }));
}

async function deno(...args: string[]): Promise<void> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args, cwd: root }).output();
  const told = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  assert(success, `deno ${args[0]}:\n${told}`);
}

for (const page of PAGES) {
  Deno.test(`${page}: what it shows works`, async () => {
    const blocks = blocksOf(await Deno.readTextFile(new URL(page, root)));
    assert(blocks.length > 0);
    // Below the checkout, so that the import map holds for what is written there.
    const folder = await Deno.makeTempDir({ dir: new URL("tests/docs/", root).pathname, prefix: ".page-" });
    try {
      let unnamed = 0;
      const modules: string[] = [];
      const tests: string[] = [];
      for (const { language, name, text } of blocks) {
        if (language !== "ts" && name === null) continue;
        const path = `${folder}/${name ?? `block_${++unnamed}.ts`}`;
        // Assertions come typed in this checkout by another way.
        await Deno.writeTextFile(path, text.replace(`"@std/assert"`, `"../../assert.ts"`));
        if (language === "ts") modules.push(path);
        if (path.endsWith("_test.ts")) tests.push(path);
      }
      if (modules.length > 0) await deno("check", ...modules);
      if (tests.length > 0) await deno("test", "--no-check", ...tests);
      for (const { name } of blocks) {
        if (!name?.endsWith(".yaml")) continue;
        const { spec } = await loadApplication(`${folder}/${name}`, { env: new Map() });
        assertEquals(spec.root.children.length > 0, true, `${name} has no services`);
      }
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}
