import { assertEquals } from "../assert.ts";
import { HeddleProcess } from "../support/heddle_process.ts";
import { isMissing } from "../support/programs.ts";

/** The pages are run: application files are served, and the commands that follow one say what they say there. */

const root = new URL("../../", import.meta.url);
const ADDRESS = "127.0.0.1:8080";

interface Block {
  readonly language: string;
  readonly text: string;
  readonly name: string | null;
}

function blocksOf(markdown: string): Block[] {
  return [...markdown.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(([, language, text]) => ({
    language: language!,
    text: text!,
    name: /^(?:\/\/|#|<!--) ([\w./]+\.(?:ts|yaml|html))(?: -->)?\n/.exec(text!)?.[1] ?? null,
  }));
}

/** Commands, and what they print. */
function dialogueOf(text: string): [command: string, output: string][] {
  return text.split(/^\$ /m).slice(1).map((part) => {
    const end = part.indexOf("\n");
    return [part.slice(0, end), part.slice(end + 1)];
  });
}

async function shell(command: string, cwd: string): Promise<string> {
  const { stdout } = await new Deno.Command("sh", { args: ["-c", command], cwd, stderr: "null" }).output();
  return new TextDecoder().decode(stdout);
}

for (const [page, examples] of [["docs/http.md", 6], ["docs/proxy.md", 4]] as const) {
  Deno.test({ name: `${page}: what its commands print is true`, ignore: isMissing("curl") }, async () => {
    assertEquals(await run(blocksOf(await Deno.readTextFile(new URL(page, root)))), examples);
  });
}

/** Serve what commands follow; how many that were. */
async function run(blocks: readonly Block[]): Promise<number> {
  const folder = await Deno.makeTempDir({ dir: new URL("tests/docs/", root).pathname, prefix: ".page-" });
  try {
    for (const { name, text } of blocks) {
      if (name === null) continue;
      const path = `${folder}/${name}`;
      await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
      await Deno.writeTextFile(path, text.replaceAll(ADDRESS, "127.0.0.1:0"));
    }
    let served = 0;
    for (const [at, { language, name }] of blocks.entries()) {
      if (language !== "yaml") continue;
      const following = blocks.slice(at + 1);
      const [next] = following.filter(({ language }) => language === "console" || language === "yaml");
      if (next?.language !== "console") continue;
      await serve(name!, dialogueOf(next.text), folder);
      served++;
    }
    return served;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function serve(file: string, dialogue: readonly [string, string][], folder: string): Promise<void> {
  await using app = new HeddleProcess(["serve", file], { cwd: folder });
  const started = await app.record(({ service, message }) => service === "web" && message === "Started");
  const address = (started.endpoints as string[])[0]!.slice("tcp:".length);
  for (const [command, output] of dialogue) {
    const printed = await shell(command.replaceAll(ADDRESS, address), folder);
    // A reply need not end in a line feed.
    assertEquals(printed.replaceAll(address, ADDRESS).trimEnd(), output.trimEnd(), `${file}: ${command}`);
  }
}
