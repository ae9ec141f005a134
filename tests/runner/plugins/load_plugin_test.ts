import { pathToFileURL } from "node:url";
import { loadPlugin, type LoadPluginOptions } from "../../../runner/plugins/load_plugin.ts";
import { builtinPlugins } from "../../../runner/plugins/builtin.ts";
import { resolveSpecifier } from "../../../runner/plugins/specifier.ts";
import { PluginError } from "../../../runner/plugins/plugin_error.ts";
import { assert, assertEquals, assertMatch, assertRejects, assertStrictEquals } from "../../assert.ts";

/** A module that default-exports a plugin without importing anything. */
const GOOD = `
  const options = { "~standard": { version: 1, vendor: "none", validate: (value) => ({ value }) } };
  export default { name: "good", options, makeService: () => ({ start() {} }) };
`;

const GOOD_MODULE = { default: { name: "good", options: standard(), makeService: () => ({ start() {} }) } };

function standard(): unknown {
  return { "~standard": { version: 1, vendor: "none", validate: (value: unknown) => ({ value }) } };
}

const BUILTINS = {
  echo: () => Promise.resolve(GOOD_MODULE),
  discovery: () => Promise.resolve(GOOD_MODULE),
};

/** A folder of modules beside an application file. */
async function folder(
  files: Record<string, string>,
): Promise<AsyncDisposable & { path: string; from: string }> {
  const path = await Deno.makeTempDir();
  for (const [name, text] of Object.entries(files)) await Deno.writeTextFile(`${path}/${name}`, text);
  return {
    path,
    from: pathToFileURL(`${path}/app.yaml`).href,
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }),
  };
}

async function failure(specifier: string, options: LoadPluginOptions): Promise<PluginError> {
  return await assertRejects(() => loadPlugin(specifier, { builtins: BUILTINS, ...options }), PluginError);
}

Deno.test("loadPlugin() loads a module beside the application file, once", async () => {
  await using files = await folder({ "good one#1.ts": GOOD });
  const first = await loadPlugin("./good one#1.ts", files);
  const second = await loadPlugin(`${files.path}/good one#1.ts`, files);
  assertEquals(first.plugin.name, "good");
  assertStrictEquals(first.plugin, second.plugin);
});

Deno.test("loadPlugin() loads a built-in plugin by its name", async () => {
  const { plugin, reference } = await loadPlugin("echo", { from: import.meta.url, builtins: BUILTINS });
  assertEquals(plugin.name, "good");
  assertEquals(reference, { kind: "builtin", name: "echo" });
});

Deno.test("loadPlugin() lists the built-in plugins and suggests one for an unknown name", async () => {
  const error = await failure("discvery", { from: import.meta.url });
  assertEquals(
    error.message,
    'Cannot load plugin "discvery": there is no built-in plugin of that name; there are "echo", "discovery", ' +
      'and paths ("./chat.ts"), npm:, jsr: and https:',
  );
  assertEquals(error.suggestion, 'did you mean "discovery"?');
});

Deno.test("loadPlugin() knows nothing by the names that every object has", async () => {
  const error = await failure("toString", { from: import.meta.url });
  assertMatch(error.message, /no built-in plugin/);
});

Deno.test("loadPlugin() tells how a path is written", async () => {
  const error = await failure("chat.ts", { from: import.meta.url });
  assertEquals(error.message, 'Cannot load plugin "chat.ts": a path starts with "./": write "./chat.ts"');
});

Deno.test("loadPlugin() refuses schemes that it does not support", async () => {
  for (const specifier of ["data:text/javascript,1", "http://example.org/x.ts", "foo:bar"]) {
    const error = await failure(specifier, { from: import.meta.url });
    assertMatch(error.message, /is not supported; use npm:, jsr:, https: or a path$/);
  }
});

const FAILURES: Record<string, { files: Record<string, string>; message: RegExp }> = {
  "a file that does not exist": {
    files: {},
    message: /^Cannot load plugin "\.\/plugin\.ts": no such file: \/.*\/plugin\.ts$/,
  },
  "a syntax error": {
    files: { "plugin.ts": "export const a = 1;\nexport default { name: \n  const b;" },
    message: /: syntax error at \/.*\/plugin\.ts:3:3: \S/,
  },
  "a syntax error in what it imports": {
    files: { "plugin.ts": 'import "./other.ts";', "other.ts": "\nlet = = 1;" },
    message: /: syntax error at \/.*\/other\.ts:2:\d+: \S/,
  },
  "an import that is missing": {
    files: { "plugin.ts": '\nimport "./gone.ts";' },
    message: /: what \/.*\/plugin\.ts:2:8 imports is missing: \/.*\/gone\.ts$/,
  },
  "an import that is in no import map": {
    files: { "plugin.ts": 'import "no-such-thing";' },
    message:
      /: what \/.*\/plugin\.ts:1:8 imports is in no import map: "no-such-thing"; write "npm:no-such-thing"/,
  },
  "an import that cannot be fetched": {
    files: { "plugin.ts": 'import "http://127.0.0.1:1/x.ts";' },
    message:
      /: imported at \/.*\/plugin\.ts:1:8: http:\/\/127\.0\.0\.1:1\/x\.ts cannot be fetched; is this machine/,
  },
  "an import of a name that is not exported": {
    files: {
      "plugin.ts": 'import { x } from "./other.ts"; export default x;',
      "other.ts": "export const y = 1;",
    },
    message: /does not provide an export named 'x' at \/.*\/plugin\.ts:1:10$/,
  },
  "a throw while loading": {
    files: { "plugin.ts": 'const x = 1;\nthrow new RangeError("out of yarn");' },
    message: /: it throws while loading at \/.*\/plugin\.ts:2:7: RangeError: out of yarn$/,
  },
  "a throw of what is no error": {
    files: { "plugin.ts": 'throw "yarn";' },
    message: /: it throws while loading: yarn$/,
  },
  "no default export": {
    files: { "plugin.ts": "export const plugin = {};" },
    message:
      /: it has no default export; write "export default definePlugin\(\{ name, options, makeService \}\)"$/,
  },
  "a default export that is a function": {
    files: { "plugin.ts": "export default () => {};" },
    message: /: its default export is a function, not a plugin; write /,
  },
  "no options schema": {
    files: { "plugin.ts": 'export default { name: "x", makeService() {} };' },
    message: /: its default export is not a plugin: "options" is missing: without options, write /,
  },
  "options that are no schema": {
    files: { "plugin.ts": 'export default { name: "x", options: { listen: "tcp:1" }, makeService() {} };' },
    message: /: "options" must be a Standard Schema \(zod, valibot, arktype\)$/,
  },
  "several parts missing": {
    files: { "plugin.ts": 'export default { name: "Not A Name", check: 1 };' },
    message:
      /: "name" must be lower-case words joined by dashes; "options" is missing: .*; "makeService" is missing; "check" must be a function$/,
  },
};

for (const [what, { files, message }] of Object.entries(FAILURES)) {
  Deno.test(`loadPlugin() names the cause: ${what}`, async () => {
    await using beside = await folder(files);
    const error = await failure("./plugin.ts", beside);
    assertMatch(error.message, message);
    assert(!error.message.includes("\x1b"), "no colours in messages");
    assert(!error.message.includes("\n"), "one line");
    assertEquals(error.specifier, "./plugin.ts");
  });
}

Deno.test("loadPlugin() names a folder", async () => {
  await using beside = await folder({});
  await Deno.mkdir(`${beside.path}/plugin`);
  const error = await failure("./plugin", beside);
  assertMatch(error.message, /it is a directory: \/.*\/plugin; name the module in it$/);
});

Deno.test("loadPlugin() loads from npm", async () => {
  const error = await failure("npm:zod@^4.6.7", { from: import.meta.url });
  assertMatch(
    error.message,
    /^Cannot load plugin "npm:zod@\^4\.6\.7": its default export is not a plugin: "name" is/,
  );
});

Deno.test("resolveSpecifier() knows modules by how they begin", () => {
  const from = "file:///srv/app/app.yaml";
  const urls: Record<string, string> = {
    "./chat.ts": "file:///srv/app/chat.ts",
    "../chat.ts": "file:///srv/chat.ts",
    "/opt/a b#c?.ts": "file:///opt/a%20b%23c%3F.ts",
    "npm:@acme/chat@1": "npm:@acme/chat@1",
    "jsr:@acme/chat": "jsr:@acme/chat",
    "https://example.org/chat.ts": "https://example.org/chat.ts",
    "http://127.0.0.1:8000/chat.ts": "http://127.0.0.1:8000/chat.ts",
    "file:///opt/chat.ts": "file:///opt/chat.ts",
  };
  for (const [specifier, url] of Object.entries(urls)) {
    assertEquals(resolveSpecifier(specifier, from, ["echo"]), { kind: "module", url });
  }
});

Deno.test("every built-in plugin loads under its own name", async () => {
  for (const name of Object.keys(builtinPlugins)) {
    const { plugin } = await loadPlugin(name, { from: import.meta.url });
    assertEquals(plugin.name, name);
  }
});

Deno.test("loadPlugin() gives up on a module that does not finish loading", async () => {
  // The module is let go afterwards: Deno ends a process whose modules wait for what can never come.
  const key = `letGo${crypto.randomUUID()}`;
  const text = `await new Promise((letGo) => globalThis["${key}"] = letGo); export default 1;`;
  await using beside = await folder({ "plugin.ts": text });
  const error = await failure("./plugin.ts", { ...beside, timeout: 50 });
  (globalThis as unknown as Record<string, () => void>)[key]!();
  assertMatch(error.message, /it does not finish loading within 0\.05 s$/);
});
