import { getLogger, type LogRecord as TapeRecord } from "@logtape/logtape";
import type { Logger } from "../../services/log.ts";
import { BatchWriter, type Destination } from "../../services/log_file/batch_writer.ts";
import { formatJsonLine } from "./json_lines.ts";
import type { LogFormat, LogLevel, LogOptions } from "./options.ts";
import { COLOURS, PLAIN, prettyFormatter } from "./pretty.ts";
import { type LogFormatter, type LogRecord, RUNNER } from "./record.ts";
import { RotatingFile } from "../../services/log_file/rotating_file.ts";
import { systemReason } from "../../services/log_file/system_reason.ts";
import { ServiceLogger } from "./_service_logger.ts";
import { removeRoute, setRoute } from "./_tape.ts";

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
  /** Told of every record that is written. */
  readonly onRecord?: (record: LogRecord) => void;
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

/** Our names for LogTape's levels; those it has beyond go to the next. */
const FROM_TAPE = {
  trace: "debug",
  debug: "debug",
  info: "info",
  warning: "warn",
  error: "error",
  fatal: "error",
} as const satisfies Record<TapeRecord["level"], LogLevel>;

let opened = 0;

/**
 * Open a log. It stands on LogTape: what libraries log through LogTape arrives in it, too; in the one that was
 * opened first, if there are several.
 * @throws {LogFileError} when its file cannot be opened
 * @throws {Error} when the program has configured LogTape for itself
 */
export function openLog(options: LogOptions, environment: LogEnvironment): Log {
  opened += 1;
  return new TapeLog(opened === 1 ? RUNNER : `${RUNNER}-${opened}`, options, environment);
}

/** Where the records of one configuration go. */
interface Output {
  readonly format: LogFormatter;
  readonly writer: BatchWriter;
  readonly file: RotatingFile | null;
}

class TapeLog implements Log {
  /** Category of all its records. */
  readonly #root: string;
  readonly #environment: LogEnvironment;
  readonly #stderr: BatchWriter;
  #output: Output;
  /** Settles when what earlier configurations wrote to is closed. */
  #closing: Promise<unknown> = Promise.resolve();

  constructor(root: string, options: LogOptions, environment: LogEnvironment) {
    this.#root = root;
    this.#environment = environment;
    // What cannot be written to standard error cannot be told to anybody.
    this.#stderr = new BatchWriter(environment.stderr, { failed: () => {}, recovered: () => {} });
    this.#route(options);
    try {
      this.#output = this.#open(options);
    } catch (error) {
      removeRoute(root);
      throw error;
    }
  }

  logger(path = ""): Logger {
    return new ServiceLogger(getLogger([this.#root, ...stepsOf(path)]), this.#environment.now);
  }

  configure(options: LogOptions): void {
    const previous = this.#output;
    this.#output = this.#open(options);
    this.#route(options);
    this.#closing = Promise.all([this.#closing, close(previous)]);
  }

  reopen(): void {
    this.#output.file?.reopen();
  }

  async flush(): Promise<void> {
    await this.#output.writer.flush();
    await this.#stderr.flush();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    removeRoute(this.#root);
    await this.#closing;
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
    setRoute({
      root: this.#root,
      level,
      levels: Object.entries(services).map(([path, own]) => [stepsOf(path), own]),
      write: (record) => this.#write(toRecord(record, this.#root)),
    });
  }

  #write(record: LogRecord): void {
    this.#output.writer.write(this.#output.format(record));
    this.#environment.onRecord?.(record);
  }

  /** Trouble with the log file goes to standard error, in the form that is read there. */
  #complain(message: string): void {
    const { terminal, colour, now } = this.#environment;
    const record: LogRecord = { time: now(), level: "error", service: RUNNER, message, fields: {} };
    this.#stderr.write(formatter("auto", terminal, colour)(record));
  }
}

function formatter(format: LogFormat, terminal: boolean, colour: boolean): LogFormatter {
  const pretty = format === "pretty" || (format === "auto" && terminal);
  return pretty ? prettyFormatter(terminal && colour ? COLOURS : PLAIN) : formatJsonLine;
}

/** `backend.store` is a category within `backend`: so levels of a group reach what is in it. */
function stepsOf(path: string): string[] {
  return path === "" ? [] : path.split(".");
}

/** A library's record is the runner's, and names the library's own category. */
function toRecord({ timestamp, level, category, message, properties }: TapeRecord, root: string): LogRecord {
  const [first, ...path] = category;
  const ours = first === root;
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
