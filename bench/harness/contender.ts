import { runProcess } from "./run_process.ts";

/** Until a server says where it listens, ms. */
const START_TIMEOUT = 15_000;
/** Until a server that was asked to end is killed, ms. */
const END_TIMEOUT = 3_000;

/**
 * A server to measure: a program that prints `ready PORT` once it listens there, or `ready PORT PID` where it is
 * another process, started by this one, that listens.
 */
export interface Contender {
  readonly name: string;
  readonly command: readonly string[];
  /** Succeeds where the program can run. Default: it can everywhere. */
  readonly probe?: readonly string[];
  /** What to do where it cannot. */
  readonly install?: string;
}

/** A contender at work. */
export interface RunningContender extends AsyncDisposable {
  readonly pid: number;
  readonly port: number;
}

/** Those of `contenders` that this machine can run, and the others. */
export async function presentContenders<C extends Contender>(
  contenders: readonly C[],
): Promise<{ present: C[]; missing: C[] }> {
  const present: C[] = [];
  const missing: C[] = [];
  for (const contender of contenders) (await isPresent(contender) ? present : missing).push(contender);
  return { present, missing };
}

async function isPresent({ probe }: Contender): Promise<boolean> {
  if (probe === undefined) return true;
  try {
    await runProcess(probe, START_TIMEOUT);
    return true;
  } catch {
    return false;
  }
}

/** The row of a contender that is missing. */
export function missingRow({ name, install }: Contender, columns: number): string[] {
  return [name, `not installed: ${install ?? "?"}`, ...Array<string>(Math.max(0, columns - 2)).fill("")];
}

/**
 * Start a contender, and wait until it listens.
 * @throws {Error} when it ends or does not say so in time
 */
export async function startContender({ name, command }: Contender): Promise<RunningContender> {
  const [program, ...args] = command;
  const child = new Deno.Command(program!, { args, stdin: "null", stdout: "piped", stderr: "inherit" })
    .spawn();
  const timer = setTimeout(() => child.kill("SIGKILL"), START_TIMEOUT);
  try {
    const ready = await readyLine(child.stdout);
    if (ready === null) throw new Error(`Cannot measure ${name}: it ended before it listened`);
    const { port, pid = child.pid } = ready;
    return { pid, port, [Symbol.asyncDispose]: () => end(child) };
  } finally {
    clearTimeout(timer);
  }
}

async function readyLine(stdout: ReadableStream<Uint8Array>): Promise<{ port: number; pid?: number } | null> {
  const reader = stdout.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (true) {
    const { done, value } = await reader.read();
    if (done) return null;
    const said = /^ready (\d+)(?: (\d+))?\n/m.exec(text += value);
    if (said === null) continue;
    void reader.cancel();
    const port = Number(said[1]);
    return said[2] === undefined ? { port } : { port, pid: Number(said[2]) };
  }
}

async function end(child: Deno.ChildProcess): Promise<void> {
  const timer = setTimeout(() => child.kill("SIGKILL"), END_TIMEOUT);
  child.kill("SIGTERM");
  await child.status;
  clearTimeout(timer);
}
