import type { ReactorTime } from "../../../services/async/time.ts";
import type { Logger } from "../../../services/log.ts";
import { AccessLog } from "./access_log.ts";
import type { AccessLogOptions } from "./options.ts";

/** The access logs of a service: one for all routes that name the same. */
export class AccessLogs implements AsyncDisposable {
  readonly #logs = new Map<string, AccessLog>();
  readonly #time: ReactorTime;
  readonly #log: Logger;

  /** `log` is told of what goes wrong. */
  constructor(time: ReactorTime, log: Logger) {
    this.#time = time;
    this.#log = log;
  }

  /** @throws {LogFileError} when the file cannot be opened */
  get(options: AccessLogOptions): AccessLog {
    const key = JSON.stringify(options);
    let log = this.#logs.get(key);
    if (log === undefined) this.#logs.set(key, log = new AccessLog(options, this.#time, this.#log));
    return log;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#logs.values()].map((log) => log[Symbol.asyncDispose]()));
  }
}
