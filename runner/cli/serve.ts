import type { Logger } from "../../services/log.ts";
import type { IsolationNote } from "../app/isolation.ts";
import { loadApplication, type LoadedApplication } from "../app/load_application.ts";
import { type Log, type LogEnvironment, openLog } from "../log/log.ts";
import { LOG_FORMATS, LOG_LEVELS, type LogOptions } from "../log/options.ts";
import { type Claim, claimControl, ControlSocketError, NameTakenError } from "../control/claim.ts";
import { ControlDoor } from "../control/control_door.ts";
import { LogTail } from "../control/log_tail.ts";
import type { ReadApplication } from "../control/reloader.ts";
import { Runner } from "../runner.ts";
import { coalesce } from "./coalesce.ts";
import { colourOn } from "./colour.ts";
import type { FlagValues } from "./command_line.ts";
import { type Command, defineCommand } from "./command.ts";
import { EXIT } from "./exit_status.ts";
import { hasControllingTerminal } from "./controlling_terminal.ts";
import { reportFileError } from "./file_errors.ts";
import type { CommandIO } from "./io.ts";
import { isTelemetryOn } from "../telemetry/resource.ts";
import { StartScreen } from "./start_screen.ts";

const flags = {
  "log-level": {
    kind: "string",
    placeholder: "LEVEL",
    choices: LOG_LEVELS,
    help: `${LOG_LEVELS.join(", ")}; instead of what the file says`,
  },
  "log-format": {
    kind: "string",
    placeholder: "FORMAT",
    choices: LOG_FORMATS,
    help: `${LOG_FORMATS.join(", ")}; instead of what the file says`,
  },
  watch: {
    kind: "boolean",
    help: "reload when the file or what it includes changes, restart what runs a local plugin that does",
  },
  control: {
    kind: "string",
    placeholder: "PATH",
    help: "where the control socket is to be, or off; instead of what the file and HEDDLE_CONTROL say",
  },
} as const;

/** `heddle serve` */
export const command: Command = defineCommand({
  verb: "serve",
  summary: "run the application that a file describes",
  usage: "APP.yaml",
  operands: { name: "application file", min: 1, max: 1 },
  flags,
  details: `\
The log goes to standard error unless the file says otherwise.

Signals:
  SIGTERM, SIGINT  stop in order; the second one stops at once
  SIGHUP           read the file again, check it, and do what has changed; on a terminal: stop
  SIGUSR1          open the log file again

While it runs, "heddle status" and its relatives reach it through its control socket.

Exit status: 0 stopped, or done; 66 no such file; 69 failed before it was first ready, or an application of that
name is being served already; 70 failed later, or a fault of Heddle's own; 73 no control socket where it was asked
for; 78 a bad file.`,
  async run({ flags, operands: [file = ""] }, io) {
    if (flags.watch) {
      const status = await (await import("./serve_watched.ts")).serveWatched(io.env);
      if (status !== null) return status;
    }
    const load = async (): Promise<LoadedApplication> => {
      const application = await loadApplication(file, { env: { get: io.env } });
      return { ...application, log: withFlags(application.log, flags) };
    };
    try {
      const application = await load();
      if (isTelemetryOn(io.env)) {
        const { startAgainAs } = await import("./start_again_as.ts");
        const status = await startAgainAs(application.spec.name, io);
        if (status !== null) return status;
      }
      const logs = new LogTail();
      await using log = openLog(application.log, logEnvironment(io, logs));
      const claimed = await claim(application, flags.control ?? io.env("HEDDLE_CONTROL"), log.logger(), io);
      if (typeof claimed === "number") return claimed;
      using _ = claimed;
      return await serve(application, {
        load,
        log,
        logs,
        io,
        socket: claimed?.socket,
        watch: flags.watch,
      });
    } catch (error) {
      const status = reportFileError(file, error, io);
      if (!flags.watch || status !== EXIT.config) return status;
      const { changeBeside } = await import("../watch/watch_files.ts");
      const change = changeBeside(file);
      io.stderr.print("Waiting for a change\n");
      await change;
      return EXIT.startAgain;
    }
  },
});

interface Surroundings {
  /** Read the application file again. */
  load(): Promise<LoadedApplication>;
  readonly log: Log;
  readonly logs: LogTail;
  readonly io: CommandIO;
  /** Where the control socket is to be. */
  readonly socket: string | undefined;
  /** Watch the files. */
  readonly watch: boolean;
}

/** Run the application until it ends; resolves to the exit status. */
async function serve(
  application: LoadedApplication,
  { load, log, logs, io, socket, watch }: Surroundings,
): Promise<number> {
  const { stderr } = io;
  const watched = stderr.isTerminal && application.log.format !== "json";
  const screen = watched
    ? new StartScreen({ spec: application.spec, screen: stderr, uptime: () => performance.now() })
    : null;
  const read = async (): Promise<ReadApplication> => {
    const loaded = await load();
    const { spec, log: options, isolation } = loaded;
    const adopt = (): void => {
      log.configure(options);
      watching?.update(loaded);
      warnOf(isolation, log);
    };
    return { spec, adopt };
  };
  const reloading = coalesce(async () => void await runner.control.reload());
  const runner: Runner = new Runner(application.spec, {
    log: (path) => log.logger(path),
    source: { read },
    onEvent: (event) => screen?.see(event),
    onStarted: (started) => screen?.started(started),
    // What the screen shows need not be said again below it.
    quiet: () => screen?.starting === true && application.log.file === null,
    // Of a terminal, SIGHUP says that it is gone.
    onReload: hasControllingTerminal() ? () => void runner.supervisor.stop() : reloading,
    onReopen: () => log.reopen(),
  }, logs);
  const door = socket === undefined ? null : new ControlDoor(socket, runner);
  warnOf(application.isolation, log);
  using _notifier = io.env("NOTIFY_SOCKET") === undefined
    ? null
    : (await import("../systemd/start_notifier.ts")).startNotifier(runner, io.env);
  using _telemetry = isTelemetryOn(io.env)
    ? (await import("../telemetry/start_telemetry.ts")).startTelemetry(runner)
    : null;
  let startAgain = false;
  using watching = !watch
    ? null
    : new (await import("../watch/application_watch.ts")).ApplicationWatch(application, {
      control: runner.control,
      log: log.logger(),
      startAgain: () => {
        startAgain = true;
        void runner.supervisor.stop();
      },
    });
  const { status } = await runner.run();
  await door?.settled();
  return startAgain ? EXIT.startAgain : status;
}

/** The claim to the control socket; null where there is to be none, or it can be done without; else the exit status. */
async function claim(
  { spec, control }: LoadedApplication,
  given: string | undefined,
  log: Logger,
  io: CommandIO,
): Promise<Claim | null | number> {
  const where = given === undefined || given === "" ? control : given === "off" ? null : given;
  const uid = Deno.uid();
  if (where === null || uid === null) return null;
  try {
    return await claimControl(spec.name, where, { env: io.env, uid });
  } catch (error) {
    if (!(error instanceof ControlSocketError)) throw error;
    const isTaken = error instanceof NameTakenError;
    if (where === undefined && !isTaken) {
      log.warn(`${error.message}: "heddle status" will not reach this application`);
      return null;
    }
    io.stderr.print(`${error.message}\n`);
    return isTaken ? EXIT.unavailable : EXIT.cannotCreate;
  }
}

/** Settings that are in vain, or give away more than they seem to. */
function warnOf(isolation: readonly IsolationNote[], log: Log): void {
  for (const { path, warnings } of isolation) for (const warning of warnings) log.logger(path).warn(warning);
}

function withFlags(options: LogOptions, given: FlagValues<typeof flags>): LogOptions {
  return {
    ...options,
    level: given["log-level"] ?? options.level,
    format: given["log-format"] ?? options.format,
  };
}

function logEnvironment(io: CommandIO, logs: LogTail): LogEnvironment {
  const { stderr } = io;
  return {
    stderr,
    terminal: stderr.isTerminal,
    colour: colourOn(stderr, io),
    now: Date.now,
    onRecord: (record) => logs.add(record),
  };
}
