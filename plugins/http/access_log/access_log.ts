import type { DelayedCall, ReactorTime } from "../../../services/async/time.ts";
import type { ReplyOutcome } from "../../../services/http/options.ts";
import type { Logger } from "../../../services/log.ts";
import { BatchWriter, type Destination } from "../../../services/log_file/batch_writer.ts";
import { RotatingFile } from "../../../services/log_file/rotating_file.ts";
import { type LineFormat, lineFormats } from "./format_line.ts";
import type { AccessLogOptions } from "./options.ts";

/** Lines are written so long after the first of them, ms, or when they are so many characters: a write costs as much as a request. */
const DELAY = 100;
const MOST_WAITING = 64 * 1024;

/** One line for each reply, many lines to a write. A reader that stalls costs lines, not the service. */
export class AccessLog implements AsyncDisposable {
  readonly #format: LineFormat;
  readonly #time: ReactorTime;
  readonly #writer: BatchWriter;
  readonly #file: RotatingFile | null;
  #lines = "";
  #timer: DelayedCall | null = null;
  /** The time of the lines of this turn; 0 before the first of them. */
  #now = 0;

  /** @throws {LogFileError} when the file cannot be opened */
  constructor(options: AccessLogOptions, time: ReactorTime, log: Logger) {
    const { format, file, maxSize, maxAge, keep } = options;
    this.#format = lineFormats[format];
    this.#time = time;
    this.#file = file === null
      ? null
      : new RotatingFile({ path: file, maxSize, maxAge, keep }, { now: Date.now, problem: log.warn });
    const name = file ?? "standard output";
    this.#writer = new BatchWriter(this.#file ?? standardOutput, {
      failed: (error) => log.error("Cannot write the access log: lines are lost", { file: name, error }),
      recovered: (writes) => log.warn("The access log is written again", { file: name, lostWrites: writes }),
    });
  }

  write(outcome: ReplyOutcome): void {
    if (this.#now === 0) {
      this.#now = Date.now();
      queueMicrotask(this.#turnOver);
    }
    this.#lines += this.#format(outcome, this.#now);
    if (this.#lines.length >= MOST_WAITING) this.#flush();
    else this.#timer ??= this.#time.callLater(DELAY, this.#flush);
  }

  readonly #turnOver = (): void => void (this.#now = 0);

  readonly #flush = (): void => {
    this.#timer?.cancel();
    this.#timer = null;
    if (this.#lines === "") return;
    this.#writer.write(this.#lines);
    this.#lines = "";
  };

  async [Symbol.asyncDispose](): Promise<void> {
    this.#flush();
    await this.#writer.flush();
    this.#file?.[Symbol.dispose]();
  }
}

const standardOutput: Destination = {
  async write(batch) {
    for (let written = 0; written < batch.length;) {
      written += await Deno.stdout.write(batch.subarray(written));
    }
  },
};
