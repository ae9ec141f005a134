import type { ServiceContext } from "../../services/context.ts";
import { metrics } from "../../services/metrics/metrics.ts";
import type { ProcessExit, Spawn } from "../../services/process/child_process.ts";
import { describeExit } from "../../services/process/describe_exit.ts";
import { Children, type RunningProcess } from "../../services/process/children.ts";
import type { Service } from "../../services/service.ts";
import type { ProcessOptions } from "./options.ts";
import { ask } from "./probe.ts";
import { LineWatch, whenReady } from "./readiness.ts";
import { UsageMeter } from "./usage_meter.ts";

/** A program under supervision. */
export class ProcessService implements Service<ProcessOptions> {
  readonly #options: ProcessOptions;
  readonly #spawn: Spawn;
  readonly #lines = new LineWatch();
  #context!: ServiceContext;

  constructor(options: ProcessOptions, spawn: Spawn) {
    this.#options = options;
    this.#spawn = spawn;
  }

  async start(context: ServiceContext): Promise<void> {
    this.#context = context;
    const { stop, ready } = this.#options;
    const process = new Children(context, this.#spawn).run(
      this.#options,
      stop,
      (stream, line) => this.#lineWritten(stream, line),
    );
    context.log.debug("Process started", { pid: process.pid });
    this.#count(process);
    const waiting = new AbortController();
    const signal = AbortSignal.any([waiting.signal, context.draining, context.signal]);
    const tooSoon = process.ended.then((exit) => {
      throw new Error(this.#describe(exit) + ("after" in ready ? "" : ", before it was ready"));
    });
    // Once it is ready, its end is told by `#ended`.
    tooSoon.catch(() => {});
    try {
      await Promise.race([whenReady(ready, context, this.#lines, signal), tooSoon]);
    } finally {
      waiting.abort();
    }
    void process.ended.then((exit) => this.#ended(exit));
  }

  async health(): Promise<void> {
    const { health } = this.#options;
    if (health !== undefined) await ask(health, this.#context.reactor, this.#context.signal);
  }

  #ended(exit: ProcessExit): void {
    if (this.#context.draining.aborted) return;
    const { successCodes } = this.#options;
    if (exit.signal === null && successCodes.includes(exit.code)) this.#context.finish(exit);
    else this.#context.fail(new Error(this.#describe(exit)));
  }

  #describe(exit: ProcessExit): string {
    return describeExit(this.#options, exit, this.#lines.last);
  }

  #lineWritten(stream: "stdout" | "stderr", line: string): void {
    this.#lines.see(line);
    const level = this.#options.log[stream];
    if (level !== "off") this.#context.log[level](line);
  }

  #count({ pid, ended }: RunningProcess): void {
    const set = this.#context.get(metrics);
    const meter = new UsageMeter(pid, this.#context.reactor);
    const forget = set.onCollect(() => {
      // As long as nothing is known there is no metric, rather than one that says 0.
      const usage = meter.read();
      if (usage === null) return;
      set.gauge("program_cpu_seconds", { help: "User and system time of the program" }).with()
        .set(usage.cpuSeconds);
      set.gauge("program_resident_memory_bytes", { help: "Resident memory of the program" }).with()
        .set(usage.residentBytes);
    });
    void ended.then(forget);
  }
}
