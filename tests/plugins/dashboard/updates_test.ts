import { assert, assertEquals } from "../../assert.ts";
import { ask, FakeControl, service, startDashboard, Watcher } from "./_scene.ts";

Deno.test("who comes is shown everything, then what changes and nothing else", async () => {
  const control = new FakeControl();
  control.log("before");
  await using app = await startDashboard(control);
  const watcher = await Watcher.open(app);
  const [snapshot, log, ...rest] = await watcher.told(0);
  assertEquals(rest, []);
  assertEquals(snapshot!.data.units.map(({ path }: { path: string }) => path), ["web", "store"]);
  assertEquals(log!.data.records.map(([, , , , message]: unknown[]) => message), ["before"]);
  assertEquals(await watcher.told(1_000), []);

  control.change("store", { state: "backoff", lastError: "disk full" });
  const [update, ...more] = await watcher.told();
  assertEquals(more, []);
  assertEquals(update!.data.units.length, 1);
  assertEquals([update!.data.units[0].state, update!.data.units[0].lastError], ["backoff", "disk full"]);
  assertEquals(update!.data.figures, []);
});

Deno.test("what happens together is told together", async () => {
  const control = new FakeControl();
  await using app = await startDashboard(control);
  const watcher = await Watcher.open(app);
  await watcher.told(500);
  for (let restarts = 1; restarts <= 50; restarts++) control.change("web", { restarts });
  const told = await watcher.told();
  assertEquals(told.map(({ data }) => data.units.map(({ restarts }: { restarts: number }) => restarts)), [[
    50,
  ]]);
});

Deno.test("who is slow is told of the latest state alone", async () => {
  const control = new FakeControl();
  control.units = Array.from({ length: 300 }, (_, at) => service(`service-${at}`));
  await using app = await startDashboard(control);
  const watcher = await Watcher.open(app);
  await watcher.told(500);
  watcher.pause();
  for (let restarts = 1; restarts <= 100; restarts++) {
    for (const { path } of control.units) control.change(path, { restarts });
    await app.advance(200);
  }
  watcher.resume();
  const told = await watcher.told(1_000);
  const rows = told.flatMap(({ data }) => data.units ?? []);
  assertEquals(rows.at(-1).restarts, 100);
  // What fits into buffers on the way was sent: some of the 30,000 rows.
  assert(rows.length < 10_000, `${rows.length} rows were told`);
});

Deno.test("a service whose place another runner has stands by, and does not wait", async () => {
  const control = new FakeControl();
  control.units = [
    service("web", { state: "waiting", waitsFor: ["another runner"] }),
    service("api", { state: "waiting", waitsFor: ["web"] }),
  ];
  await using app = await startDashboard(control);
  const [snapshot] = await (await Watcher.open(app)).told();
  assertEquals(snapshot!.data.units.map(({ standby }: { standby?: true }) => standby), [true, undefined]);
});

Deno.test("units that come or go bring a snapshot", async () => {
  const control = new FakeControl();
  await using app = await startDashboard(control);
  const watcher = await Watcher.open(app);
  await watcher.told(500);
  control.replaceUnits([service("store"), service("new")]);
  const [snapshot] = await watcher.told();
  assertEquals(snapshot!.name, "snapshot");
  const ids = snapshot!.data.units.map(({ id }: { id: number }) => id);
  assertEquals([...new Set(ids)].length, 2);
});

Deno.test("bytes and CPU are told per second; a new life begins at nothing", async () => {
  const control = new FakeControl();
  control.units = [service("web", { bytesRead: 1_000, bytesWritten: 0, cpu: 1, memory: 5_000 })];
  await using app = await startDashboard(control);
  const watcher = await Watcher.open(app);
  await watcher.told(500);
  const next = async (changes: Partial<Parameters<typeof service>[1]>) => {
    control.units = [service("web", changes)];
    const [update] = await watcher.told(2_000);
    return update!.data.figures[0].slice(1);
  };
  assertEquals(
    await next({ connections: 3, bytesRead: 3_000, bytesWritten: 2_000, cpu: 2, memory: 6_000 }),
    [3, 2_000, 0.5, 6_000],
  );
  assertEquals(await next({ connections: 1, bytesRead: 10, bytesWritten: 0, cpu: 0.1, memory: 6_000 }), [
    1,
    0,
    0,
    6_000,
  ]);
  // While it does not run there is nothing to tell.
  assertEquals(await next({}), [0, null, null, null]);
  const history = JSON.parse((await ask(app, "/api/history?unit=web")).body);
  assertEquals(history.series.traffic.slice(-3), [2_000, 0, null]);
  assertEquals(history.times.length, history.series.cpu.length);
});

Deno.test("who opens the page again and again makes no rates of moments", async () => {
  const control = new FakeControl();
  control.units = [service("web", { bytesRead: 0, bytesWritten: 0 })];
  await using app = await startDashboard(control);
  for (let bytesRead = 100; bytesRead <= 500; bytesRead += 100) {
    control.units = [service("web", { bytesRead, bytesWritten: 0 })];
    const watcher = await Watcher.open(app);
    await watcher.told(100);
    await watcher.close();
  }
  await app.advance(20_000);
  const { series } = JSON.parse((await ask(app, "/api/history?unit=web")).body);
  assert(Math.max(...series.traffic) <= 250, String(series.traffic));
});

Deno.test("a program's CPU and memory come from its metrics, the runner's from its own", async () => {
  const control = new FakeControl();
  control.units = [service("db")];
  const count = (name: string, labels: string[], values: [string[], number][]) => ({
    name,
    kind: "gauge" as const,
    help: "",
    labels,
    samples: values.map(([labels, value]) => ({ labels, value })),
  });
  const at = (cpu: number) => [
    count("program_cpu_seconds", ["service"], [[["db"], cpu]]),
    count("program_resident_memory_bytes", ["service"], [[["db"], 7_000]]),
    count("process_cpu_seconds_total", [], [[[], 2 * cpu]]),
    count("process_resident_memory_bytes", [], [[[], 1_000]]),
  ];
  control.families = at(10);
  await using app = await startDashboard(control);
  const watcher = await Watcher.open(app);
  await watcher.told(500);
  control.families = at(11);
  const [update] = await watcher.told(2_000);
  assertEquals(update!.data.figures[0].slice(3), [0.5, 7_000]);
  assertEquals([update!.data.total.cpu, update!.data.total.memory], [1.5, 8_000]);
});

Deno.test("of a flood in the log the latest is told, and how much was left out", async () => {
  const control = new FakeControl();
  control.log("first");
  await using app = await startDashboard(control);
  const watcher = await Watcher.open(app);
  await watcher.told(0);
  for (let n = 0; n < 700; n++) control.log(`line ${n}`, n === 699 ? { port: 80, why: "x" } : {});
  const [log, ...rest] = await watcher.told();
  assertEquals(rest, []);
  assertEquals([log!.data.records.length, log!.data.lost], [500, 200]);
  assertEquals(log!.data.records.at(-1).slice(4), ["line 699", 'port=80 why="x"', ""]);
});

Deno.test("an error's stack is told apart, and its message once", async () => {
  const control = new FakeControl();
  const error = { name: "Error", message: "disk full", stack: "Error: disk full\n    at here" };
  control.log("Failed", { reason: "disk full", error });
  control.log("Failed", { error });
  await using app = await startDashboard(control);
  const [, log] = await (await Watcher.open(app)).told(0);
  const records: unknown[][] = log!.data.records;
  assertEquals(records.map((record) => record.slice(5)), [
    ['reason="disk full"', error.stack],
    ['error="disk full"', error.stack],
  ]);
});

Deno.test("who leaves is forgotten, and a stop ends the stream at once", async () => {
  const control = new FakeControl();
  await using app = await startDashboard(control);
  const first = await Watcher.open(app);
  await first.told();
  await first.close();
  // It is noticed with the next thing to tell.
  control.log("anything");
  await app.advance(2_000);
  assert(!control.isHeard);

  const second = await Watcher.open(app);
  await second.told();
  const stopped = app.stop(10_000);
  await app.advance(200);
  assertEquals(await stopped, []);
});
