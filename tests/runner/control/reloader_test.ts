import { ApplicationFileError } from "../../../runner/app/errors.ts";
import { type ReadApplication, Reloader } from "../../../runner/control/reloader.ts";
import { UNIT_DEFAULTS } from "../../../services/application_spec.ts";
import { recordingLogger } from "../../../services/testing/recording_logger.ts";
import { assertEquals } from "../../assert.ts";

const SPEC: ReadApplication["spec"] = {
  name: "demo",
  root: { kind: "group", name: "", ...UNIT_DEFAULTS, giveUp: null, strategy: "one-for-one", children: [] },
};
const PLAN = { steps: [{ path: "web", action: "add" }] } as const;
const REPORT = { results: [{ path: "web", action: "add", result: "done" }] } as const;
const PROBLEMS = [
  { file: "app.yaml", line: 3, column: 5, path: "services.web", message: "Unknown key" },
  { file: "app.yaml", path: "", message: "Cannot read it" },
];

/** A reloader, and what it has done. */
class Scene {
  readonly story: string[] = [];
  readonly log = recordingLogger();
  readonly reloader: Reloader;

  constructor(read: (() => Promise<ReadApplication>) | null) {
    this.reloader = new Reloader({
      source: read === null ? null : { read },
      supervisor: {
        plan: () => PLAN,
        apply: ({ name }) => {
          this.story.push(`${name} applied`);
          return Promise.resolve(REPORT);
        },
      },
      log: this.log,
    });
  }

  get logged(): string[] {
    return this.log.records.map(({ level, message }) => `${level}: ${message}`);
  }
}

Deno.test("reload() adopts what is not the supervisor's, then applies what the file says", async () => {
  const scene: Scene = new Scene(() =>
    Promise.resolve({ spec: SPEC, adopt: () => void scene.story.push("log configured") })
  );
  assertEquals(await scene.reloader.reload(), { ok: true, report: REPORT });
  assertEquals(scene.story, ["log configured", "demo applied"]);
});

Deno.test("reload() of a bad file logs and returns every problem, and changes nothing", async () => {
  const scene = new Scene(() => Promise.reject(new ApplicationFileError(PROBLEMS)));
  assertEquals(await scene.reloader.reload(), { ok: false, problems: PROBLEMS });
  assertEquals(scene.story, []);
  assertEquals(scene.logged, [
    "error: app.yaml:3:5: services.web: Unknown key",
    "error: app.yaml: Cannot read it",
    "error: Cannot reload the application: nothing has changed",
  ]);
});

Deno.test("reload() changes nothing when the log file cannot be opened", async () => {
  const message = `Cannot open log file "x": Permission denied`;
  const adopt = (): void => {
    throw new Error(message);
  };
  const scene = new Scene(() => Promise.resolve({ spec: SPEC, adopt }));
  assertEquals(await scene.reloader.reload(), { ok: false, problems: [{ file: "", path: "", message }] });
  assertEquals(scene.story, []);
});

Deno.test("plan() tells what a reload would do, or what is wrong, and neither logs nor changes anything", async () => {
  const good = new Scene(() => Promise.resolve({ spec: SPEC }));
  assertEquals(await good.reloader.plan(), { ok: true, plan: PLAN });
  const bad = new Scene(() => Promise.reject(new ApplicationFileError(PROBLEMS)));
  assertEquals(await bad.reloader.plan(), { ok: false, problems: PROBLEMS });
  assertEquals([good.story, bad.story, bad.logged], [[], [], []]);
});

Deno.test("reloads wait for one another, each reading the file when its turn has come", async () => {
  const reads: PromiseWithResolvers<ReadApplication>[] = [];
  const scene = new Scene(() => {
    reads.push(Promise.withResolvers());
    return reads.at(-1)!.promise;
  });
  const [first, second] = [scene.reloader.reload(), scene.reloader.reload()];
  await Promise.resolve();
  assertEquals(reads.length, 1);
  reads[0]!.resolve({ spec: SPEC });
  await first;
  await Promise.resolve();
  assertEquals(reads.length, 2);
  reads[1]!.resolve({ spec: SPEC });
  await second;
  assertEquals(scene.story, ["demo applied", "demo applied"]);
});

Deno.test("an application that was made in code says so when it is to be reloaded", async () => {
  const message = "Cannot read the application again: it was made in code, not in a file";
  const scene = new Scene(null);
  assertEquals(await scene.reloader.plan(), { ok: false, problems: [{ file: "", path: "", message }] });
});
