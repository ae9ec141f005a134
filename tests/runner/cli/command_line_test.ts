import fc from "fast-check";
import { type CommandLine, parseCommandLine } from "../../../runner/cli/command_line.ts";
import { UsageError } from "../../../runner/cli/usage_error.ts";
import { assert, assertEquals, assertInstanceOf, assertThrows } from "../../assert.ts";
import { checkProperty } from "../../property.ts";

const flags = {
  json: { kind: "boolean", help: "" },
  dir: { kind: "string", placeholder: "DIR", help: "" },
  level: { kind: "string", placeholder: "LEVEL", choices: ["info", "warn"], help: "" },
} as const;

function parse(...args: string[]): CommandLine<typeof flags> {
  return parseCommandLine(args, flags, { name: "file", min: 0, max: 2 });
}

function fault(...args: string[]): string {
  return assertThrows(() => parse(...args), UsageError).message;
}

Deno.test("parseCommandLine() takes flags before, between and after operands", () => {
  const line = parse("--json", "a.yaml", "--dir=x", "b.yaml", "--level", "warn");
  assertEquals(line.flags, { json: true, dir: "x", level: "warn" });
  assertEquals(line.operands, ["a.yaml", "b.yaml"]);
});

Deno.test("parseCommandLine() leaves out what is not said", () => {
  assertEquals(parse(), { flags: { json: false, dir: undefined, level: undefined }, operands: [] });
});

Deno.test("parseCommandLine() keeps operands as they are written", () => {
  assertEquals(parse("0080", "1e3").operands, ["0080", "1e3"]);
  assertEquals(parse("--", "--json", "-x").operands, ["--json", "-x"]);
});

Deno.test("parseCommandLine() refuses unknown flags, with the one that was meant", () => {
  assertEquals(fault("--jsno"), `Unknown flag "--jsno" (did you mean "--json"?)`);
  assertEquals(fault("--dri=x"), `Unknown flag "--dri" (did you mean "--dir"?)`);
  assertEquals(fault("-x"), `Unknown flag "-x"`);
});

Deno.test("parseCommandLine() refuses missing and wrong values", () => {
  assertEquals(fault("--dir"), `Cannot use "--dir" without a value: give it as --dir DIR`);
  assertEquals(fault("--dir="), `Cannot use "--dir" without a value: give it as --dir DIR`);
  assertEquals(fault("--dir", "--json"), `Cannot use "--dir" without a value: give it as --dir DIR`);
  assertEquals(
    fault("--level", "wran"),
    `Cannot use "wran" for "--level" (did you mean "warn"?): must be info, warn`,
  );
});

Deno.test("parseCommandLine() counts operands", () => {
  assertEquals(fault("a", "b", "c\x1b"), `Unexpected operand "c\\u{1b}"`);
  const error = assertThrows(() => parseCommandLine([], {}, { name: "file", min: 1, max: 1 }), UsageError);
  assertEquals(error.message, "Missing operand: name the file");
});

Deno.test("parseCommandLine() either parses or says what is wrong, whatever it is given", () => {
  const words = fc.oneof(
    fc.string(),
    fc.constantFrom(
      "--json",
      "--dir",
      "--level",
      "--__proto__",
      "--json.x",
      "--constructor=1",
      "-",
      "--",
      "--=",
    ),
  );
  checkProperty(fc.property(fc.array(words, { maxLength: 6 }), (args) => {
    try {
      const { flags, operands } = parse(...args);
      assert(typeof flags.json === "boolean");
      assert(operands.every((operand) => typeof operand === "string"));
    } catch (error) {
      assertInstanceOf(error, UsageError);
    }
  }));
});
