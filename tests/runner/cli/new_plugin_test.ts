import { assert, assertEquals, assertMatch, assertStringIncludes } from "../../assert.ts";
import { heddle } from "./recording_io.ts";

/** Where "@heddle/heddle" and "zod" are found, as a project would say in a file of its own. */
const CONFIG = new URL("../../../deno.json", import.meta.url).pathname;

async function withFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Run a tool of Deno's; what it said, when it was content. */
async function deno(cwd: string, ...args: string[]): Promise<string> {
  const command = new Deno.Command(Deno.execPath(), { args, cwd, env: { NO_COLOR: "1" } });
  const { success, stdout, stderr } = await command.output();
  const said = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  assert(success, said);
  return said;
}

Deno.test("heddle new plugin writes a plugin and a test, which type-check and pass", async () => {
  await withFolder(async (cwd) => {
    const { status, stdout, stderr } = await heddle(["new", "plugin", "word-count"], { cwd });
    assertEquals([status, stderr], [0, ""]);
    assertStringIncludes(stdout, "Wrote word-count/mod.ts and word-count/mod_test.ts");
    assertStringIncludes(stdout, "plugin: ./word-count/mod.ts");
    const said = await deno(cwd, "test", "--config", CONFIG, "--allow-all", "word-count");
    assertMatch(said, /1 passed \| 0 failed/);
  });
});

Deno.test("heddle new plugin writes what deno fmt and deno lint have nothing to say of", async () => {
  await withFolder(async (cwd) => {
    await heddle(["new", "plugin", "word-count"], { cwd });
    await deno(cwd, "fmt", "--config", CONFIG, "--check", "word-count");
    await deno(cwd, "lint", "--config", CONFIG, "word-count");
  });
});

Deno.test("heddle new plugin writes what an application file can name", async () => {
  await withFolder(async (cwd) => {
    await heddle(["new", "plugin", "word-count"], { cwd });
    const file = `${cwd}/app.yaml`;
    await Deno.writeTextFile(file, "services: { words: { plugin: ./word-count/mod.ts } }");
    assertEquals(await heddle(["check", file]), {
      status: 0,
      stdout: `${file}: OK (1 service)\n`,
      stderr: "",
    });
  });
});

Deno.test("heddle new plugin names no class like what it imports", async () => {
  await withFolder(async (cwd) => {
    for (const name of ["plugin", "protocol"]) await heddle(["new", "plugin", name], { cwd });
    assertStringIncludes(
      Deno.readTextFileSync(`${cwd}/plugin/mod.ts`),
      "class PluginProtocol extends Protocol",
    );
    assertStringIncludes(
      Deno.readTextFileSync(`${cwd}/protocol/mod.ts`),
      "class ProtocolProtocol extends Protocol",
    );
  });
});

Deno.test("heddle new plugin overwrites nothing", async () => {
  await withFolder(async (cwd) => {
    await Deno.mkdir(`${cwd}/deep/chat`, { recursive: true });
    await Deno.writeTextFile(`${cwd}/deep/chat/mod_test.ts`, "mine");
    const { status, stderr } = await heddle(["new", "plugin", "chat", "--dir", "deep"], { cwd });
    assertEquals(status, 73);
    assertEquals(
      stderr,
      `Cannot write the plugin to "deep/chat": mod_test.ts exists already; choose another name or --dir\n`,
    );
    assertEquals(await Deno.readTextFile(`${cwd}/deep/chat/mod_test.ts`), "mine");
    assertEquals([...Deno.readDirSync(`${cwd}/deep/chat`)].map(({ name }) => name), ["mod_test.ts"]);
  });
});

Deno.test("heddle new plugin says why it cannot write", async () => {
  await withFolder(async (cwd) => {
    await Deno.writeTextFile(`${cwd}/file`, "");
    const { status, stderr } = await heddle(["new", "plugin", "chat", "--dir=file"], { cwd });
    assertEquals([status, stderr], [73, `Cannot write the plugin to "file/chat": Not a directory\n`]);
  });
});

Deno.test("heddle new plugin takes only names that a plugin can have, with status 64", async () => {
  await withFolder(async (cwd) => {
    for (
      const name of [
        "Chat",
        "chat_room",
        "../chat",
        "chat/room",
        "-chat",
        "chat-",
        "2chat",
        "x".repeat(65),
        "",
      ]
    ) {
      const { status, stderr } = await heddle(["new", "plugin", "--", name], { cwd });
      assertEquals(status, 64, name);
      assertStringIncludes(stderr, "Cannot name a plugin");
    }
    assertEquals([...Deno.readDirSync(cwd)], []);
  });
});
