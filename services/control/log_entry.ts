import type { LogFields, LogLevel } from "../log.ts";

/** A record of the log, as it is kept for who asks later: plain data. */
export interface LogEntry {
  /** Rises by one from record to record, from 1, as long as the runner runs. */
  readonly sequence: number;
  /** Milliseconds since the epoch. */
  readonly time: number;
  /** How bad it is. */
  readonly level: LogLevel;
  /** The path of the service that it is about; `heddle` is the runner. */
  readonly service: string;
  /** What happened. */
  readonly message: string;
  /** What JSON can say; an error is a mapping with `name`, `message` and `stack`. */
  readonly fields: LogFields;
}

/** Which records are wanted. */
export interface LogFilter {
  /** Of this level or worse. Default all. */
  readonly level?: LogLevel;
  /** Of this service, or of all in this group. Default all. */
  readonly service?: string;
}

/** Which of the records that are kept are wanted. */
export interface LogQuery extends LogFilter {
  /** Those that came later than the one with this sequence. */
  readonly after?: number;
  /** The latest so many. Default all that are kept. */
  readonly limit?: number;
}
