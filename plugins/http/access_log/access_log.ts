import type { ReplyOutcome } from "../../../services/http/options.ts";
import type { Logger } from "../../../services/log.ts";
import { BatchWriter, type Destination } from "../../../services/log_file/batch_writer.ts";
import { RotatingFile } from "../../../services/log_file/rotating_file.ts";
import type { AccessLogOptions } from "./options.ts";
import { type LineFormat, lineFormats } from "./format_line.ts";

/** One line per reply. Lines of one turn are written together; a reader that stalls costs lines, not the service. */
export class AccessLog implements AsyncDisposable {
  readonly #format: LineFormat;
  readonly #writer: BatchWriter;
  readonly #file: RotatingFile | null;

  /** @throws {LogFileError} when the file cannot be opened */
  constructor(options: AccessLogOptions, log: Logger) {
    const { format, file, maxSize, maxAge, keep } = options;
    this.#format = lineFormats[format];
    this.#file = file === null
      ? null
      : new RotatingFile({ path: file, maxSize, maxAge, keep }, { now: Date.now, problem: log.warn });
    const name = file ?? "standard output";
    this.#writer = new BatchWriter(this.#file ?? standardOutput, {
      failed: (error) => log.error("Cannot write the access log: lines are lost", { file: name, error }),
      recovered: (lost) => log.warn("The access log is written again", { file: name, lost }),
    });
  }

  write(outcome: ReplyOutcome): void {
    this.#writer.write(this.#format(outcome, Date.now()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
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
