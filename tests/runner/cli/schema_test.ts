import { assert, assertEquals } from "../../assert.ts";
import { heddle } from "./recording_io.ts";

const FIXTURES = new URL("./fixtures/", import.meta.url).pathname;

Deno.test("heddle schema prints a JSON Schema that knows the built-in plugins", async () => {
  const { status, stdout } = await heddle(["schema"]);
  assertEquals(status, 0);
  const schema = JSON.parse(stdout);
  assertEquals(schema.$schema, "https://json-schema.org/draft/2020-12/schema");
  assert("options-echo" in schema.$defs);
});

Deno.test("heddle schema APP.yaml knows the options of the plugins that the file names, too", async () => {
  const { status, stdout } = await heddle(["schema", `${FIXTURES}good.yaml`]);
  assertEquals(status, 0);
  const definitions = JSON.parse(stdout).$defs;
  assertEquals(definitions["options-plain"].required, ["label"]);
  assert("options-echo" in definitions);
});

Deno.test("heddle schema of a bad file ends like check", async () => {
  const { status, stdout } = await heddle(["schema", `${FIXTURES}mistakes.yaml`]);
  assertEquals([status, stdout], [78, ""]);
});
