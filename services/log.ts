/** How much is logged, from all to least. */
export type LogLevel = "debug" | "info" | "warn" | "error";

/** All levels, from the most talkative. */
export const LOG_LEVELS: readonly LogLevel[] = ["debug", "info", "warn", "error"];

/** Structured values that travel with a log record: flat, JSON-serialisable, no secrets. */
export type LogFields = Readonly<Record<string, unknown>>;

/**
 * Where a service writes what an operator should know. The runner hands each service a logger that
 * already carries the service's name; in tests `recordingLogger()` of `@heddle/heddle/testing` keeps
 * the records. Messages start with the event, not with the service: `"Connection refused by policy"`.
 */
export interface Logger {
  /** For who looks for a fault: off by default. */
  debug(message: string, fields?: LogFields): void;
  /** What an operator likes to know: started, stopped, reloaded. */
  info(message: string, fields?: LogFields): void;
  /** Something is not as it should be, and goes on. */
  warn(message: string, fields?: LogFields): void;
  /** Something failed: somebody should look. */
  error(message: string, fields?: LogFields): void;
}

function ignore(): void {}

/** Drops every record. */
export const silentLogger: Logger = { debug: ignore, info: ignore, warn: ignore, error: ignore };
