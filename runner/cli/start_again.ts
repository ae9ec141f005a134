/** Set for the second process, so that there is never a third. */
const MARK = "HEDDLE_STARTED_AGAIN";

/** Signals that are handed on, so that who supervises this process supervises that one. */
const SIGNALS = ["SIGTERM", "SIGINT", "SIGHUP", "SIGUSR1", "SIGUSR2"] as const;

const PERMISSIONS = ["read", "write", "net", "env", "sys", "run", "ffi"] as const;

/**
 * Deno gives datagrams and shared ports only to a process that was started with `--unstable-net`, which a
 * program cannot ask for from within. A project that runs `jsr:@heddle/heddle/cli` is not to know of that: so
 * start the same command line again, with the flag.
 *
 * Resolves to the exit status of that process; null when it need not or cannot be started, as without all
 * permissions (which reading one's own command line takes), and the services must do with what there is.
 */
export async function startAgainWithNet(): Promise<number | null> {
  if (hasNet() || Deno.build.standalone) return null;
  try {
    const own = ownArguments();
    if (own === null || Deno.env.get(MARK) !== undefined) return null;
    return await superviseAgain(withFlag("--unstable-net", own), { [MARK]: "1" });
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable || error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

function hasNet(): boolean {
  return typeof Deno.listenDatagram === "function";
}

/** What followed `deno` on the command line. Linux knows; elsewhere it can be told only of who may do anything. */
function ownArguments(): readonly string[] | null {
  if (Deno.build.os === "linux") return Deno.readTextFileSync("/proc/self/cmdline").split("\0").slice(1, -1);
  const mayAll = PERMISSIONS.every((name) => Deno.permissions.querySync({ name }).state === "granted");
  return mayAll ? ["run", "--allow-all", Deno.mainModule, ...Deno.args] : null;
}

/** Deno's own flags end where the module is named, just before the program's arguments. */
function withFlag(flag: string, args: readonly string[]): string[] {
  const module = args.length - Deno.args.length - 1;
  return args.toSpliced(module, 0, flag);
}

/** This command line, with the permissions that this process has: of each kind, all or none. */
export function sameAgain(): string[] {
  const granted = PERMISSIONS.filter((name) => Deno.permissions.querySync({ name }).state === "granted");
  return [
    "run",
    "--no-prompt",
    ...(hasNet() ? ["--unstable-net"] : []),
    ...granted.map((name) => `--allow-${name}`),
    Deno.mainModule,
    ...Deno.args,
  ];
}

/** Run Deno with `args` and more environment in the place of this process; resolves to its exit status. */
export async function superviseAgain(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<number> {
  const child = new Deno.Command(Deno.execPath(), {
    args: [...args],
    env,
    stdin: "inherit",
    stdout: "inherit",
    stderr: "inherit",
  }).spawn();
  return await supervise(child);
}

async function supervise(child: Deno.ChildProcess): Promise<number> {
  // A terminal sends its interrupt and its hangup to both processes: handed on, they would count twice.
  const fromTerminal = Deno.stdin.isTerminal() ? ["SIGINT", "SIGHUP"] : [];
  const handlers = SIGNALS.map((signal) => {
    const handler = () => {
      if (!fromTerminal.includes(signal)) tell(child, signal);
    };
    Deno.addSignalListener(signal, handler);
    return { signal, handler };
  });
  const { code } = await child.status;
  for (const { signal, handler } of handlers) Deno.removeSignalListener(signal, handler);
  return code;
}

function tell(child: Deno.ChildProcess, signal: Deno.Signal): void {
  try {
    child.kill(signal);
  } catch {
    // It has just ended.
  }
}
