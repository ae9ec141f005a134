import type { ReactorTime } from "../../services/async/time.ts";
import type { LogFields, Logger } from "../../services/log.ts";

/** Lines of the same message in a row, and how long the row is taken for one, ms. */
const MOST = 5;
const WINDOW = 1_000;

/** What was written of one message in a window that has begun. */
interface Row {
  readonly since: number;
  lines: number;
  /** Those that were not written. */
  more: number;
  latest: LogFields;
}

/**
 * A log for what may happen with every request: of each warning and error, so many lines are written in a second,
 * and then the latest with the number of those that were not (`notShown`). A flood of requests that fail, which
 * strangers can make, so fills no disk, and hides nothing else.
 */
export class RequestLog implements Logger {
  readonly #log: Logger;
  readonly #time: ReactorTime;
  /** By level and message, of which there are few: what tells one case from another is in the fields. */
  readonly #rows = new Map<string, Row>();

  constructor(log: Logger, time: ReactorTime) {
    this.#log = log;
    this.#time = time;
  }

  debug(message: string, fields?: LogFields): void {
    this.#log.debug(message, fields);
  }

  info(message: string, fields?: LogFields): void {
    this.#log.info(message, fields);
  }

  warn(message: string, fields: LogFields = {}): void {
    this.#write("warn", message, fields);
  }

  error(message: string, fields: LogFields = {}): void {
    this.#write("error", message, fields);
  }

  #write(level: "warn" | "error", message: string, fields: LogFields): void {
    const key = `${level} ${message}`;
    const now = this.#time.now();
    let row = this.#rows.get(key);
    if (row === undefined || (row.more === 0 && now - row.since >= WINDOW)) {
      this.#rows.set(key, row = { since: now, lines: 0, more: 0, latest: fields });
    }
    if (row.lines < MOST) {
      row.lines++;
      return this.#log[level](message, fields);
    }
    row.latest = fields;
    if (row.more++ > 0) return;
    this.#time.callLater(row.since + WINDOW - now, () => {
      this.#rows.delete(key);
      this.#log[level](message, { ...row.latest, notShown: row.more - 1 });
    });
  }
}
