import type { LogFields, Logger } from "../log.ts";

/** One call of a logger's method. */
export interface LogRecord {
  /** Which method it was. */
  readonly level: "debug" | "info" | "warn" | "error";
  /** Its first argument. */
  readonly message: string;
  /** Its second argument; empty when there was none. */
  readonly fields: LogFields;
}

/** A logger that keeps what it is given. */
export interface RecordingLogger extends Logger {
  /** What was logged, oldest first. */
  readonly records: LogRecord[];
}

/**
 * A logger for tests.
 *
 * @example
 * ```ts
 * import { recordingLogger } from "@heddle/heddle/testing";
 *
 * const log = recordingLogger();
 * log.warn("Line too long", { limit: 16384 });
 * console.assert(log.records[0]?.message === "Line too long");
 * ```
 */
export function recordingLogger(): RecordingLogger {
  const records: LogRecord[] = [];
  const record = (level: LogRecord["level"]) => (message: string, fields: LogFields = {}): void => {
    records.push({ level, message, fields });
  };
  return {
    records,
    debug: record("debug"),
    info: record("info"),
    warn: record("warn"),
    error: record("error"),
  };
}
