import { main } from "../../../runner/cli/main.ts";
import { VERBS } from "../../../runner/cli/verbs.ts";
import { assertEquals, assertMatch, assertStringIncludes } from "../../assert.ts";
import { heddle, RecordingOutput } from "./recording_io.ts";

Deno.test("heddle help names every verb", async () => {
  const { status, stdout, stderr } = await heddle(["help"]);
  assertEquals([status, stderr], [0, ""]);
  for (const [name, { summary }] of Object.entries(VERBS)) {
    assertMatch(stdout, new RegExp(`^  ${name} +${summary}$`, "m"));
  }
  assertEquals((await heddle(["--help"])).stdout, stdout);
});

Deno.test("heddle without a verb tells how to use it, with status 64", async () => {
  const { status, stdout, stderr } = await heddle([]);
  assertEquals([status, stdout], [64, ""]);
  assertStringIncludes(stderr, "Usage: heddle VERB");
});

Deno.test("heddle VERB --help, -h and heddle help VERB print the same", async () => {
  for (const name of Object.keys(VERBS)) {
    const words = name.split(" ");
    const { status, stdout } = await heddle(["help", ...words]);
    assertEquals(status, 0, name);
    assertStringIncludes(stdout, `heddle ${name}: ${VERBS[name]?.summary}`);
    assertEquals((await heddle([...words, "--help"])).stdout, stdout);
    assertEquals((await heddle([...words, "--unknown", "-h"])).stdout, stdout);
  }
});

Deno.test("heddle suggests the verb that was meant, with status 64", async () => {
  const cases = {
    "serv": `Unknown verb "serv" (did you mean "serve"?)`,
    "new plugn": `Unknown verb "new" (did you mean "new plugin"?)`,
    "new": `Unknown verb "new" (did you mean "new plugin"?)`,
    "frobnicate": `Unknown verb "frobnicate"`,
    "help srve": `Unknown verb "srve" (did you mean "serve"?)`,
    "--josn check": `Unknown flag "--josn": flags follow a verb`,
    "__proto__": `Unknown verb "__proto__"`,
  };
  for (const [line, message] of Object.entries(cases)) {
    const { status, stdout, stderr } = await heddle(line.split(" "));
    assertEquals([status, stdout], [64, ""], line);
    assertEquals(stderr.split("\n")[0], message);
  }
});

Deno.test("heddle VERB refuses flags that it does not know, with status 64", async () => {
  const { status, stderr } = await heddle(["version", "--jsn"]);
  assertEquals(status, 64);
  assertEquals(stderr, `Unknown flag "--jsn"\n"heddle version --help" tells more\n`);
});

Deno.test("heddle version and --version print the versions of Heddle and Deno", async () => {
  const { status, stdout } = await heddle(["version"]);
  assertEquals(status, 0);
  assertMatch(stdout, /^heddle \d+\.\d+\.\d+\ndeno \d+\.\d+\.\d+ /);
  assertEquals((await heddle(["--version"])).stdout, stdout);
});

Deno.test("main() ends with 70 on a fault of Heddle's own, and asks for a report", async () => {
  const stderr = new RecordingOutput();
  const broken = new RecordingOutput();
  broken.print = () => {
    throw new Error("out of ink");
  };
  const status = await main(["version"], { stdout: broken, stderr, cwd: "/", env: () => undefined });
  assertEquals(status, 70);
  assertMatch(stderr.text, /^Internal error: please report this\nError: out of ink\n/);
});
