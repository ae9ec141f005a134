import type { TaskContext } from "../../../plugins/task/task.ts";
import task from "../../../plugins/task/mod.ts";
import { TaskService } from "../../../plugins/task/task_service.ts";
import { spawnProcess } from "../../../services/process/child_process.ts";
import { definePlugin } from "../../../services/plugin/plugin.ts";
import { type RunningPlugin, startPlugin } from "../../../services/testing/mod.ts";
import { assert, assertEquals, assertRejects } from "../../assert.ts";
import { work } from "./fixtures/work.ts";

const MODULE = new URL("./fixtures/work.ts", import.meta.url).pathname;
const MIDNIGHT = Date.parse("2026-03-10T00:00:00Z");

/** The plugin on the test's clock: it is midnight when the service is made. */
function start(options: Record<string, unknown>): Promise<RunningPlugin<typeof task.options>> {
  const plugin = definePlugin({
    ...task,
    makeService: (options) => {
      let wallClock = (): number => MIDNIGHT;
      const service = new TaskService(options, { spawn: spawnProcess, wallClock: () => wallClock() });
      return {
        start: (ctx) => {
          const origin = ctx.reactor.now();
          wallClock = () => MIDNIGHT + ctx.reactor.now() - origin;
          return service.start(ctx);
        },
      };
    },
  });
  return startPlugin(plugin, { run: MODULE, ...options } as never);
}

/** When the runs of the task began, in seconds after midnight. */
function recordRuns(run: (context: TaskContext) => unknown = () => {}): number[] {
  const runs: number[] = [];
  work.run = (context) => {
    runs.push((context.due - MIDNIGHT) / 1000);
    return run(context);
  };
  return runs;
}

Deno.test("without a schedule it runs once, is ready when that is done, and finishes with the result", async () => {
  recordRuns(({ name }) => `did ${name}`);
  await using app = await start({});
  assertEquals(await app.ended, { kind: "finished", result: "did task" });
});

Deno.test("a run that fails fails the start, and so does a module that is none", async () => {
  recordRuns(() => Promise.reject(new Error("no database")));
  await assertRejects(() => start({}), Error, "no database");
  await assertRejects(() => start({ run: "/no/task.ts" }), Error, 'Cannot load task "/no/task.ts"');
});

Deno.test("a program is a task too: its status tells, its lines are logged", async () => {
  await using app = await startPlugin(task, { command: ["sh", "-c", "echo migrated"] });
  assertEquals((await app.ended).kind, "finished");
  assert(app.log.records.some(({ level, message }) => level === "info" && message === "migrated"));
  await assertRejects(
    () => startPlugin(task, { command: ["sh", "-c", "echo boom; exit 2"] }),
    Error,
    '"sh" exited with status 2; the last it wrote: "boom"',
  );
});

Deno.test("by a schedule it runs when it is due, in its time zone", async () => {
  const runs = recordRuns();
  await using app = await start({ schedule: "0 3 * * *", timeZone: "Europe/Berlin" });
  assertEquals(runs, []);
  await app.advance(2 * 3_600_000);
  assertEquals(runs, [2 * 3600]);
  await app.advance(24 * 3_600_000);
  assertEquals(runs, [2 * 3600, 26 * 3600]);
});

Deno.test("every: also at the start if it says so, and in phase", async () => {
  const runs = recordRuns();
  await using app = await start({ every: "10s", atStart: true });
  assertEquals(runs, [0]);
  await app.advance(35_000);
  assertEquals(runs, [0, 10, 20, 30]);
});

Deno.test("runs do not overlap: what fell due meanwhile is left out, and said", async () => {
  let end = (): void => {};
  const runs = recordRuns(() => new Promise<void>((resolve) => end = resolve));
  await using app = await start({ every: "10s" });
  await app.advance(10_000);
  await app.advance(25_000);
  assertEquals(runs, [10]);
  end();
  await app.advance(5_000);
  assertEquals(runs, [10, 40]);
  assert(app.log.records.some(({ level, fields }) => level === "warn" && fields.missed === 2));
  end();
});

Deno.test("a failed run is logged and tried again as often as it says; the schedule goes on", async () => {
  const runs = recordRuns(() => Promise.reject(new Error("no network")));
  await using app = await start({ every: "1m", retries: 2, retryDelay: "5s" });
  await app.advance(60_000);
  assertEquals(runs.length, 1);
  await app.advance(10_000);
  assertEquals(runs, [60, 60, 60]);
  await app.advance(50_000);
  assertEquals(runs.at(-1), 120);
  assertEquals(app.log.records.filter(({ message }) => message === "Run failed").length, 4);
  const counts = app.metrics.collect().find(({ name }) => name === "task_runs_total")!.samples;
  assertEquals(counts.map(({ labels, value }) => [labels[0], value]), [["success", 0], ["failure", 4]]);
});

Deno.test("a run that takes too long is stopped and has failed", async () => {
  recordRuns(({ signal }) => new Promise((_, reject) => signal.onabort = () => reject(signal.reason)));
  await using app = await start({ every: "1m", timeout: "10s" });
  await app.advance(70_000);
  const [failed] = app.log.records.filter(({ message }) => message === "Run failed");
  assertEquals(String(failed?.fields.error), "TaskTimeoutError: Took longer than its timeout of 10s");
});

Deno.test("a stop ends a wait at once, and asks a run to end", async () => {
  const waiting = await start({ every: "1h" });
  assertEquals(await waiting.stop(), []);
  await waiting[Symbol.asyncDispose]();
  let asked = false;
  recordRuns(({ signal }) =>
    new Promise<void>((resolve) =>
      signal.onabort = () => {
        asked = true;
        resolve();
      }
    )
  );
  const busy = await start({ every: "1h", atStart: true });
  assertEquals(await busy.stop(), []);
  assert(asked);
  await busy[Symbol.asyncDispose]();
});

Deno.test("what makes no sense together is said before anything runs", () => {
  const problems = (options: Record<string, unknown>): string[] =>
    task.check!({ retries: 0, atStart: false, ...options } as never).map(({ path, message }) =>
      `${path!.join(".")}: ${message}`
    );
  assertEquals(problems({ run: "x.ts" }), []);
  assertEquals(problems({}), [": needs either command or run: a program, or a module"]);
  assertEquals(problems({ run: "x.ts", schedule: "@daily", every: 5000 }), [
    "every: cannot stand beside schedule: choose one of them",
  ]);
  assertEquals(problems({ run: "x.ts", schedule: "61 * * * *" })[0]!.split(":")[0], "schedule");
  assertEquals(
    problems({ run: "x.ts", schedule: "@daily", timeZone: "Mars/Olympus" })[0]!.split(":")[0],
    "timeZone",
  );
  assertEquals(problems({ run: "x.ts", retries: 1, atStart: true, timeZone: "UTC" }).length, 3);
});

Deno.test("once means once: by default it is not started again, and its start may take as long as it takes", () => {
  const once = task.unitDefaults!({ stop: { grace: 8000 } } as never);
  assertEquals(once.restart, "transient");
  assert(once.startTimeout! > 86_400_000);
  assertEquals(task.unitDefaults!({ timeout: 1000, stop: { grace: 8000 } } as never).startTimeout, 9000);
  assertEquals(task.unitDefaults!({ every: 1000 } as never), {});
});
