import { renderProblems } from "../../../runner/app/problem.ts";
import { assertEquals } from "../../assert.ts";

const problem = {
  file: "app.yaml",
  line: 12,
  column: 9,
  path: "services.web",
  message: "Unknown key",
  sourceLine: "    web: x",
};

Deno.test("renderProblems() shows the line and a caret", () => {
  assertEquals(
    renderProblems([problem, { file: "b.yaml", path: "", message: "Cannot read" }]),
    `app.yaml:12:9: services.web: Unknown key
  12 |     web: x
     |         ^

b.yaml: Cannot read
`,
  );
});

Deno.test("renderProblems() shows the part of a long line that is meant", () => {
  const sourceLine = "a".repeat(500) + "HERE" + "b".repeat(500);
  const [, line, caret] = renderProblems([{ ...problem, column: 501, sourceLine }]).split("\n");
  assertEquals(line!.length, "  12 | ".length + 100);
  assertEquals(line!.slice(caret!.indexOf("^"), caret!.indexOf("^") + 4), "HERE");
});

Deno.test("renderProblems() keeps the caret under tabs and lets nothing steer the terminal", () => {
  const [, line, caret] = renderProblems([{ ...problem, column: 4, sourceLine: "\t\x1b\tweb" }]).split("\n");
  assertEquals(line, "  12 |  ? web");
  assertEquals(caret!.indexOf("^"), line!.indexOf("web"));
});

Deno.test("renderProblems() colours when asked", () => {
  assertEquals(
    renderProblems([{ file: "b.yaml", path: "", message: "Cannot read", suggestion: "try again" }], {
      color: true,
    }),
    "\x1b[1mb.yaml\x1b[0m: \x1b[31mCannot read\x1b[0m\n  \x1b[36mtry again\x1b[0m\n",
  );
});
