import { z } from "zod";
import { token } from "../../../services/context.ts";
import { applicationControl } from "../../../services/control/application_control.ts";
import { definePlugin, type Plugin } from "../../../services/plugin/plugin.ts";
import type { GroupSpec, ServiceSpec } from "../../../services/application_spec.ts";
import { ApplicationFileError, NoSuchFileError } from "../../../runner/app/errors.ts";
import { loadApplication, loadNamedPlugins } from "../../../runner/app/load_application.ts";
import {
  assert,
  assertEquals,
  assertMatch,
  assertNotEquals,
  assertRejects,
  assertStringIncludes,
} from "../../assert.ts";
import { complaint, echo, filesFrom, load, pluginsFrom } from "./_support.ts";

function service(group: GroupSpec, ...path: string[]): ServiceSpec {
  const [name, ...rest] = path;
  const unit = group.children.find((child) => child.name === name);
  assert(unit !== undefined, `no ${name}`);
  if (unit.kind === "service") return unit;
  return service(unit, ...rest);
}

Deno.test("loadApplication() gives every unit its defaults", async () => {
  const { spec, log, files } = await load("services:\n  web:\n    plugin: echo\n");
  assertEquals(spec.name, "app");
  assertEquals(spec.root.strategy, "one-for-one");
  const { makeService: _, fingerprint: __, ...web } = service(spec.root, "web");
  assertEquals(web, {
    kind: "service",
    name: "web",
    needs: [],
    after: [],
    restart: "permanent",
    significant: false,
    backoff: { initial: 100, factor: 2, max: 30_000, resetAfter: 60_000 },
    giveUp: null,
    startTimeout: 10_000,
    stopTimeout: 10_000,
    needsGrace: 5_000,
    holdFor: 5_000,
    healthInterval: 10_000,
    replace: "exclusive",
    options: {
      listen: { kind: "tcp", port: 7007, interface: "127.0.0.1", backlog: 4096 },
      idleTimeout: 300_000,
    },
    plugin: "echo",
  });
  assertEquals(log, { level: "info", format: "auto", services: {}, file: null });
  assertEquals(files, ["app.yaml"]);
});

Deno.test("loadApplication() takes all that can be said", async () => {
  const { spec, log } = await load(`
name: demo
log: { level: debug, format: json, file: { path: a.log, maxSize: 1MiB, maxAge: 1d }, services: { backend: warn } }
supervision: { strategy: rest-for-one }
services:
  backend:
    strategy: one-for-all
    significant: true
    services:
      store: { plugin: echo, restart: transient, backoff: { initial: 50ms, max: 1m }, giveUp: { failures: 3, within: 10s } }
      inner: { services: { leaf: { plugin: echo, significant: true, giveUp: never, holdFor: 0 } } }
  web:
    plugin: echo
    needs: [backend.inner.leaf]
    after: [backend]
    startTimeout: 1s
`);
  assertEquals(spec.name, "demo");
  assertEquals(spec.root.strategy, "rest-for-one");
  assertEquals(spec.root.children.map((child) => child.name), ["backend", "web"]);
  const backend = spec.root.children[0] as GroupSpec;
  assertEquals([backend.strategy, backend.significant], ["one-for-all", true]);
  assertEquals(backend.giveUp, { failures: 5, within: 30_000 });
  const store = service(backend, "store");
  assertEquals(store.restart, "transient");
  assertEquals(store.backoff, { initial: 50, factor: 2, max: 60_000, resetAfter: 60_000 });
  assertEquals(store.giveUp, { failures: 3, within: 10_000 });
  const leaf = service(backend, "inner", "leaf");
  assertEquals([leaf.giveUp, leaf.holdFor], [null, 0]);
  const web = service(spec.root, "web");
  assertEquals([web.needs, web.after, web.startTimeout], [["backend.inner.leaf"], ["backend"], 1000]);
  assertEquals(log, {
    level: "debug",
    format: "json",
    services: { backend: "warn" },
    file: { path: "a.log", maxSize: 1024 * 1024, keep: 5, maxAge: 86_400_000 },
  });
});

Deno.test("loadApplication() asks the plugin for its defaults; what the file says comes first", async () => {
  const job = definePlugin({
    name: "job",
    options: z.strictObject({ slow: z.boolean().default(false) }),
    unitDefaults: ({ slow }) => ({ restart: "transient", startTimeout: slow ? 60_000 : 1_000 }),
    makeService: () => ({ start() {} }),
  }) as Plugin;
  const { spec } = await load(
    `
services:
  own: { plugin: job, options: { slow: true } }
  said: { plugin: job, restart: temporary, startTimeout: 5s }
`,
    { plugins: { job } },
  );
  const [own, said] = [service(spec.root, "own"), service(spec.root, "said")];
  assertEquals([own.restart, own.startTimeout], ["transient", 60_000]);
  assertEquals([said.restart, said.startTimeout], ["temporary", 5_000]);
});

Deno.test("loadApplication() binds makeService to the options", async () => {
  const made: unknown[] = [];
  const plugin = definePlugin({
    name: "probe",
    options: z.strictObject({ n: z.number().transform((n) => n * 2) }),
    makeService: (options) => {
      made.push(options);
      return { start() {} };
    },
    replace: "overlap",
  }) as Plugin;
  const { spec } = await load("services: { a: { plugin: probe, options: { n: 21 } } }", {
    plugins: { probe: plugin },
  });
  const a = service(spec.root, "a");
  await a.makeService();
  await a.makeService();
  assertEquals(made, [{ n: 42 }, { n: 42 }]);
  assertEquals(a.replace, "overlap");
});

Deno.test("loadApplication() finds names among the siblings first, then from the outermost group", async () => {
  const { spec } = await load(`
services:
  store: { plugin: echo }
  cache: { plugin: echo }
  backend:
    services:
      store: { plugin: echo }
      api: { plugin: echo, needs: [store, cache, backend.store] }
      cache: { plugin: echo, after: [cache] }
`);
  assertEquals(service(spec.root, "backend", "api").needs, ["backend.store", "backend.cache"]);
  assertEquals(service(spec.root, "backend", "cache").after, ["cache"]);
});

Deno.test("fingerprints are equal for equal options, whatever the order of their keys, and tell nothing", async () => {
  const { spec } = await load(`
services:
  a: { plugin: echo, options: { password: correct horse, idleTimeout: 1s } }
  b: { plugin: echo, restart: temporary, options: { idleTimeout: 1s, password: correct horse } }
  c: { plugin: echo, options: { idleTimeout: 2s, password: correct horse } }
  d: { plugin: echo }
  e: { plugin: echo, options: {} }
`);
  const [a, b, c, d, e] = ["a", "b", "c", "d", "e"].map((name) => service(spec.root, name).fingerprint);
  assertEquals(a, b);
  assertNotEquals(a, c);
  assertEquals(d, e);
  assertMatch(a!, /^[0-9a-f]{32}$/);
});

Deno.test("loadApplication() reports eight mistakes at once, each at its place", async () => {
  assertEquals(
    await complaint(`name: demo
log: { level: loud }
services:
  web:
    plugin: echo
    optoins: {}
    options:
      listen: tcp:80o
      listn: tcp:8080
  site:
    plugin: files
    restart: allways
    needs: [wbe, cache]
  cache:
    plugin: ecko
    needs: [site]
    isolate: procces
`),
    `app.yaml:2:15: log.level: Must be one of "debug", "info", "warn", "error", not "loud"
  2 | log: { level: loud }
    |               ^

app.yaml:6:5: services.web.optoins: Unknown key "optoins"
  6 |     optoins: {}
    |     ^
  did you mean "options"?

app.yaml:8:15: services.web.options.listen: Cannot parse endpoint "tcp:80o": port must be 0-65535
  8 |       listen: tcp:80o
    |               ^

app.yaml:9:7: services.web.options.listn: Unknown key "listn"
  9 |       listn: tcp:8080
    |       ^
  did you mean "listen"?

app.yaml:10:3: services.site.options.root: Missing: must be text
  10 |   site:
     |   ^

app.yaml:12:14: services.site.restart: Must be one of "permanent", "transient", "temporary", not "allways"
  12 |     restart: allways
     |              ^

app.yaml:13:13: services.site.needs[0]: Cannot depend on "wbe": there is no such service or group
  13 |     needs: [wbe, cache]
     |             ^
  did you mean "web"?

app.yaml:13:18: services.site.needs[1]: Cannot start: a circle of dependencies site -> cache -> site
  13 |     needs: [wbe, cache]
     |                  ^

app.yaml:15:13: services.cache.plugin: Cannot load plugin "ecko": there is none
  15 |     plugin: ecko
     |             ^

app.yaml:17:14: services.cache.isolate: Must be one of "inline", "process", not "procces"
  17 |     isolate: procces
     |              ^
  did you mean "process"?
`,
  );
});

/** A file's text, and the only problem it has. */
const MISTAKES: Record<string, readonly [text: string, problem: string]> = {
  "a wrong type": [
    "services: { a: { plugin: 5 } }",
    "app.yaml:1:26: services.a.plugin: Must be text, not the number 5",
  ],
  "a list in place of text, once": [
    "services: { a: { plugin: [] } }",
    "app.yaml:1:26: services.a.plugin: Must be text, not a list",
  ],
  "a value that is empty": [
    "services:\n  a:\n    plugin: echo\n    needs:\n",
    "app.yaml:4:5: services.a.needs: Must be a list, not empty",
  ],
  "a service that is no mapping": [
    "services: { a: echo }",
    'app.yaml:1:16: services.a: Must be a mapping with "plugin" (a service) or "services" (a group)',
  ],
  "a key that is missing": [
    "services:\n  a:\n    needs: []\n",
    "app.yaml:2:3: services.a.plugin: Missing: must be text",
  ],
  "a key of services in a group": [
    "services: { g: { plugin: echo, services: { a: { plugin: echo } } } }",
    'app.yaml:1:18: services.g.plugin: Cannot use "plugin" in a group: what has "services" is no service itself',
  ],
  "replicas": [
    "services: { a: { plugin: echo, isolate: process, replicas: 0 } }",
    "app.yaml:1:60: services.a.replicas: Must be at least 1, not the number 0",
  ],
  "a name with a dot": [
    "services: { a.b: { plugin: echo } }",
    'app.yaml:1:13: services."a.b": Cannot name a service "a.b": use up to 64 letters, digits, "-" and "_", a letter first',
  ],
  "a name that is a number": [
    "services: { 1: { plugin: echo } }",
    'app.yaml:1:13: services.1: Cannot name a service "1": use up to 64 letters, digits, "-" and "_", a letter first',
  ],
  "no services": [
    "name: x\n",
    'app.yaml:1:1: Cannot run an application without services: declare one under "services"',
  ],
  "a name of no service in log": [
    "log: { services: { wbe: info } }\nservices: { web: { plugin: echo } }",
    'app.yaml:1:20: log.services.wbe: Cannot set the level of "wbe": there is no such service or group',
  ],
  "a service that waits for itself": [
    "services: { a: { plugin: echo, needs: [a] } }",
    'app.yaml:1:40: services.a.needs[0]: Cannot depend on "a": it cannot wait for itself',
  ],
  "a service that waits for its group": [
    "services: { g: { services: { a: { plugin: echo, after: [g] } } } }",
    'app.yaml:1:57: services.g.services.a.after[0]: Cannot depend on "g": it is part of that group, which is ready only when it is',
  ],
  "a circle through a group": [
    "services: { a: { plugin: echo, needs: [g] }, g: { services: { b: { plugin: echo, after: [a] } } } }",
    "app.yaml:1:40: services.a.needs[0]: Cannot start: a circle of dependencies a -> g -> g.b -> a",
  ],
  "a circle through what a group waits for": [
    "services: { a: { plugin: echo, needs: [g.b] }, g: { needs: [a], services: { b: { plugin: echo } } } }",
    "app.yaml:1:40: services.a.needs[0]: Cannot start: a circle of dependencies a -> g.b -> g -> a",
  ],
  "needs against rest-for-one within a group": [
    "services: { g: { strategy: rest-for-one, services: { a: { plugin: echo, needs: [b] }, b: { plugin: echo } } } }",
    'app.yaml:1:81: services.g.services.a.needs[0]: Cannot need "g.b": it is declared after "g.a", and its group restarts ' +
    "rest-for-one, in the order of declaration; declare it before",
  ],
  "an empty group": [
    "services: { g: { services: {} } }",
    'app.yaml:1:28: services.g.services: Cannot have a group without services: declare one in "g" or remove it',
  ],
  "a service that is no mapping, and needed": [
    "services: { a: , b: { plugin: echo, needs: [a] } }",
    'app.yaml:1:13: services.a: Must be a mapping with "plugin" (a service) or "services" (a group)',
  ],
  "needs against rest-for-one": [
    "supervision: { strategy: rest-for-one }\nservices: { a: { plugin: echo, needs: [b] }, b: { plugin: echo } }",
    'app.yaml:2:40: services.a.needs[0]: Cannot need "b": it is declared after "a", and its group restarts rest-for-one, ' +
    "in the order of declaration; declare it before",
  ],
  "needs against rest-for-one, through groups": [
    "supervision: { strategy: rest-for-one }\n" +
    "services: { g: { services: { a: { plugin: echo, needs: [h.b] } } }, h: { services: { b: { plugin: echo } } } }",
    'app.yaml:2:57: services.g.services.a.needs[0]: Cannot need "h.b": it is declared after "g.a", and its group restarts ' +
    "rest-for-one, in the order of declaration; declare it before",
  ],
  "a union none of whose forms fits": [
    "services: { a: { plugin: echo, giveUp: 3 } }",
    'app.yaml:1:40: services.a.giveUp: Must be "never" or a mapping, not the number 3',
  ],
  "a union whose one form nearly fits": [
    "services: { a: { plugin: echo, giveUp: { failures: 3, within: 10x } } }",
    'app.yaml:1:63: services.a.giveUp.within: Cannot parse duration "10x": unknown unit "x" (did you mean "d"?), known are d, h, m, s, ms',
  ],
};

for (const [what, [text, problem]] of Object.entries(MISTAKES)) {
  Deno.test(`loadApplication() reports ${what}`, async () => {
    const heads = (await complaint(text)).split("\n").filter((line) => line.startsWith("app.yaml"));
    assertEquals(heads, [problem]);
  });
}

Deno.test("loadApplication() suggests the path of a unit in another group", async () => {
  const text =
    "services: { g: { services: { store: { plugin: echo } } }, web: { plugin: echo, needs: [store] } }";
  assertStringIncludes(await complaint(text), 'did you mean "g.store"?');
});

Deno.test("loadApplication() accepts needs that go backwards under rest-for-one, and after that goes forwards", async () => {
  await load(`
supervision: { strategy: rest-for-one }
services: { a: { plugin: echo, after: [c] }, b: { plugin: echo, needs: [a] }, c: { plugin: echo } }
`);
});

Deno.test("loadApplication() says when the file does not exist", async () => {
  const options = { env: new Map<string, string>(), readFile: filesFrom({}) };
  const error = await assertRejects(() => loadApplication("gone.yaml", options), NoSuchFileError);
  assertEquals(error.message, 'Cannot read "gone.yaml": no such file');
});

Deno.test("loadNamedPlugins() gives what loads of a file that cannot be used", async () => {
  const plugins = await loadNamedPlugins("app.yaml", {
    env: new Map(),
    readFile: filesFrom({
      "app.yaml": "servces: 1\nservices: { a: { plugin: echo, x: 1 }, b: { plugin: ecko }, c: 5 }",
    }),
    loadPlugin: pluginsFrom({ echo })!,
  });
  assertEquals(plugins.map(({ specifier }) => specifier), ["echo"]);
});

Deno.test("loadApplication() reads from the disk, and says why it cannot", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const env = new Map<string, string>();
    await Deno.writeTextFile(`${folder}/app.yaml`, "services: { a: { plugin: echo } }");
    const { files } = await loadApplication(`${folder}/app.yaml`, {
      env,
      loadPlugin: pluginsFrom({ echo })!,
    });
    assertEquals(files, [`${folder}/app.yaml`]);
    const error = await assertRejects(() => loadApplication(folder, { env }), ApplicationFileError);
    assertStringIncludes(error.message, "it is a directory");
    await assertRejects(() => loadApplication(`${folder}/gone.yaml`, { env }), NoSuchFileError);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("loadApplication() loads each plugin once", async () => {
  const specifiers: string[] = [];
  const loadPlugin = pluginsFrom({ echo })!;
  const { plugins } = await loadApplication("app.yaml", {
    env: new Map(),
    readFile: filesFrom({ "app.yaml": "services: { a: { plugin: echo }, b: { plugin: echo } }" }),
    loadPlugin: (specifier, options) => {
      specifiers.push(`${specifier} from ${options.from}`);
      return loadPlugin(specifier, options);
    },
  });
  assertEquals(specifiers.length, 1);
  assertMatch(specifiers[0]!, /^echo from file:\/\/\/.*\/app\.yaml$/);
  assertEquals(plugins.map(({ specifier }) => specifier), ["echo"]);
});

Deno.test("loadApplication() reports what a plugin's check finds", async () => {
  const plugin: Plugin = {
    ...echo,
    check: () => [{ path: ["listen"], message: "Cannot listen there" }, { message: "Not like this" }],
  };
  const text = "services: { a: { plugin: echo, options: { listen: tcp:1 } } }";
  const found = await complaint(text, { plugins: { echo: plugin } });
  assertStringIncludes(found, "app.yaml:1:51: services.a.options.listen: Cannot listen there\n");
  assertStringIncludes(found, "app.yaml:1:41: services.a.options: Not like this\n");
});

Deno.test("loadApplication() survives a plugin whose check or schema throws", async () => {
  const boom = (): never => {
    throw new RangeError("boom\nboom");
  };
  const text = "services: { a: { plugin: echo } }";
  assertStringIncludes(
    await complaint(text, { plugins: { echo: { ...echo, check: boom } } }),
    "Cannot check the options: the plugin throws RangeError: boom boom\n",
  );
  const options = { "~standard": { version: 1, vendor: "mine", validate: boom } } as const;
  assertStringIncludes(
    await complaint(text, { plugins: { echo: { ...echo, options } as Plugin } }),
    "Cannot validate: the schema throws RangeError: boom boom\n",
  );
  const mute = { "~standard": { version: 1, vendor: "mine", validate: () => undefined } };
  assertStringIncludes(
    await complaint(text, { plugins: { echo: { ...echo, options: mute } as unknown as Plugin } }),
    "Cannot validate: the schema returns neither a value nor issues\n",
  );
});

Deno.test("loadApplication() finds keys that a schema would drop, through its JSON Schema", async () => {
  const options = z.object({
    root: z.string().optional(),
    deep: z.array(z.object({ name: z.string() })).optional(),
  });
  const loose: Plugin = { ...echo, options } as Plugin;
  const text = "services: { a: { plugin: echo, options: { rot: x, deep: [{ name: a, nam: b }] } } }";
  const found = await complaint(text, { plugins: { echo: loose } });
  assertStringIncludes(found, 'app.yaml:1:43: services.a.options.rot: Unknown key "rot"\n');
  assertStringIncludes(found, 'did you mean "root"?');
  assertStringIncludes(found, 'services.a.options.deep[0].nam: Unknown key "nam"\n');
});

Deno.test("loadApplication() takes keys that a schema leaves open", async () => {
  const options = z.looseObject({
    root: z.string().optional(),
    more: z.record(z.string(), z.number()).optional(),
  });
  const open: Plugin = { ...echo, options } as Plugin;
  await load("services: { a: { plugin: echo, options: { x: 1, more: { y: 1 } } } }", {
    plugins: { echo: open },
  });
});

Deno.test("loadApplication() works with schemas of any kind", async () => {
  const options = {
    "~standard": {
      version: 1,
      vendor: "mine",
      validate: (value: unknown) =>
        Promise.resolve({ issues: [{ message: `not ${JSON.stringify(value)}`, path: [{ key: "x" }, 1] }] }),
    },
  } as const;
  const text = "services: { a: { plugin: echo, options: { x: [0, 7] } } }";
  const found = await complaint(text, { plugins: { echo: { ...echo, options } as Plugin } });
  assertStringIncludes(found, 'app.yaml:1:50: services.a.options.x[1]: not {"x":[0,7]}\n');
});

Deno.test("loadApplication() sees to it that tokens are provided", async () => {
  const registry = token<string>("heddle.registry");
  const provider: Plugin = { ...echo, name: "registry", provides: [registry] };
  const user: Plugin = { ...echo, name: "user", needs: [registry] };
  const setting = { plugins: { provider, user } };
  await load("services: { r: { plugin: provider }, u: { plugin: user, needs: [r] } }", setting);
  await load(
    "services: { g: { services: { r: { plugin: provider } } }, u: { plugin: user, needs: [g] } }",
    setting,
  );
  await load(
    "services: { r: { plugin: provider }, g: { needs: [r], services: { u: { plugin: user } } } }",
    setting,
  );
  assertEquals(
    await complaint("services: { r: { plugin: provider }, u: { plugin: user } }", setting),
    `app.yaml:1:38: services.u.needs: Missing: "user" needs a service that provides "heddle.registry"
  1 | services: { r: { plugin: provider }, u: { plugin: user } }
    |                                      ^
  write "needs: [r]"
`,
  );
});

const steering: Plugin = definePlugin({
  name: "steering",
  options: z.strictObject({}),
  needs: [applicationControl],
  makeService: () => ({ start() {} }),
}) as Plugin;

Deno.test("a plugin that needs control must be granted it", async () => {
  const plugins = { steering };
  assertEquals(
    await complaint("services:\n  panel: { plugin: steering }", { plugins }),
    `app.yaml:2:3: services.panel.grants: Missing: "steering" needs the grant "control"
  2 |   panel: { plugin: steering }
    |   ^
  write "grants: [control]" if it may have it
`,
  );
  const { spec } = await load("services: { panel: { plugin: steering, grants: [control] } }", { plugins });
  assertEquals(service(spec.root, "panel").grants, ["control"]);
});
