import { ApplicationFileError } from "../../../runner/app/errors.ts";
import type { LoadedApplication } from "../../../runner/app/load_application.ts";
import { reload } from "../../../runner/cli/reload.ts";
import { LOG_DEFAULTS } from "../../../runner/log/options.ts";
import { recordingLogger } from "../../../services/testing/recording_logger.ts";
import { UNIT_DEFAULTS } from "../../../services/application_spec.ts";
import { assertEquals } from "../../assert.ts";

const APPLICATION: LoadedApplication = {
  spec: {
    name: "demo",
    root: { kind: "group", name: "", ...UNIT_DEFAULTS, giveUp: null, strategy: "one-for-one", children: [] },
  },
  log: LOG_DEFAULTS,
  files: ["app.yaml"],
  plugins: [],
};

/** What a reload did, and what it logged. */
async function reloaded(load: () => LoadedApplication, configure: () => void = () => {}): Promise<string[]> {
  const story: string[] = [];
  const log = recordingLogger();
  await reload({
    load: () => Promise.resolve().then(load),
    configureLog: () => {
      configure();
      story.push("log configured");
    },
    apply: ({ name }) => Promise.resolve(story.push(`${name} applied`)),
    log,
  });
  return [...story, ...log.records.map(({ level, message }) => `${level}: ${message}`)];
}

Deno.test("reload() takes the log's options, then applies what the file says", async () => {
  assertEquals(await reloaded(() => APPLICATION), ["log configured", "demo applied"]);
});

Deno.test("reload() of a bad file logs every problem, and changes nothing", async () => {
  const problems = [
    { file: "app.yaml", line: 3, column: 5, path: "services.web", message: "Unknown key" },
    { file: "app.yaml", path: "", message: "Cannot read it" },
  ];
  const story = await reloaded(() => {
    throw new ApplicationFileError(problems);
  });
  assertEquals(story, [
    "error: app.yaml:3:5: services.web: Unknown key",
    "error: app.yaml: Cannot read it",
    "error: Cannot reload the application: nothing has changed",
  ]);
});

Deno.test("reload() changes nothing when the log file cannot be opened", async () => {
  const story = await reloaded(() => APPLICATION, () => {
    throw new Error(`Cannot open log file "x": Permission denied`);
  });
  assertEquals(story, [
    `error: Cannot open log file "x": Permission denied`,
    "error: Cannot reload the application: nothing has changed",
  ]);
});
