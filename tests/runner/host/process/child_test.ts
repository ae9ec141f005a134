import { overgranted } from "../../../../runner/host/process/child/guard.ts";
import { Outlet } from "../../../../runner/host/process/child/outlet.ts";
import { ChildLink } from "../../../../runner/host/process/child_link.ts";
import { childCommand } from "../../../../runner/host/process/command.ts";
import type { ProcessGrant } from "../../../../services/process_spec.ts";
import { NO_GRANT } from "../../../../runner/host/process/grant.ts";
import { assert, assertEquals, assertStringIncludes } from "../../../assert.ts";

const ROOT = new URL("../../../../", import.meta.url);
/** Says on standard error that it was loaded. */
const MODULE = `data:text/javascript,console.error("the plugin was loaded");export default 1`;

function command(module = MODULE, grant: ProcessGrant = NO_GRANT) {
  return childCommand({ module, grant, memory: null, umask: null, env: {} }, {
    program: Deno.execPath(),
    config: new URL("deno.json", ROOT).pathname,
    variable: (name) => Deno.env.get(name),
  });
}

async function outputOf(args: readonly string[]) {
  const child = new Deno.Command(Deno.execPath(), {
    args: [...args],
    // Open to the end: where it closes, a process takes its runner for dead.
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const { code, stdout, stderr } = await child.output();
  await child.stdin.close().catch(() => {});
  return { code, stdout: new TextDecoder().decode(stdout), stderr: new TextDecoder().decode(stderr) };
}

Deno.test("a process that finds itself with more than its grant ends before the plugin is loaded", async () => {
  const { args } = command();
  const entry = args.at(-1)!;
  for (const more of [["--allow-all"], ["--no-prompt", "--allow-read"], ["--no-prompt", "--allow-env"]]) {
    const { code, stdout, stderr } = await outputOf([
      "run",
      args.find((arg) => arg.startsWith("--config"))!,
      ...more,
      entry,
    ]);
    assertEquals(code, 77, `${more}: ${stderr}`);
    assertStringIncludes(stdout, '"overgranted"');
    assert(!stderr.includes("was loaded"), stderr);
  }
});

Deno.test("the command of a plugin that declares nothing grants an address of nobody's, to be given up", () => {
  const allowed = command().args.filter((arg) => arg.startsWith("--allow") || arg === "-A");
  assertEquals(allowed, ["--allow-net=127.255.255.254"]);
  assert(command().args.includes("--no-prompt"));
});

Deno.test("overgranted() sees a kind that is granted as a whole, and what is in no list", () => {
  const all = () => "granted" as const;
  assertEquals(overgranted(NO_GRANT, all), ["net", "read", "write", "env", "run", "sys", "ffi", "import"]);
  assertEquals(overgranted(NO_GRANT, () => "prompt"), []);
  const grant = { ...NO_GRANT, read: ["/srv"], env: true };
  const probed = (descriptor: Deno.PermissionDescriptor) =>
    "path" in descriptor && descriptor.name === "read" ? "granted" as const : "denied" as const;
  assertEquals(overgranted(grant, probed), ["read"]);
});

Deno.test("an outlet whose runner does not read any more says so", async () => {
  const broken = Promise.withResolvers<void>();
  const outlet = new Outlet({ write: () => Promise.reject(new Deno.errors.BrokenPipe()) }, broken.resolve);
  outlet.send({ kind: "hello", version: 1 });
  await broken.promise;
});

Deno.test("an outlet drops log records of a runner that is too busy, and tells how many; nothing else", async () => {
  const written: string[] = [];
  const busy = Promise.withResolvers<void>();
  const outlet = new Outlet({
    write: async (data) => {
      await busy.promise;
      written.push(new TextDecoder().decode(data));
      return data.length;
    },
  }, () => {});
  const message = "x".repeat(100_000);
  for (let i = 0; i < 20; i++) outlet.send({ kind: "log", level: "info", message });
  outlet.send({ kind: "stopped", leftovers: [] });
  busy.resolve();
  await outlet.flush();
  const all = written.join("");
  assertStringIncludes(all, '"stopped"');
  assertStringIncludes(all, "log records were lost");
});

Deno.test({
  name: "a process that is started as another user has that user's rights, and no further groups",
  ignore: Deno.uid() !== 0,
  async fn() {
    const lines: string[] = [];
    const link = new ChildLink({ program: "/bin/sh", args: ["-c", "id -u; id -g; id -G"], env: {} }, {
      cwd: "/",
      uid: 65534,
      gid: 65534,
    }, {
      message: () => {},
      print: (_, line) => lines.push(line),
      violation: (reason) => lines.push(reason),
    });
    await link.exit;
    assertEquals(lines, ["65534", "65534", "65534"]);
  },
});

Deno.test("what Heddle exports may be imported by what a plugin is allowed to load", () => {
  const entry = command(MODULE, { ...NO_GRANT, read: ["/srv"] }).args.at(-1)!;
  const source = atob(entry.slice(entry.indexOf(",") + 1));
  const { exports } = JSON.parse(Deno.readTextFileSync(new URL("deno.json", ROOT)));
  for (const [name, path] of Object.entries<string>(exports)) {
    if (name === "./cli" || name === "./testing") continue;
    assertStringIncludes(source, `import("${new URL(path, ROOT)}")`);
  }
});
