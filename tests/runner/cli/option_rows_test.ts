import { z } from "zod";
import { type OptionRow, optionRows } from "../../../runner/cli/option_rows.ts";
import { assertEquals } from "../../assert.ts";

function rowsOf(schema: z.ZodType): OptionRow[] {
  return optionRows(z.toJSONSchema(schema, { io: "input" }));
}

Deno.test("optionRows() tells type, presence and description of each option", () => {
  const rows = rowsOf(z.strictObject({
    listen: z.union([z.string(), z.strictObject({ tcp: z.int() })]).transform(String).prefault("tcp:7")
      .describe("Where to listen"),
    mode: z.enum(["loud", "quiet"]),
    ports: z.array(z.int()).optional(),
    exact: z.literal("x"),
    anything: z.unknown().optional(),
  }));
  assertEquals(rows, [
    { name: "listen", type: "string | object", presence: `default "tcp:7"`, description: "Where to listen" },
    { name: "mode", type: `"loud" | "quiet"`, presence: "required", description: "" },
    { name: "ports", type: "list of integer", presence: "", description: "" },
    { name: "exact", type: `"x"`, presence: "required", description: "" },
    { name: "anything", type: "any", presence: "", description: "" },
  ]);
});

Deno.test("optionRows() names options within options by their path", () => {
  const rows = rowsOf(z.strictObject({ limits: z.strictObject({ idle: z.string() }).optional() }));
  assertEquals(rows.map(({ name, presence }) => [name, presence]), [["limits", ""], [
    "limits.idle",
    "required",
  ]]);
});

Deno.test("optionRows() lists what is in an alternative if asked to", () => {
  const schema = z.toJSONSchema(
    z.strictObject({ file: z.union([z.string(), z.strictObject({ path: z.string() })]).optional() }),
    { io: "input" },
  );
  assertEquals(optionRows(schema).map(({ name }) => name), ["file"]);
  assertEquals(optionRows(schema, { alternatives: true }).map(({ name }) => name), ["file", "file.path"]);
});

Deno.test("optionRows() follows references", () => {
  const rows = optionRows({
    properties: { listen: { $ref: "#/$defs/endpoint" }, broken: { $ref: "#/$defs/absent" } },
    $defs: { endpoint: { type: "string", description: "Where" } },
  });
  assertEquals(rows.map(({ name, type, description }) => [name, type, description]), [
    ["listen", "string", "Where"],
    ["broken", "any", ""],
  ]);
});

Deno.test("optionRows() of a schema that describes nothing is empty", () => {
  assertEquals(optionRows({}), []);
  assertEquals(optionRows({ type: "object", properties: null }), []);
});

Deno.test("optionRows() ends on a schema that contains itself", () => {
  const schema: Record<string, unknown> = { type: "object" };
  schema["properties"] = { self: schema };
  assertEquals(optionRows(schema).at(-1)?.name, "self.self.self.self");
});
