import { quote } from "../text/quote.ts";

/** A program to run, and in what surroundings. */
export interface ProcessCommand {
  /** The program, looked up in PATH when it has no slash, and its arguments. No shell is between. */
  readonly command: readonly [string, ...string[]];
  /** Its working folder; default ours. */
  readonly cwd?: string | undefined;
  /** Variables set in its environment. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** It gets nothing of our environment but what `env` says. Default false. */
  readonly clearEnv?: boolean | undefined;
}

/** How a process ended. */
export interface ProcessExit {
  /** Its exit status; 128 and the signal's number after a signal. */
  readonly code: number;
  /** The signal that ended it. */
  readonly signal: string | null;
}

/** A process that runs, at the head of a session of its own: signals reach all that it started. */
export interface ChildProcess {
  /** Of the process, and of its group. */
  readonly pid: number;
  /** What it writes to standard output. */
  readonly stdout: ReadableStream<Uint8Array>;
  /** What it writes to standard error. */
  readonly stderr: ReadableStream<Uint8Array>;
  /** Resolves when the process itself has ended; others of its group may live on. */
  readonly exit: Promise<ProcessExit>;
  /** Send `signal` to all of its group that are alive. */
  signal(signal: Deno.Signal): void;
}

/** Starts a program. @throws {ProcessError} when it cannot be started */
export type Spawn = (command: ProcessCommand) => ChildProcess;

/** A program that cannot be started: `Cannot start "nginx": there is no such program`. */
export class ProcessError extends Error {
  /** Always `"ProcessError"`. */
  override readonly name = "ProcessError";
}

/** Start a program with nothing to read on its standard input. */
export const spawnProcess: Spawn = ({ command: [program, ...args], cwd, env = {}, clearEnv = false }) => {
  let child: Deno.ChildProcess;
  try {
    child = new Deno.Command(program, {
      args,
      env: { ...env },
      clearEnv,
      detached: true,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
      ...(cwd !== undefined && { cwd }),
    }).spawn();
  } catch (error) {
    throw new ProcessError(`Cannot start ${quote(program)}: ${whyNot(error, cwd)}`, { cause: error });
  }
  return {
    pid: child.pid,
    stdout: child.stdout,
    stderr: child.stderr,
    exit: child.status.then(({ code, signal }) => ({ code, signal })),
    signal: (signal) => signalGroup(child.pid, signal),
  };
};

function signalGroup(pid: number, signal: Deno.Signal): void {
  try {
    Deno.kill(-pid, signal);
  } catch (error) {
    // All of the group are gone already.
    if (!(error instanceof Deno.errors.NotFound || isNoSuchProcess(error))) throw error;
  }
}

function isNoSuchProcess(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ESRCH";
}

function whyNot(error: unknown, cwd: string | undefined): string {
  if (cwd !== undefined && !isFolder(cwd)) return `its working folder ${quote(cwd)} does not exist`;
  if (error instanceof Deno.errors.NotFound) return "there is no such program; install it or give its path";
  if (error instanceof Deno.errors.NotCapable) return "Heddle may not run it; start Deno with --allow-run";
  if (error instanceof Deno.errors.PermissionDenied) return "it is not executable by this user";
  return error instanceof Error ? error.message : String(error);
}

function isFolder(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}
