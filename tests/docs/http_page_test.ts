import { assertEquals } from "../assert.ts";
import { HeddleProcess } from "../support/heddle_process.ts";
import { isMissing } from "../support/programs.ts";

/** The page is run: each application file is served, and the commands that follow it say what they say there. */

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

Deno.test({ name: "docs/http.md: what its commands print is true", ignore: isMissing("curl") }, async () => {
  const blocks = blocksOf(await Deno.readTextFile(new URL("docs/http.md", root)));
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
      const dialogue = blocks.slice(at).find(({ language }) => language === "console")!;
      await using app = new HeddleProcess(["serve", name!], { cwd: folder });
      const started = await app.record(({ service, message }) => service === "web" && message === "Started");
      const address = (started.endpoints as string[])[0]!.slice("tcp:".length);
      for (const [command, output] of dialogueOf(dialogue.text)) {
        const printed = await shell(command.replaceAll(ADDRESS, address), folder);
        // A reply need not end in a line feed.
        assertEquals(printed.replaceAll(address, ADDRESS).trimEnd(), output.trimEnd(), `${name}: ${command}`);
      }
      served++;
    }
    assertEquals(served, 5);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
