import { assertEquals, assertMatch, assertStringIncludes } from "../../assert.ts";
import { heddle, type Outcome, type Surroundings } from "./recording_io.ts";

const FIXTURES = new URL("./fixtures/", import.meta.url).pathname;

/** Serve an application that ends by itself. */
async function serve(text: string, flags: string[] = [], surroundings: Surroundings = {}): Promise<Outcome> {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/app.yaml`, text.replaceAll("./", FIXTURES));
    return await heddle(["serve", `${folder}/app.yaml`, ...flags], surroundings);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function brief(end: string): string {
  return `name: demo
services:
  job:
    plugin: ./brief.ts
    restart: transient
    significant: true
    giveUp: { failures: 0, within: 1s }
    options: { end: ${end} }
`;
}

Deno.test("heddle serve ends with 0 when all is done", async () => {
  const { status, stdout, stderr } = await serve(brief("finish"));
  assertEquals([status, stdout], [0, ""]);
  const records = stderr.trimEnd().split("\n").map((line) => JSON.parse(line));
  const started = records.find(({ message }) => message === "Started");
  assertEquals([started.service, started.endpoints], ["job", []]);
  assertEquals(records.at(-1).message, "Application ended");
});

Deno.test("heddle serve ends with 69 when a significant service fails before all was ready", async () => {
  const { status, stderr } = await serve(brief("refuse to start"));
  assertEquals(status, 69);
  assertStringIncludes(stderr, "no disk");
});

Deno.test("heddle serve ends with 70 when a significant service fails later", async () => {
  const { status, stderr } = await serve(brief("fail"));
  assertEquals(status, 70);
  assertStringIncludes(stderr, "disk is gone");
});

Deno.test("heddle serve shows each service and the time to be ready on a terminal", async () => {
  const { status, stderr } = await serve(brief("finish"), [], { terminal: true, env: { NO_COLOR: "1" } });
  assertEquals(status, 0);
  const [service, application, ...log] = stderr.trimEnd().split("\n");
  assertMatch(service!, /^ {2}job {7}\(\d+\.\d ms\)$/);
  assertMatch(application!, /^demo: ready in \d+ ms$/);
  assertMatch(log.at(-1)!, /^\d\d:\d\d:\d\d\.\d{3} INFO {2}heddle {7}Application ended/);
});

Deno.test("heddle serve --log-format json writes JSON lines on a terminal, too", async () => {
  const { stderr } = await serve(brief("finish"), ["--log-format", "json"], { terminal: true });
  for (const line of stderr.trimEnd().split("\n")) JSON.parse(line);
});

Deno.test("heddle serve --log-level takes the place of the file's", async () => {
  const { stderr } = await serve(`log: { level: debug }\n${brief("finish")}`, ["--log-level=error"]);
  assertEquals(stderr, "");
});

Deno.test("heddle serve of a bad file shows its mistakes, and ends with 78", async () => {
  const { status, stdout, stderr } = await heddle(["serve", `${FIXTURES}mistakes.yaml`]);
  assertEquals([status, stdout], [78, ""]);
  assertStringIncludes(stderr, `mistakes.yaml:6:5: services.web.restrat: Unknown key "restrat"`);
});

Deno.test("heddle serve ends with 78 when its log file cannot be opened", async () => {
  const { status, stderr } = await serve(`log: { file: /absent/app.log }\n${brief("finish")}`);
  assertEquals([status, stderr], [78, `Cannot open log file "/absent/app.log": No such file or directory\n`]);
});

Deno.test("heddle serve ends with 66 when there is no such file, and with 64 when none is named", async () => {
  const absent = await heddle(["serve", "absent.yaml"]);
  assertEquals([absent.status, absent.stderr], [66, `Cannot read "absent.yaml": no such file\n`]);
  const none = await heddle(["serve"]);
  assertEquals(none.status, 64);
  assertStringIncludes(none.stderr, "Missing operand: name the application file");
});
