import { assertEquals, assertMatch, assertStringIncludes } from "../../assert.ts";
import { heddle } from "./recording_io.ts";

const FIXTURES = new URL("./fixtures/", import.meta.url).pathname;
const GOOD = `${FIXTURES}good.yaml`;
const MISTAKES = `${FIXTURES}mistakes.yaml`;

Deno.test("heddle check says what a good file declares", async () => {
  const { status, stdout, stderr } = await heddle(["check", GOOD]);
  assertEquals([status, stderr], [0, ""]);
  assertEquals(stdout, `${GOOD}: OK (3 services, 1 group, 2 files)\n`);
});

Deno.test("heddle check shows every mistake with its place, and ends with 78", async () => {
  const { status, stdout, stderr } = await heddle(["check", MISTAKES]);
  assertEquals([status, stdout], [78, ""]);
  const places = stderr.split("\n").filter((line) => line.startsWith(MISTAKES))
    .map((line) => line.slice(MISTAKES.length).match(/^:(\d+):\d+: (\S+):/)?.slice(1).join(" "));
  assertEquals(places, [
    "2 log.level",
    "6 services.web.restrat",
    "7 services.web.stopTimeout",
    "8 services.web.options.label",
    "8 services.web.options.lable",
    "8 services.web.options.workers",
    "10 services.store.plugin",
    "11 services.store.needs[0]",
    "14 services.cron.after[0]",
    undefined,
  ]);
  assertMatch(stderr, /9 problems\n$/);
});

Deno.test("heddle check goes through all files, whatever it finds in one", async () => {
  const { status, stdout, stderr } = await heddle(["check", MISTAKES, "absent.yaml", GOOD]);
  assertEquals(status, 78);
  assertStringIncludes(stdout, `${GOOD}: OK`);
  assertStringIncludes(stderr, `Cannot read "absent.yaml": no such file\n`);
});

Deno.test("heddle check ends with 66 when a file does not exist, and with 64 when none is named", async () => {
  assertEquals((await heddle(["check", GOOD, "absent.yaml"])).status, 66);
  assertEquals((await heddle(["check"])).status, 64);
});

Deno.test("heddle check --json prints the findings for programs", async () => {
  const { status, stdout, stderr } = await heddle(["check", "--json", GOOD, MISTAKES, "absent.yaml"]);
  assertEquals([status, stderr], [78, ""]);
  const [good, mistakes, absent] = JSON.parse(stdout);
  assertEquals(good.declares, { services: 3, groups: 1, files: 2 });
  assertEquals([mistakes.ok, mistakes.problems.length], [false, 9]);
  assertEquals(mistakes.problems[0].line, 2);
  assertEquals(mistakes.problems[0].path, "log.level");
  assertEquals([absent.ok, absent.exists], [false, false]);
});

Deno.test("heddle check paints on a terminal unless NO_COLOR is set", async () => {
  const painted = await heddle(["check", MISTAKES], { terminal: true });
  assertStringIncludes(painted.stderr, "\x1b[");
  const plain = await heddle(["check", MISTAKES], { terminal: true, env: { NO_COLOR: "1" } });
  assertEquals(plain.stderr.includes("\x1b["), false);
});
