import { parseTemplate, TemplateError } from "../../../runner/app/template.ts";
import type { GroupSpec, ServiceSpec } from "../../../services/application_spec.ts";
import {
  assert,
  assertEquals,
  assertFalse,
  assertMatch,
  assertStringIncludes,
  assertThrows,
} from "../../assert.ts";
import { complaint, load, type Setting } from "./_support.ts";

/** The options of the one service of a file. */
async function optionsOf(options: string, setting: Setting): Promise<Record<string, unknown>> {
  const { spec } = await load(`services: { a: { plugin: echo, options: ${options} } }`, setting);
  return (spec.root.children[0] as ServiceSpec).options as Record<string, unknown>;
}

Deno.test("parseTemplate() takes a scalar apart", () => {
  assertEquals(parseTemplate("tcp:${HOST:-0.0.0.0}:${PORT}"), [
    { kind: "text", text: "tcp:" },
    { kind: "variable", name: "HOST", fallback: "0.0.0.0" },
    { kind: "text", text: ":" },
    { kind: "variable", name: "PORT" },
  ]);
  assertEquals(parseTemplate("${file:/run/secrets/x}"), [{ kind: "file", path: "/run/secrets/x" }]);
  assertEquals(parseTemplate("${A:-}"), [{ kind: "variable", name: "A", fallback: "" }]);
});

Deno.test("parseTemplate() leaves other dollars alone, and escaped ones", () => {
  for (const text of ["", "$", "$5", "a$b", "{}", "$ {A}", "}"]) {
    assertEquals(parseTemplate(text), [{ kind: "text", text }]);
  }
  assertEquals(parseTemplate("$${A} and $${"), [{ kind: "text", text: "${A} and ${" }]);
  assertEquals(parseTemplate("$${A}${B}"), [{ kind: "text", text: "${A}" }, { kind: "variable", name: "B" }]);
  assertEquals(parseTemplate("${A}$${B}"), [{ kind: "variable", name: "A" }, { kind: "text", text: "${B}" }]);
});

Deno.test("parseTemplate() tells how to write what it cannot understand", () => {
  for (const scalar of ["${", "${A", "${}", "${1A}", "${A-b}", "${A:?}", "${file:}", "${A B}", "${a.b}"]) {
    const error = assertThrows(() => parseTemplate(scalar), TemplateError);
    assertMatch(
      error.message,
      /^Cannot interpolate "\$\{.*write \$\{NAME\}, \$\{NAME:-default\} or \$\{file:path\}/,
    );
  }
});

Deno.test("variables and their defaults stand in any scalar", async () => {
  const options = await optionsOf(
    '{ listen: "tcp:${PORT}", idleTimeout: "${IDLE:-3s}", password: "${EMPTY:-correct horse}" }',
    {
      env: { PORT: "8080", EMPTY: "" },
    },
  );
  assertEquals((options.listen as { port: number }).port, 8080);
  assertEquals([options.idleTimeout, options.password], [3000, "correct horse"]);
});

Deno.test("a variable serves where a number or a boolean is wanted, and where text is", async () => {
  const setting = { env: { N: "123456789012", YES: "true", MAX: "5" } };
  assertEquals((await optionsOf("{ maxConnections: '${MAX}' }", setting)).maxConnections, 5);
  assertEquals((await optionsOf("{ verbose: '${YES}' }", setting)).verbose, true);
  assertEquals((await optionsOf("{ password: '${N}' }", setting)).password, "123456789012");
  const { spec } = await load("services: { a: { plugin: echo, significant: '${YES}' } }", setting);
  assertEquals(spec.root.children[0]!.significant, true);
  assertMatch(
    await complaint("services: { a: { plugin: echo, options: { maxConnections: '${N:-many}' } } }"),
    /services\.a\.options\.maxConnections: Must be a (whole )?number, not "many"/,
  );
});

Deno.test("text that was not interpolated is not converted", async () => {
  assertMatch(
    await complaint("services: { a: { plugin: echo, options: { maxConnections: '5' } } }"),
    /services\.a\.options\.maxConnections: Must be a (whole )?number, not "5"/,
  );
});

Deno.test("what a variable holds cannot change the structure", async () => {
  const password = "x: y\nplugin: evil\n- [}{]*&! ${HOME} #";
  const options = await optionsOf('{ password: "${P}" }', { env: { P: password } });
  assertEquals(options.password, password);
});

Deno.test("a file's content stands without its last line break, relative to the YAML file", async () => {
  const files = { "secrets/a": "correct horse\n\n", "conf/x.yaml": CONF, "conf/b": "battery staple" };
  const options = await optionsOf('{ password: "${file:secrets/a}" }', { files });
  assertEquals(options.password, "correct horse\n");
  const { spec, files: read } = await load("include: [conf/x.yaml]", { files });
  assertEquals(
    ((spec.root.children[0] as ServiceSpec).options as { password: string }).password,
    "battery staple",
  );
  assertEquals(read, ["app.yaml", "conf/x.yaml", "conf/b"]);
});

const CONF = 'services: { a: { plugin: echo, options: { password: "${file:b}" } } }';

Deno.test("a variable that is not set is reported where it is used, and nothing else there", async () => {
  assertEquals(
    await complaint(
      'services: { a: { plugin: echo, options: { listen: "tcp:${PORT}", x: "${file:gone}" } } }',
    ),
    `app.yaml:1:51: services.a.options.listen: Cannot interpolate "\${PORT}": the variable is not set; set it, or write \${PORT:-default}
  1 | services: { a: { plugin: echo, options: { listen: "tcp:\${PORT}", x: "\${file:gone}" } } }
    |                                                   ^

app.yaml:1:69: services.a.options.x: Cannot read "gone": no such file
  1 | services: { a: { plugin: echo, options: { listen: "tcp:\${PORT}", x: "\${file:gone}" } } }
    |                                                                     ^
`,
  );
});

/** Each holds a secret that a validator refuses. */
const SECRETS: Record<string, { text: string; setting: Setting }> = {
  "a secret file": {
    text: 'services: { a: { plugin: echo, options: { listen: "${file:s}" } } }',
    setting: { files: { s: "tcp:hunter2" } },
  },
  "a variable with a telling name": {
    text: 'services: { a: { plugin: echo, options: { listen: "tcp:${DB_PASSWORD}" } } }',
    setting: { env: { DB_PASSWORD: "hunter2" } },
  },
  "a part of a secret": {
    text: 'services: { a: { plugin: echo, options: { listen: "${TOKEN}" } } }',
    setting: { env: { TOKEN: "tcp:8080:hunter2=1" } },
  },
  "a secret where a name is wanted": {
    text: 'services: { a: { plugin: "${file:s}", restart: "${file:s}", needs: ["${file:s}"] } }',
    setting: { files: { s: "hunter2" } },
  },
  "a secret in include": { text: 'include: ["${file:s}"]', setting: { files: { s: "hunter2" } } },
  "a short secret": {
    text: 'services: { a: { plugin: echo, options: { listen: "${KEY}" } } }',
    setting: { env: { KEY: "zq" } },
  },
};

for (const [what, { text, setting }] of Object.entries(SECRETS)) {
  Deno.test(`secrets are never printed: ${what}`, async () => {
    const found = await complaint(text, setting);
    assertStringIncludes(found, "***");
    assertFalse(/hunter|zq/.test(found), found);
  });
}

Deno.test("what keeps a secret from being good is still told", async () => {
  const text = 'services: { a: { plugin: echo, options: { password: "${file:s}" } } }';
  assertStringIncludes(
    await complaint(text, { files: { s: "hunter2" } }),
    "services.a.options.password: Must have at least 12 characters",
  );
});

Deno.test("a fingerprint changes with a secret", async () => {
  const text = 'services: { a: { plugin: echo, options: { password: "${file:s}" } } }';
  const fingerprintOf = async (s: string): Promise<string> => {
    const { root }: { root: GroupSpec } = (await load(text, { files: { s } })).spec;
    return (root.children[0] as ServiceSpec).fingerprint;
  };
  assertEquals(await fingerprintOf("correct horse"), await fingerprintOf("correct horse"));
  assert(await fingerprintOf("correct horse") !== await fingerprintOf("battery staple"));
});
