import fc from "fast-check";
import { ApplicationFileError } from "../../../runner/app/errors.ts";
import { renderProblems } from "../../../runner/app/problem.ts";
import { assert } from "../../assert.ts";
import { checkProperty } from "../../property.ts";
import { load } from "./_support.ts";

// deno-fmt-ignore
const SCALARS = [
  "echo", "files", "./x.ts", "a", "b", "g", "g.b", "*a", "&a x", "&a", "!!str 1", "!!set", "!x", "~", "null", "true",
  "0", "-1", "1e3", ".nan", ".inf", "017", "1_000", "2026-01-01", "10s", "tcp:1", '"${X}"', '"${file:s}"', '"${"',
  '"\\u0000"', "'", '"', "|", ">", "<<", "__proto__", "constructor", "permanent", "rest-for-one", "never", "[]", "{}",
];

// deno-fmt-ignore
const KEYS = [
  "name", "include", "log", "supervision", "services", "plugin", "options", "needs", "after", "restart", "giveUp",
  "backoff", "strategy", "listen", "a", "b", "g", "<<", "? x", "- y", "__proto__", "toString", "1", '"q"', "&a k",
];

/** YAML, or nearly: mappings and lists of what an application file is made of, in block and in flow style. */
const { node } = fc.letrec<{ node: string; flow: string }>((tie) => ({
  flow: fc.oneof(
    { depthSize: "small" },
    fc.constantFrom(...SCALARS),
    fc.array(tie("flow"), { maxLength: 3 }).map((items) => `[${items.join(", ")}]`),
    fc.array(fc.tuple(fc.constantFrom(...KEYS), tie("flow")), { maxLength: 3 })
      .map((pairs) => `{${pairs.map((pair) => pair.join(": ")).join(", ")}}`),
  ),
  node: fc.oneof(
    { depthSize: "small" },
    tie("flow"),
    fc.array(fc.tuple(fc.constantFrom(...KEYS), tie("node")), { maxLength: 4 })
      .map((pairs) => "\n" + pairs.map(([key, value]) => indent(`${key}: ${value}`)).join("\n")),
    fc.array(tie("node"), { maxLength: 3 })
      .map((items) => "\n" + items.map((item) => indent(`- ${item}`)).join("\n")),
  ),
}));

function indent(text: string): string {
  return text.split("\n").map((line) => `  ${line}`).join("\n");
}

// deno-fmt-ignore
const LINES = [
  "plugin: echo", "plugin: files", "needs: [a]", "needs: [b, g.b]", "after: [g]", "restart: transient",
  "giveUp: { failures: 1, within: 1s }", "significant: ${X}", "services: { b: { plugin: echo, needs: [a] } }",
  "strategy: rest-for-one", "options: { listen: 'tcp:${file:s}' }", "options: { root: x, users: [{ name: y }] }",
];

/** What somebody may have meant to be a service. */
const unit = fc.uniqueArray(
  fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...LINES) },
    { weight: 1, arbitrary: fc.tuple(fc.constantFrom(...KEYS), node).map((pair) => pair.join(": ")) },
  ),
  { minLength: 1, maxLength: 5, selector: (line) => line.split(":")[0] },
).map((lines) => "\n" + lines.map(indent).join("\n"));

const services = fc.uniqueArray(fc.tuple(fc.constantFrom("a", "b", "g"), unit), {
  selector: ([name]) => name,
})
  .map((units) => "services:\n" + units.map(([name, lines]) => indent(`${name}: ${lines}`)).join("\n"));

const text = fc.oneof(
  { weight: 4, arbitrary: services },
  node,
  fc.string({ unit: "binary" }),
  fc.tuple(services, node).map((parts) => parts.join("\n")),
);

Deno.test("whatever a file holds, the answer is an application or a list of problems that can be printed", async () => {
  await checkProperty(
    fc.asyncProperty(text, async (yaml) => {
      try {
        await load(yaml, { env: { X: "true" }, files: { s: "hunter2" } });
      } catch (error) {
        if (!(error instanceof ApplicationFileError)) throw error;
        assert(error.problems.length > 0);
        for (const { file, line, column, message, sourceLine } of error.problems) {
          assert(file === "app.yaml" && message !== "");
          if (line === undefined || sourceLine === undefined) continue;
          assert(
            column! >= 1 && column! <= sourceLine.length + 1,
            `column ${column} of ${JSON.stringify(sourceLine)}`,
          );
        }
        const printed = renderProblems(error.problems);
        assert(!printed.includes("hunter2"), printed);
        // deno-lint-ignore no-control-regex
        assert(!/[\x00-\x09\x0b-\x1f\x7f]/.test(printed), printed);
      }
    }),
    { numRuns: 2000 },
  );
});
