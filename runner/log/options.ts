/** How much is logged, from all to least. */
export type LogLevel = "debug" | "info" | "warn" | "error";

/** All levels, from the most talkative. */
export const LOG_LEVELS: readonly LogLevel[] = ["debug", "info", "warn", "error"];

/** `auto`: pretty on a terminal, JSON lines elsewhere. */
export type LogFormat = "auto" | "pretty" | "json";

/** All formats. */
export const LOG_FORMATS: readonly LogFormat[] = ["auto", "pretty", "json"];

/** A log file that is rotated: `path` is being written, `path.1` is the latest old one, `path.2` the one before. */
export interface LogFileOptions {
  /** Relative to the working directory. Its folder must exist. */
  readonly path: string;
  /** Bytes at which the file is rotated. Default 10 MiB. */
  readonly maxSize: number;
  /** Old files that are kept; 0 keeps none. Default 5. */
  readonly keep: number;
  /** Milliseconds after which the file is rotated whatever its size; null: never. Default null. */
  readonly maxAge: number | null;
}

/** The `log:` part of an application file. */
export interface LogOptions {
  /** Default `info`. */
  readonly level: LogLevel;
  /** Levels of single services or groups by path; a group's level holds for what is in it. */
  readonly services: Readonly<Record<string, LogLevel>>;
  /** Default `auto`. */
  readonly format: LogFormat;
  /** Null: standard error. */
  readonly file: LogFileOptions | null;
}

/** What a log has when nothing else is said. */
export const LOG_DEFAULTS: LogOptions = { level: "info", services: {}, format: "auto", file: null };
/** What a log file has when only its path is said. */
export const LOG_FILE_DEFAULTS: Omit<LogFileOptions, "path"> = {
  maxSize: 10 * 1024 * 1024,
  keep: 5,
  maxAge: null,
};
