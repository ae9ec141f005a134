import type { ServiceContext } from "../context.ts";
import type { ChildProcess, ProcessCommand, ProcessExit, Spawn } from "./child_process.ts";
import { readLines } from "./read_lines.ts";

/** How a process is asked to stop. */
export interface ProcessStop {
  /** Sent to its group first. */
  readonly signal: Deno.Signal;
  /** Milliseconds from that to SIGKILL; the service's own deadline may come sooner. */
  readonly grace: number;
}

/** A process that belongs to a service. */
export interface RunningProcess {
  /** Of the process, and of its group. */
  readonly pid: number;
  /** Resolves when it has ended, all that it wrote was read, and nothing is left of its group. */
  readonly ended: Promise<ProcessExit>;
  /** Ask it to stop, and make it stop after the grace. */
  stop(): void;
}

/** What running processes takes of a service. */
export type ProcessOwner = Pick<ServiceContext, "reactor" | "draining" | "signal" | "spawn" | "use">;

/** After its end, something that left the group may hold its output open: for so long it is read on, ms. */
const OUTPUT_GRACE = 1_000;

/**
 * The processes of a service, which end with it: a drain asks them to stop and waits for them, the end of the drain
 * kills them, and the release waits until they are gone. What they have started goes with them, as long as it
 * stays in their process groups.
 */
export class Children implements AsyncDisposable {
  readonly #owner: ProcessOwner;
  readonly #spawn: Spawn;
  readonly #running = new Set<ChildProcess>();

  constructor(owner: ProcessOwner, spawn: Spawn) {
    this.#owner = owner;
    this.#spawn = spawn;
    owner.use(this);
  }

  /** Run a program. @throws {ProcessError} when it cannot be started */
  run(
    command: ProcessCommand,
    stop: ProcessStop,
    onLine: (stream: "stdout" | "stderr", line: string) => void,
  ): RunningProcess {
    const { reactor, draining, signal, spawn } = this.#owner;
    const child = this.#spawn(command);
    this.#running.add(child);
    const readers = [child.stdout.getReader(), child.stderr.getReader()] as const;
    const ended = Promise.withResolvers<ProcessExit>();
    let state: "running" | "asked" | "over" = "running";

    const kill = (): void => child.signal("SIGKILL");
    const ask = (): void => {
      if (state !== "running") return;
      state = "asked";
      child.signal(stop.signal);
      if (!signal.aborted) reactor.callLater(stop.grace, () => void (state === "over" || kill()));
    };
    draining.addEventListener("abort", ask);
    signal.addEventListener("abort", kill);

    spawn(async () => {
      const output = Promise.all([
        readLines(readers[0], (line) => onLine("stdout", line)),
        readLines(readers[1], (line) => onLine("stderr", line)),
      ]);
      const exit = await child.exit;
      state = "over";
      this.#running.delete(child);
      draining.removeEventListener("abort", ask);
      signal.removeEventListener("abort", kill);
      // What it has started and left behind in its group.
      kill();
      await endOf(output, readers, this.#owner);
      ended.resolve(exit);
    });
    return { pid: child.pid, ended: ended.promise, stop: ask };
  }

  /** Kill what still runs, and wait until it is gone. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#running].map((child) => {
      child.signal("SIGKILL");
      return child.exit;
    }));
  }
}

/** Let the output be read to its end, but not for ever. */
async function endOf(
  output: Promise<unknown>,
  readers: readonly ReadableStreamDefaultReader<Uint8Array>[],
  { reactor, signal }: ProcessOwner,
): Promise<void> {
  const cancel = (): void => {
    for (const reader of readers) void reader.cancel();
  };
  if (signal.aborted) cancel();
  else {
    const call = reactor.callLater(OUTPUT_GRACE, cancel);
    signal.addEventListener("abort", cancel, { once: true });
    await output;
    call.cancel();
    signal.removeEventListener("abort", cancel);
  }
  await output;
}
