import { assertEquals, assertStringIncludes } from "../../assert.ts";
import { heddle } from "./recording_io.ts";

const FIXTURES = new URL("./fixtures/", import.meta.url).pathname;

Deno.test("heddle plugins APP.yaml lists the plugins that it names, with their options", async () => {
  const { status, stdout } = await heddle(["plugins", `${FIXTURES}good.yaml`]);
  assertEquals(status, 0);
  assertEquals(
    stdout,
    `\
./plain.ts: Do nothing
  workers  integer  default 1; How many work at once
  label    string   required
`,
  );
});

Deno.test("heddle plugins lists those that come with Heddle", async () => {
  const { status, stdout } = await heddle(["plugins"]);
  assertEquals(status, 0);
  assertStringIncludes(stdout, "echo: ");
  assertStringIncludes(stdout, "  listen ");
});

Deno.test("heddle plugins --json has the JSON Schema of their options", async () => {
  const { stdout } = await heddle(["plugins", "--json", `${FIXTURES}good.yaml`]);
  const [plain, ...others] = JSON.parse(stdout);
  assertEquals(others, []);
  assertEquals([plain.plugin, plain.name, plain.description], ["./plain.ts", "plain", "Do nothing"]);
  assertEquals(plain.options.required, ["label"]);
});

Deno.test("heddle plugins of a bad or missing file ends like check", async () => {
  const bad = await heddle(["plugins", `${FIXTURES}mistakes.yaml`]);
  assertEquals([bad.status, bad.stdout], [78, ""]);
  const absent = await heddle(["plugins", "absent.yaml"]);
  assertEquals([absent.status, absent.stderr], [66, `Cannot read "absent.yaml": no such file\n`]);
});
