import { configureSync, getLogger, type LogRecord as TapeRecord, resetSync } from "@logtape/logtape";
import type { LogFields, Logger } from "../../services/log.ts";
import { BatchWriter, type Destination } from "./batch_writer.ts";
import { formatJsonLine } from "./json_lines.ts";
import type { LogFormat, LogLevel, LogOptions } from "./options.ts";
import { COLOURS, PLAIN, prettyFormatter } from "./pretty.ts";
import type { LogFormatter, LogRecord } from "./record.ts";
import { RotatingFile } from "./rotating_file.ts";
import { systemReason } from "./system_reason.ts";

/** The name under which the runner itself logs. */
export const RUNNER = "heddle";

/** What a log needs of the process around it. */
export interface LogEnvironment {
  /** Standard error: where records go without a file, and what goes wrong with the file in any case. */
  readonly stderr: Destination;
  /** Whether `stderr` is a terminal: decides what `auto` means. */
  readonly terminal: boolean;
  /** Whether a terminal may be painted (https://no-color.org). */
  readonly colour: boolean;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** An application's log, open. */
export interface Log extends AsyncDisposable {
  /** The logger of the service at `path`; the runner's own at `""`, the default. */
  logger(path?: string): Logger;
  /** Take other levels, format or file from now on. Throws, and changes nothing, when the file cannot be opened. */
  configure(options: LogOptions): void;
  /** Open the log file anew after another program has moved it. Without a file, does nothing. */
  reopen(): void;
  /** Resolves when all records so far are written. */
  flush(): Promise<void>;
}

/** LogTape's names for the levels, by ours; those it has beyond go to the next. */
const TO_TAPE = { debug: "debug", info: "info", warn: "warning", error: "error" } as const;
const FROM_TAPE = {
  trace: "debug",
  debug: "debug",
  info: "info",
  warning: "warn",
  error: "error",
  fatal: "error",
} as const satisfies Record<TapeRecord["level"], LogLevel>;

let opened = false;

/**
 * Open a log. It stands on LogTape, so that what libraries log through LogTape arrives in it too; and since
 * LogTape's configuration is the process's, there is one open log at a time.
 * @throws {Error} when a log is open already, or its file cannot be opened
 */
export function openLog(options: LogOptions, environment: LogEnvironment): Log {
  if (opened) throw new Error("Cannot open a second log in one process: close the first");
  const log = new TapeLog(options, environment);
  opened = true;
  return log;
}

/** Where the records of one configuration go. */
interface Output {
  readonly format: LogFormatter;
  readonly writer: BatchWriter;
  readonly file: RotatingFile | null;
}

class TapeLog implements Log {
  readonly #environment: LogEnvironment;
  readonly #stderr: BatchWriter;
  #output: Output;

  constructor(options: LogOptions, environment: LogEnvironment) {
    this.#environment = environment;
    // What cannot be written to standard error cannot be told to anybody.
    this.#stderr = new BatchWriter(environment.stderr, { failed: () => {}, recovered: () => {} });
    this.#output = this.#open(options);
    this.#route(options);
  }

  logger(path = ""): Logger {
    return new ServiceLogger(path, this.#environment.now);
  }

  configure(options: LogOptions): void {
    const previous = this.#output;
    this.#output = this.#open(options);
    this.#route(options);
    void close(previous);
  }

  reopen(): void {
    this.#output.file?.reopen();
  }

  async flush(): Promise<void> {
    await this.#output.writer.flush();
    await this.#stderr.flush();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    resetSync();
    opened = false;
    await close(this.#output);
    await this.#stderr.flush();
  }

  #open({ format, file: options }: LogOptions): Output {
    const { terminal, colour, now } = this.#environment;
    if (options === null) {
      return { format: formatter(format, terminal, colour), writer: this.#stderr, file: null };
    }
    const problem = (message: string) => this.#complain(message);
    const file = new RotatingFile(options, { now, problem });
    const writer = new BatchWriter(file, {
      failed: (error) => problem(`Cannot write log file "${options.path}": ${systemReason(error)}`),
      recovered: (lost) => problem(`Log file "${options.path}" is written again; ${lost} records were lost`),
    });
    return { format: formatter(format, false, false), writer, file };
  }

  #route({ level, services }: LogOptions): void {
    const levels: (readonly [category: string[], lowest: TapeRecord["level"]])[] = [
      [[], TO_TAPE[level]],
      [["logtape", "meta"], "warning"], // LogTape's remarks on itself
      ...Object.entries(services).map(([path, own]) => [categoryOf(path), TO_TAPE[own]] as const),
    ];
    configureSync({
      reset: true,
      sinks: { output: (record) => this.#write(toRecord(record)) },
      // Each on its own: a sink that is inherited would hold the parent's level, too.
      loggers: levels.map(([category, lowestLevel]) => ({
        category,
        lowestLevel,
        sinks: ["output"],
        parentSinks: "override",
      })),
    });
  }

  #write(record: LogRecord): void {
    this.#output.writer.write(this.#output.format(record));
  }

  /** Trouble with the log file goes to standard error, in the form that is read there. */
  #complain(message: string): void {
    const { terminal, colour, now } = this.#environment;
    const record: LogRecord = { time: now(), level: "error", service: RUNNER, message, fields: {} };
    this.#stderr.write(formatter("auto", terminal, colour)(record));
  }
}

/** Hands each record to LogTape as it stands: a message is text, never a template with braces to fill. */
class ServiceLogger implements Logger {
  readonly #tape;
  readonly #now: () => number;

  constructor(path: string, now: () => number) {
    this.#tape = getLogger(categoryOf(path));
    this.#now = now;
  }

  debug(message: string, fields?: LogFields): void {
    this.#emit("debug", message, fields);
  }
  info(message: string, fields?: LogFields): void {
    this.#emit("info", message, fields);
  }
  warn(message: string, fields?: LogFields): void {
    this.#emit("warning", message, fields);
  }
  error(message: string, fields?: LogFields): void {
    this.#emit("error", message, fields);
  }

  #emit(level: TapeRecord["level"], message: string, fields: LogFields = {}): void {
    if (!this.#tape.isEnabledFor(level)) return;
    this.#tape.emit({
      level,
      timestamp: this.#now(),
      message: [message],
      rawMessage: message,
      properties: fields,
    });
  }
}

function formatter(format: LogFormat, terminal: boolean, colour: boolean): LogFormatter {
  const pretty = format === "pretty" || (format === "auto" && terminal);
  return pretty ? prettyFormatter(terminal && colour ? COLOURS : PLAIN) : formatJsonLine;
}

/** `backend.store` is a category within `backend`: so levels of a group reach what is in it. */
function categoryOf(path: string): [string, ...string[]] {
  return path === "" ? [RUNNER] : [RUNNER, ...path.split(".")];
}

/** A library's record is the runner's, and names the library's own category. */
function toRecord({ timestamp, level, category, message, properties }: TapeRecord): LogRecord {
  const [root, ...path] = category;
  const ours = root === RUNNER;
  return {
    time: timestamp,
    level: FROM_TAPE[level],
    service: ours && path.length > 0 ? path.join(".") : RUNNER,
    message: message.map((part) => typeof part === "string" ? part : Deno.inspect(part, { colors: false }))
      .join(""),
    fields: ours ? properties : { ...properties, library: category.join(".") },
  };
}

async function close({ writer, file }: Output): Promise<void> {
  await writer.flush();
  file?.[Symbol.dispose]();
}
