import type { Logger as TapeLogger, LogLevel as TapeLevel } from "@logtape/logtape";
import type { LogFields, Logger } from "../../services/log.ts";
import { TO_TAPE } from "./_tape.ts";

/** Hands each record to LogTape as it stands: a message is text, never a template with braces to fill. */
export class ServiceLogger implements Logger {
  readonly #tape: TapeLogger;
  readonly #now: () => number;

  constructor(tape: TapeLogger, now: () => number) {
    this.#tape = tape;
    this.#now = now;
  }

  debug(message: string, fields?: LogFields): void {
    this.#emit(TO_TAPE.debug, message, fields);
  }
  info(message: string, fields?: LogFields): void {
    this.#emit(TO_TAPE.info, message, fields);
  }
  warn(message: string, fields?: LogFields): void {
    this.#emit(TO_TAPE.warn, message, fields);
  }
  error(message: string, fields?: LogFields): void {
    this.#emit(TO_TAPE.error, message, fields);
  }

  #emit(level: TapeLevel, message: string, fields: LogFields = {}): void {
    if (!this.#tape.isEnabledFor(level)) return;
    this.#tape.emit({
      level,
      timestamp: this.#now(),
      message: [message],
      rawMessage: message,
      properties: fields,
    });
  }
}
