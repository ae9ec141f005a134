import { assert, assertEquals, assertMatch, assertStringIncludes } from "../../assert.ts";
import { heddle } from "./recording_io.ts";

/** A folder of its own within the project, so that what is written there finds the project's imports. */
async function withFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ dir: import.meta.dirname!, prefix: "tmp_" });
  try {
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("heddle new plugin writes a plugin and a test that passes", async () => {
  await withFolder(async (cwd) => {
    const { status, stdout, stderr } = await heddle(["new", "plugin", "word-count"], { cwd });
    assertEquals([status, stderr], [0, ""]);
    assertStringIncludes(stdout, "Wrote word-count/mod.ts and word-count/mod_test.ts");
    assertStringIncludes(stdout, "plugin: ./word-count/mod.ts");
    const command = new Deno.Command(Deno.execPath(), {
      args: ["test", "--allow-all", "word-count"],
      cwd,
      env: { NO_COLOR: "1" },
    });
    const { success, stdout: report, stderr: complaint } = await command.output();
    const said = new TextDecoder().decode(report) + new TextDecoder().decode(complaint);
    assert(success, said);
    assertMatch(said, /[1-9]\d* passed \| 0 failed/);
  });
});

Deno.test("heddle new plugin writes what deno fmt and deno lint have nothing to say of", async () => {
  await withFolder(async (cwd) => {
    await heddle(["new", "plugin", "word-count"], { cwd });
    for (const args of [["fmt", "--check", "word-count"], ["lint", "word-count"]]) {
      const { success, stderr } = await new Deno.Command(Deno.execPath(), { args, cwd }).output();
      assert(success, new TextDecoder().decode(stderr));
    }
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
