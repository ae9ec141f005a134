import { closest, didYouMean } from "../../../services/text/closest.ts";
import { assertEquals } from "../../assert.ts";

Deno.test("closest() finds what was probably meant", () => {
  const known = ["tcp", "tls", "unix", "interface", "backlog"];
  const cases: [string, string | undefined][] = [
    ["tpc", "tcp"],
    ["TCP", "tcp"],
    ["unx", "unix"],
    ["interfce", "interface"],
    ["bakclog", "backlog"],
    ["carrot", undefined],
    ["", undefined],
    ["x".repeat(1_000_000), undefined],
  ];
  for (const [word, candidate] of cases) assertEquals(closest(word, known), candidate, word.slice(0, 20));
  assertEquals(closest("tcp", []), undefined);
});

Deno.test("didYouMean() is a parenthesis, or nothing", () => {
  assertEquals(didYouMean("tpc", ["tcp"]), ` (did you mean "tcp"?)`);
  assertEquals(didYouMean("carrot", ["tcp"]), "");
});
