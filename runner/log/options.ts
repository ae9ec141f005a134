import type { LogFileOptions } from "../../services/log_file/log_file_options.ts";

import type { LogLevel } from "../../services/log.ts";

export { LOG_LEVELS, type LogLevel } from "../../services/log.ts";

/** `auto`: pretty on a terminal, JSON lines elsewhere. */
export type LogFormat = "auto" | "pretty" | "json";

/** All formats. */
export const LOG_FORMATS: readonly LogFormat[] = ["auto", "pretty", "json"];

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
