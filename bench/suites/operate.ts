import { missingRow } from "../harness/contender.ts";
import { cpuSeconds, residentBytes } from "../harness/process_usage.ts";
import { figure, type Goal, spreadFigure, type Table } from "../harness/report.ts";
import { denoCommand, runProcess } from "../harness/run_process.ts";
import { ServedApplication } from "../harness/served_application.ts";
import { spreadOf } from "../harness/statistics.ts";
import type { Settings, Suite } from "../harness/suite.ts";
import { type Idler, idlers } from "./operate/idlers.ts";

const SERVICES = 500;

/** 500 services that listen; the first one's options tell versions apart. */
function applicationFile(version: number): string {
  const service = (i: number) =>
    `  s${i}: { plugin: echo, options: { listen: "tcp:127.0.0.1:0", idleTimeout: ${
      i === 0 ? 300 + version : 300
    }s } }\n`;
  return `name: bench\nservices:\n${Array.from({ length: SERVICES }, (_, i) => service(i)).join("")}`;
}

/** Milliseconds of reloads that change one service of 500, as their caller sees them. */
async function reloads(app: ServedApplication, { rounds, progress }: Settings): Promise<number[]> {
  const { units } = await app.ask("GET", "/v1/status") as {
    units: { path: string; endpoints?: string[]; restarts: number }[];
  };
  const ports = units.filter(({ path }) => /^s[1-9]0$/.test(path))
    .map(({ endpoints }) => Number(endpoints![0]!.split(":").at(-1)));
  const open = await Promise.all(ports.map((port) => Deno.connect({ hostname: "127.0.0.1", port })));
  const times: number[] = [];
  for (let round = 1; round <= rounds * 4; round++) {
    progress(`operate: reload ${round}`);
    await app.write(applicationFile(round));
    const begin = performance.now();
    await app.ask("POST", "/v1/reload");
    times.push(performance.now() - begin);
  }
  for (const connection of open) {
    await connection.write(new Uint8Array([1]));
    if (await connection.read(new Uint8Array(1)) !== 1) {
      throw new Error("Cannot trust the reload: a connection of an untouched service is lost");
    }
    connection.close();
  }
  return times.slice(1); // the first compiles what the others use
}

/** What a runner at rest uses: percent of a core, and bytes. */
interface Rest {
  readonly cpu: number;
  readonly memory: number;
}

async function rest(pid: number, seconds: number): Promise<Rest> {
  await new Promise((resolve) => setTimeout(resolve, 2_000)); // what the start has left to do
  const before = cpuSeconds(pid);
  // The kernel counts in hundredths of a second: half a percent of less than 10 s could not be told from nothing.
  const measured = Math.max(10, seconds);
  await new Promise((resolve) => setTimeout(resolve, measured * 1_000));
  return { cpu: 100 * (cpuSeconds(pid) - before) / measured, memory: residentBytes(pid) };
}

async function restOf(idler: Idler, settings: Settings): Promise<Rest | null> {
  settings.progress(`operate: ${idler.name} at rest`);
  const running = await idler.start(SERVICES);
  if (running === null) return null;
  await using _ = running;
  return await rest(running.pid, settings.seconds);
}

function restTable(rests: readonly (readonly [name: string, install: string, rest: Rest | null])[]): Table {
  return {
    title: `At rest with ${SERVICES} services`,
    columns: ["", "CPU, % of a core", "MiB"],
    rows: rests.map(([name, install, each]) =>
      each === null
        ? missingRow({ name, install, command: [] }, 3)
        : [name, figure(each.cpu), figure(each.memory / 1024 / 1024)]
    ),
    notes: [
      "The supervisor's own process. Heddle's services are in it, each with a port of its own; those of the others " +
      "are processes (`sleep`), whose memory comes on top.",
    ],
  };
}

/** What an operator waits for, and what it costs to be operated. */
export const suite: Suite = {
  summary: "Operate",
  async run(settings) {
    const app = await ServedApplication.start(applicationFile(0));
    let times: number[];
    let own: Rest;
    try {
      settings.progress("operate: Heddle at rest");
      own = await rest(app.pid, settings.seconds);
      times = await reloads(app, settings);
    } finally {
      await app[Symbol.asyncDispose]();
    }
    const rests: [string, string, Rest | null][] = [["heddle serve", "", own]];
    for (const idler of idlers) rests.push([idler.name, idler.install, await restOf(idler, settings)]);
    const crashes: number[] = [];
    for (let round = 0; round < settings.rounds; round++) {
      settings.progress(`operate: crashes, round ${round + 1}`);
      crashes.push(JSON.parse(await runProcess(denoCommand("contenders/crash.ts", 50), 60_000)).crash);
    }
    const [reload, crash] = [spreadOf(times), spreadOf(crashes)];
    const goals: Goal[] = [
      {
        measure: `reload of 1 changed service among ${SERVICES}`,
        value: reload.median,
        unit: " ms",
        target: { atMost: 50 },
      },
      {
        measure: `runner at rest with ${SERVICES} services: CPU`,
        value: own.cpu,
        unit: " %",
        target: { atMost: 0.5 },
      },
      {
        measure: "crash to ready again, inline, without backoff",
        value: crash.median,
        unit: " ms",
        target: { atMost: 5 },
      },
    ];
    return {
      tables: [
        {
          title: "What an operator waits for",
          columns: ["", "ms"],
          rows: [
            [`reload, 1 of ${SERVICES} services changed`, spreadFigure(reload)],
            ["crash to ready again, inline", spreadFigure(crash)],
          ],
          notes: [
            "A reload reads, checks and compares the whole file. Connections of the services that it does not touch are " +
            "tried afterwards.",
          ],
        },
        restTable(rests),
      ],
      goals,
    };
  },
};
