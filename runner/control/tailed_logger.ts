import type { Logger, LogLevel } from "../../services/log.ts";
import { RUNNER } from "../log/record.ts";
import type { LogTail } from "./log_tail.ts";

/**
 * A logger whose records are kept in `tail`, too, but for those of level `debug`: whether anybody wants them, only
 * `logger` knows.
 */
export function tailedLogger(logger: Logger, path: string, tail: LogTail): Logger {
  const service = path === "" ? RUNNER : path;
  const both = (level: Exclude<LogLevel, "debug">): Logger["info"] => (message, fields = {}) => {
    logger[level](message, fields);
    tail.add({ time: Date.now(), level, service, message, fields });
  };
  return {
    debug: (message, fields) => logger.debug(message, fields),
    info: both("info"),
    warn: both("warn"),
    error: both("error"),
  };
}
