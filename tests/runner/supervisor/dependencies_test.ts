import { findDependencyProblems } from "../../../runner/supervisor/dependencies.ts";
import { assertEquals, assertStringIncludes } from "../../assert.ts";
import { application, group, service } from "./_specs.ts";

function messages(...[children, settings]: Parameters<typeof application>): string[] {
  return findDependencyProblems(application(children, settings)).map(({ message }) => message);
}

Deno.test("findDependencyProblems() finds nothing wrong with sound dependencies", () => {
  assertEquals(
    messages([
      service("a", { needs: ["g", "g.x"] }),
      group("g", [service("x"), service("y", { after: ["g.x"] })], { after: ["b"] }),
      service("b"),
    ]),
    [],
  );
});

Deno.test("findDependencyProblems() names who depends on what does not exist", () => {
  assertEquals(
    findDependencyProblems(application([group("g", [service("x", { needs: ["y"] })])])),
    [{
      path: "g.x",
      key: "needs",
      target: "y",
      message: 'Cannot let "g.x" depend on "y": there is no such unit',
    }],
  );
});

Deno.test("findDependencyProblems() shows the way round a cycle", () => {
  assertEquals(
    messages([
      service("a", { needs: ["b"] }),
      service("b", { after: ["c"] }),
      service("c", { needs: ["a"] }),
    ]),
    ['Cannot order "a": it waits for itself ("a" needs "b", "b" after "c", "c" needs "a")'],
  );
  assertEquals(messages([service("a", { needs: ["a"] })]), [
    'Cannot order "a": it waits for itself ("a" needs "a")',
  ]);
});

Deno.test("findDependencyProblems() finds cycles through groups", () => {
  assertEquals(messages([group("g", [service("x", { needs: ["g"] })])]).length, 1);
  assertEquals(messages([group("g", [service("x")], { after: ["g.x"] })]).length, 1);
  assertEquals(
    messages([
      group("g", [service("x"), service("y", { needs: ["h"] })]),
      group("h", [service("z")], { needs: ["g.y"] }),
    ]).length,
    1,
  );
  assertEquals(messages([group("g", [service("x", { needs: [""] })])]).length, 1);
});

Deno.test("findDependencyProblems() refuses needs against the order of a rest-for-one group", () => {
  assertEquals(
    messages(
      [group("g", [service("x", { needs: ["h.y"] })]), group("h", [service("y")])],
      { strategy: "rest-for-one" },
    ),
    ['Cannot let "g.x" depend on "h.y": "h" is declared after "g" in a rest-for-one group'],
  );
});

Deno.test("findDependencyProblems() takes a cycle of 20,000 units, and does not print it all", () => {
  const chain = Array.from(
    { length: 20_000 },
    (_, i) => service(`s${i}`, { needs: [`s${(i + 1) % 20_000}`] }),
  );
  const [message, ...others] = messages(chain);
  assertEquals(others, []);
  assertStringIncludes(message!, '"s7" needs "s8", and so on, 19992 more)');
});
