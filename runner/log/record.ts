import type { LogFields } from "../../services/log.ts";
import type { LogLevel } from "./options.ts";

/** The name under which the runner itself logs. */
export const RUNNER = "heddle";

/** One event, as it is written. */
export interface LogRecord {
  /** Milliseconds since the epoch. */
  readonly time: number;
  readonly level: LogLevel;
  /** The path of the service whose event it is; `heddle` is the runner. */
  readonly service: string;
  readonly message: string;
  readonly fields: LogFields;
}

/** Turns a record into its text, line end included. */
export type LogFormatter = (record: LogRecord) => string;
