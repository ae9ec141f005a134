import { assert, assertStringIncludes } from "../../assert.ts";

const root = new URL("../../../", import.meta.url);

/** Load an application in a process of its own, in which the YAML library that knows places cannot be loaded. */
async function loadWithoutPlaces(yaml: string): Promise<{ success: boolean; output: string }> {
  const folder = await Deno.makeTempDir();
  try {
    const { imports } = JSON.parse(await Deno.readTextFile(new URL("deno.json", root)));
    const config = { imports: { ...imports, yaml: "./trap.ts" } };
    await Deno.writeTextFile(`${folder}/deno.json`, JSON.stringify(config));
    await Deno.writeTextFile(`${folder}/trap.ts`, 'throw new Error("the trap was loaded");');
    await Deno.writeTextFile(`${folder}/plugin.ts`, PLUGIN);
    await Deno.writeTextFile(`${folder}/app.yaml`, yaml);
    const module = new URL("runner/app/load_application.ts", root).href;
    await Deno.writeTextFile(
      `${folder}/main.ts`,
      `import { loadApplication } from ${JSON.stringify(module)};
       await loadApplication("app.yaml", { env: Deno.env });
       console.log("loaded");`,
    );
    const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-lock", "--quiet", "main.ts"],
      cwd: folder,
    }).output();
    return { success, output: new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr) };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const PLUGIN = `
  const options = { "~standard": { version: 1, vendor: "none", validate: (value) => ({ value }) } };
  export default { name: "good", options, makeService: () => ({ start() {} }) };
`;

Deno.test("a good file does not load the library that looks up places", async () => {
  const { success, output } = await loadWithoutPlaces("services: { a: { plugin: ./plugin.ts } }");
  assert(success, output);
  assertStringIncludes(output, "loaded");
});

Deno.test("a bad file does, which shows that the test above can fail", async () => {
  const { success, output } = await loadWithoutPlaces("services: { a: { plugin: ./plugin.ts, x: 1 } }");
  assert(!success);
  assertStringIncludes(output, "the trap was loaded");
});

interface ModuleInfo {
  readonly specifier: string;
  readonly dependencies?: readonly {
    readonly isDynamic?: boolean;
    readonly code?: { readonly specifier?: string };
  }[];
}

Deno.test("heddle serve imports neither HTTP nor telemetry, watching or systemd before it knows that it needs them", async () => {
  const entry = new URL("runner/cli/serve.ts", root).href;
  const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["info", "--json", entry] }).output();
  const { modules } = JSON.parse(new TextDecoder().decode(stdout)) as { modules: readonly ModuleInfo[] };
  const byName = new Map(modules.map((module) => [module.specifier, module]));
  const reached = new Set([entry]);
  for (const name of reached) {
    for (const { isDynamic, code } of byName.get(name)?.dependencies ?? []) {
      if (isDynamic !== true && code?.specifier !== undefined) reached.add(code.specifier);
    }
  }
  const own = [...reached].map((name) => name.replace(root.href, ""));
  assert(
    own.includes("runner/runner.ts") && own.includes("runner/control/claim.ts"),
    "the graph is followed",
  );
  const late =
    /^services\/http\/|^runner\/(watch|systemd)\/|^runner\/control\/(handler|control_server)|^runner\/telemetry\/(?!resource)|^npm:.*opentelemetry|^node:process/;
  const early = own.filter((name) => late.test(name));
  assert(early.length === 0, early.join(", "));
});
