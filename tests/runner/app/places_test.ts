import { assertEquals } from "../../assert.ts";
import { complaint, load } from "./_support.ts";

/** The problems' places and paths. */
async function places(text: string): Promise<string[]> {
  const found = await complaint(text);
  return found.split("\n").filter((line) => line.startsWith("app.yaml:")).map((line) =>
    /^\S+ .*?(?=: )/.exec(line)![0]
  );
}

Deno.test("a wrong value is where it stands, an unknown key at the key, a missing one at its parent", async () => {
  assertEquals(
    await places(`
services:
  a:
    plugin: files
    options:
      rot: x
      users:
        - name: 5
        - { nam: b }
  b:
    restart: now
`),
    [
      "app.yaml:5:5: services.a.options.root",
      "app.yaml:6:7: services.a.options.rot",
      "app.yaml:8:17: services.a.options.users[0].name",
      "app.yaml:9:11: services.a.options.users[1].name",
      "app.yaml:9:13: services.a.options.users[1].nam",
      "app.yaml:10:3: services.b.plugin",
      "app.yaml:11:14: services.b.restart",
    ],
  );
});

Deno.test("a value that is reached through an alias is where it is written", async () => {
  assertEquals(
    await places(`
services:
  a:
    plugin: echo
    options: &common
      listen: tcp:x
      idleTimeout: 1s
  b:
    plugin: echo
    options: *common
  c: { plugin: echo, needs: *common }
`),
    [
      "app.yaml:6:15: services.a.options.listen",
      "app.yaml:6:15: services.b.options.listen",
      "app.yaml:11:29: services.c.needs",
    ],
  );
});

Deno.test("a value that is merged in is where it is written, an own one before it", async () => {
  const text = (idle: string): string => `
services:
  a: &a
    plugin: echo
    options: &common
      listen: tcp:1
      idleTimeout: 1x
  b:
    <<: *a
    options:
      <<: [*common, { verbose: 1 }]
      idleTimeout: ${idle}
`;
  assertEquals(await places(text("1s")), [
    "app.yaml:7:20: services.a.options.idleTimeout",
    "app.yaml:11:32: services.b.options.verbose",
  ]);
  assertEquals((await places(text("2x"))).at(-1), "app.yaml:12:20: services.b.options.idleTimeout");
});

Deno.test("merged mappings override as YAML says", async () => {
  const { spec } = await load(`
services:
  a: &a { plugin: echo, restart: transient }
  b: { <<: *a, restart: temporary }
`);
  assertEquals(spec.root.children.map((child) => child.restart), ["transient", "temporary"]);
});

Deno.test("keys that are no plain text are found, or else what holds them", async () => {
  const text = `services:\n  a: { plugin: echo, options: { 0x10: 1, 017: 2, "quo ted": 3, ~: 4 } }\n`;
  assertEquals(await places(text), [
    // Octal to one parser, decimal to the other.
    "app.yaml:2:22: services.a.options.15",
    "app.yaml:2:33: services.a.options.16",
    'app.yaml:2:50: services.a.options."quo ted"',
    "app.yaml:2:64: services.a.options.null",
  ]);
});

Deno.test("text over several lines is where it begins", async () => {
  assertEquals(
    await places(`
services:
  a:
    plugin: echo
    options:
      listen: |
        tcp:x
      idleTimeout: "1x
        2x"
`),
    ["app.yaml:6:15: services.a.options.listen", "app.yaml:8:20: services.a.options.idleTimeout"],
  );
});
