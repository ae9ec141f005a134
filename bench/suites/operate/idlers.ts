import { runProcess } from "../../harness/run_process.ts";

/** A supervisor that does nothing but watch. */
export interface Idler {
  readonly name: string;
  readonly install: string;
  /** Start it with so many services, and wait until all run; null where it is not installed. */
  start(services: number): Promise<RunningIdler | null>;
}

/** One at work. */
export interface RunningIdler extends AsyncDisposable {
  /** Of the supervisor itself. */
  readonly pid: number;
}

/** Until all services must run, ms. */
const START_TIMEOUT = 90_000;

const supervisord: Idler = {
  name: "supervisord",
  install: "apt-get install supervisor",
  async start(services) {
    if (!await runs("supervisord", "--version")) return null;
    const folder = await Deno.makeTempDir({ prefix: "bench" });
    const config = `${folder}/supervisord.conf`;
    await Deno.writeTextFile(
      config,
      `[supervisord]
nodaemon=true
logfile=/dev/null
logfile_maxbytes=0
pidfile=${folder}/pid
[unix_http_server]
file=${folder}/sock
[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface
[supervisorctl]
serverurl=unix://${folder}/sock
[program:idle]
command=sleep infinity
process_name=%(program_name)s_%(process_num)d
numprocs=${services}
redirect_stderr=true
stdout_logfile=/dev/null
`,
    );
    const child = new Deno.Command("supervisord", {
      args: ["-c", config],
      stdout: "null",
      stderr: "null",
    }).spawn();
    await until(async () => {
      const status = await output("supervisorctl", "-c", config, "status");
      return status.split("RUNNING").length - 1 === services;
    });
    return {
      pid: child.pid,
      async [Symbol.asyncDispose]() {
        child.kill("SIGTERM");
        await child.status;
        await Deno.remove(folder, { recursive: true });
      },
    };
  },
};

const pm2: Idler = {
  name: "PM2",
  install: "npm install --global pm2",
  async start(services) {
    if (!await runs("pm2", "--version")) return null;
    const folder = await Deno.makeTempDir({ prefix: "bench" });
    const run = (...args: string[]) => output("env", `PM2_HOME=${folder}`, "pm2", ...args);
    const apps = Array.from({ length: services }, (_, i) => ({
      name: `idle${i}`,
      script: "/bin/sleep",
      args: "infinity",
      interpreter: "none",
    }));
    await Deno.writeTextFile(`${folder}/apps.json`, JSON.stringify({ apps }));
    await run("start", `${folder}/apps.json`);
    return {
      pid: Number(await Deno.readTextFile(`${folder}/pm2.pid`)),
      async [Symbol.asyncDispose]() {
        await run("kill");
        await Deno.remove(folder, { recursive: true });
      },
    };
  },
};

/** Those that Heddle is measured beside. */
export const idlers: readonly Idler[] = [supervisord, pm2];

async function runs(...command: string[]): Promise<boolean> {
  try {
    await runProcess(command, 15_000);
    return true;
  } catch {
    return false;
  }
}

/** What a command prints, whatever its exit status: `supervisorctl status` has one of its own. */
async function output(program: string, ...args: string[]): Promise<string> {
  const { stdout } = await new Deno.Command(program, { args, stdin: "null", stderr: "null" }).output();
  return new TextDecoder().decode(stdout);
}

async function until(test: () => Promise<boolean>): Promise<void> {
  const late = performance.now() + START_TIMEOUT;
  while (!await test()) {
    if (performance.now() > late) {
      throw new Error("Cannot measure the supervisor: its services do not come up");
    }
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}
