import { RECORD_SEPARATOR, type ToRunner } from "../protocol.ts";

/** Characters of log records that may wait for a runner which is busy; records beyond are dropped and counted. */
const MAX_LOG_PENDING = 1 << 20;

/** What a process writes to. */
export interface Sink {
  write(data: Uint8Array): Promise<number>;
}

/** Sends messages to the runner: those of one turn in one write. */
export class Outlet {
  readonly #sink: Sink;
  readonly #broken: () => void;
  readonly #encoder = new TextEncoder();
  #lines: string[] = [];
  #pending = 0;
  #lost = 0;
  #writing: Promise<void> | null = null;

  /** `broken` is called when the runner does not read any more. */
  constructor(sink: Sink, broken: () => void) {
    this.#sink = sink;
    this.#broken = broken;
  }

  /** Send `message`. Only log records are ever dropped. */
  send(message: ToRunner): void {
    if (message.kind === "log" && this.#pending > MAX_LOG_PENDING) {
      this.#lost++;
      return;
    }
    const line = `${RECORD_SEPARATOR}${JSON.stringify(message)}\n`;
    this.#lines.push(line);
    this.#pending += line.length;
    this.#writing ??= this.#writeAll();
  }

  /** Resolves when all is written. */
  async flush(): Promise<void> {
    await this.#writing;
  }

  async #writeAll(): Promise<void> {
    await null; // the messages of this turn belong together
    while (this.#lines.length > 0) {
      const text = this.#lines.join("");
      this.#lines = [];
      try {
        await this.#write(this.#encoder.encode(text));
      } catch {
        return this.#broken();
      }
      this.#pending -= text.length;
      if (this.#lost > 0 && this.#pending < MAX_LOG_PENDING) {
        const message = `${this.#lost} log records were lost: the runner was too busy to take them`;
        this.#lost = 0;
        this.send({ kind: "log", level: "warn", message });
      }
    }
    this.#writing = null;
  }

  async #write(data: Uint8Array): Promise<void> {
    for (let at = 0; at < data.length;) at += await this.#sink.write(data.subarray(at));
  }
}
