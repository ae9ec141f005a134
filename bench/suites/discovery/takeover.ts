import { type Report, spreadFigure } from "../../harness/report.ts";
import { benchFile, denoCommand } from "../../harness/run_process.ts";
import { spreadOf } from "../../harness/statistics.ts";
import type { Settings } from "../../harness/suite.ts";

/** The `ttl` in the file of the example, s. */
const TTL = 3;
const APPLICATION = benchFile("../examples/fleet/app.yaml");
/** Until a runner must run the jobs, ms. */
const DEADLINE = 60_000;

/** kill -9 of the runner of a singleton, until another one runs it. */
export async function takeover(url: string, { rounds, progress }: Settings): Promise<Report> {
  const taken: number[] = [];
  let leader = new Runner(url);
  await leader.runsTheJobs;
  for (let round = 0; round < rounds; round++) {
    progress(`discovery: takeover, round ${round + 1}`);
    const next = new Runner(url);
    await next.isReady;
    const begin = performance.now();
    await leader.kill();
    await next.runsTheJobs;
    taken.push((performance.now() - begin) / 1_000);
    leader = next;
  }
  await leader.kill();
  const spread = spreadOf(taken);
  return {
    tables: [{
      title: "A singleton whose runner is killed, until another one runs it",
      columns: ["", "s"],
      rows: [[`ttl ${TTL} s`, spreadFigure(spread)]],
    }],
    goals: [{
      measure: "takeover of a singleton after kill -9, beyond its ttl",
      value: spread.most - TTL,
      unit: " s",
      target: { atMost: 1 },
    }],
  };
}

/** A runner of the example. */
class Runner {
  readonly isReady: Promise<void>;
  readonly runsTheJobs: Promise<void>;
  readonly #child: Deno.ChildProcess;
  readonly #read: Promise<void>;

  constructor(url: string) {
    const [program, ...args] = denoCommand("../runner/cli/main.ts", "serve", APPLICATION);
    this.#child = new Deno.Command(program!, {
      args,
      // Runners of one name on one machine.
      env: { ETCD: url, HEDDLE_CONTROL: "off" },
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).spawn();
    const [ready, jobs] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    this.isReady = ready.promise;
    this.runsTheJobs = jobs.promise;
    this.#read = this.#readLog(ready, jobs);
  }

  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#child.status;
    await this.#read;
  }

  async #readLog(...[ready, jobs]: PromiseWithResolvers<void>[]): Promise<void> {
    const late = setTimeout(() => this.#child.kill("SIGKILL"), DEADLINE);
    let text = "";
    for await (const part of this.#child.stderr.pipeThrough(new TextDecoderStream())) {
      text += part;
      if (text.includes('"message":"Application ready"')) ready!.resolve();
      if (!text.includes('"message":"The jobs run here"')) continue;
      jobs!.resolve();
      clearTimeout(late);
    }
    clearTimeout(late);
    const error = new Error(`Cannot measure the runner: it ended; its log ends ${text.slice(-500)}`);
    for (const each of [ready!, jobs!]) {
      each.promise.catch(() => {});
      each.reject(error);
    }
  }
}
